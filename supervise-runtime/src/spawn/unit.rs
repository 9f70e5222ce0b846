//! Whose it is what was spawned: a supervisor's or nobody's.

use std::future::pending;
use std::sync::Arc;
use std::task::Waker;

use tokio::task::JoinHandle;

use crate::log;
use crate::registry::Entry;
use crate::shutdown::task::{Origin, Role, Stopped, Task};
use crate::shutdown::tasks;

/// What there is to see to around a spawned future or closure.
pub(crate) trait Unit {
    /// Whether there is nothing to see to when it is polled.
    fn is_in_good_hands(&self) -> bool;
    fn was_polled(&self) -> bool;
    /// Whether the hook watches what happens in it, once its first poll has begun,
    /// without being told.
    fn is_found_by_the_hook(&self) -> bool;
    /// Whether it was not told to stop so far, or has time to.
    fn may_begin(&self) -> bool;
    /// Its first poll begins, unless it was told to stop before.
    fn begin(&mut self, waker: &Waker) -> bool;
    /// Its first poll is over: what has `entered_run` then is a worker.
    fn first_poll_is_over(&mut self, entered_run: bool);
    /// A poll is over that was not the last.
    fn poll_is_over(&self);
    /// What it is counted as from now on, being no worker.
    fn count(&mut self) -> &'static Entry;
    fn counted_as(&self) -> Option<&'static Entry>;
    /// How it ends if it is dropped now; `None` if that is nobody's wish.
    fn stopped(&self) -> Option<Stopped>;
    /// It is gone.
    fn end(&mut self);
}

/// The handle of what may not begin: of anything else it can't be said that it
/// never does.
#[track_caller]
pub(super) fn cancelled<T: Send + 'static>() -> JoinHandle<T> {
    let nothing = tokio::spawn(pending());
    nothing.abort();
    nothing
}

/// One of a supervisor's.
impl Unit for Arc<Task> {
    #[inline]
    fn is_in_good_hands(&self) -> bool {
        Task::is_in_good_hands(self)
    }

    #[inline]
    fn was_polled(&self) -> bool {
        Task::was_polled(self)
    }

    #[inline]
    fn is_found_by_the_hook(&self) -> bool {
        true
    }

    fn may_begin(&self) -> bool {
        Task::may_begin(self)
    }

    #[inline]
    fn begin(&mut self, waker: &Waker) -> bool {
        Task::begin(self, waker)
    }

    #[inline]
    fn first_poll_is_over(&mut self, _: bool) {
        Task::first_poll_is_over(self);
    }

    #[inline]
    fn poll_is_over(&self) {
        Task::poll_is_over(self);
    }

    fn count(&mut self) -> &'static Entry {
        Task::count(self)
    }

    #[inline]
    fn counted_as(&self) -> Option<&'static Entry> {
        Task::counted_as(self)
    }

    #[inline]
    fn stopped(&self) -> Option<Stopped> {
        Task::stopped(self)
    }

    #[inline]
    fn end(&mut self) {
        Task::end(self);
    }
}

/// One that nobody looks after: it ends by itself, or with its runtime.
pub(crate) struct Alone {
    origin: Origin,
    was_polled: bool,
    counted_as: Option<&'static Entry>,
}

impl Alone {
    pub(super) fn new(origin: Origin) -> Self {
        Self {
            origin,
            was_polled: false,
            counted_as: None,
        }
    }
}

impl Unit for Alone {
    fn is_in_good_hands(&self) -> bool {
        false
    }

    fn was_polled(&self) -> bool {
        self.was_polled
    }

    fn is_found_by_the_hook(&self) -> bool {
        false
    }

    fn may_begin(&self) -> bool {
        true
    }

    fn begin(&mut self, _: &Waker) -> bool {
        self.was_polled = true;
        true
    }

    fn first_poll_is_over(&mut self, entered_run: bool) {
        if !entered_run {
            self.count();
        }
    }

    fn poll_is_over(&self) {}

    fn count(&mut self) -> &'static Entry {
        let origin = self.origin;
        self.counted_as.get_or_insert_with(|| {
            let entry = (origin.entry)(origin.location);
            entry.task_started();
            entry
        })
    }

    fn counted_as(&self) -> Option<&'static Entry> {
        self.counted_as
    }

    fn stopped(&self) -> Option<Stopped> {
        None
    }

    fn end(&mut self) {}
}

/// What is spawned by whatever code: part of the shutdown if that code is.
pub(crate) enum Joined {
    Task(Arc<Task>),
    Alone(Alone),
}

impl Joined {
    pub(crate) fn new(origin: Origin, role: Role, name: fn() -> String) -> Self {
        let Some(around) = tasks::current() else {
            return Self::Alone(Alone::new(origin));
        };
        let (task, is_refused) = around.group.admit(origin, role);
        if is_refused {
            log::not_started(&name());
        }
        Self::Task(task)
    }

    pub(crate) fn task(&self) -> Option<Arc<Task>> {
        match self {
            Self::Task(task) => Some(Arc::clone(task)),
            Self::Alone(_) => None,
        }
    }

    fn as_unit(&self) -> &dyn Unit {
        match self {
            Self::Task(task) => task,
            Self::Alone(alone) => alone,
        }
    }

    fn as_unit_mut(&mut self) -> &mut dyn Unit {
        match self {
            Self::Task(task) => task,
            Self::Alone(alone) => alone,
        }
    }
}

impl Unit for Joined {
    #[inline]
    fn is_in_good_hands(&self) -> bool {
        matches!(self, Self::Task(task) if task.is_in_good_hands())
    }

    fn was_polled(&self) -> bool {
        self.as_unit().was_polled()
    }

    fn is_found_by_the_hook(&self) -> bool {
        matches!(self, Self::Task(_))
    }

    fn may_begin(&self) -> bool {
        self.as_unit().may_begin()
    }

    fn begin(&mut self, waker: &Waker) -> bool {
        self.as_unit_mut().begin(waker)
    }

    fn first_poll_is_over(&mut self, entered_run: bool) {
        self.as_unit_mut().first_poll_is_over(entered_run);
    }

    fn poll_is_over(&self) {
        self.as_unit().poll_is_over();
    }

    fn count(&mut self) -> &'static Entry {
        self.as_unit_mut().count()
    }

    fn counted_as(&self) -> Option<&'static Entry> {
        self.as_unit().counted_as()
    }

    fn stopped(&self) -> Option<Stopped> {
        self.as_unit().stopped()
    }

    fn end(&mut self) {
        self.as_unit_mut().end();
    }
}
