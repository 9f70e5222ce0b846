//! A spawned task that belongs to a run.

use std::sync::Arc;
use std::task::Waker;

use tokio::task::AbortHandle;

use super::unit::{Alone, Unit};
use crate::children::Children;
use crate::registry::Entry;
use crate::shutdown::task::{Origin, Role, Stopped, Task};
use crate::shutdown::tasks;

/// One that belongs to a run.
pub(crate) struct Child {
    counted: Alone,
    children: Arc<Children>,
    /// Its number among them.
    number: u64,
    /// The supervisor's task that the run is in: what the child asks for, that
    /// one has asked for.
    root: Option<Arc<Task>>,
    /// Its own place in the list of that supervisor, which waits for it.
    task: Option<Arc<Task>>,
}

impl Child {
    /// `None` if the run has ended by now.
    pub(crate) fn of(
        children: Arc<Children>,
        name: fn() -> String,
        origin: Origin,
    ) -> Option<Self> {
        let number = children.join(name)?;
        let root = tasks::current();
        let group = root.as_ref().map(|root| &root.group);
        let task = group.map(|group| group.admit(origin, Role::Child).0);
        Some(Self {
            counted: Alone::new(origin),
            children,
            number,
            root,
            task,
        })
    }

    /// Tells all that may have to drop it how to.
    pub(crate) fn drop_by(&self) -> impl FnOnce(AbortHandle) + use<> {
        let children = Arc::clone(&self.children);
        let (number, task) = (self.number, self.task.clone());
        move |abort| {
            if let Some(task) = task {
                task.can_be_dropped(abort.clone());
            }
            children.can_be_dropped(number, abort);
        }
    }
}

impl Unit for Child {
    fn is_in_good_hands(&self) -> bool {
        false
    }

    fn was_polled(&self) -> bool {
        self.counted.was_polled()
    }

    fn is_found_by_the_hook(&self) -> bool {
        false
    }

    fn may_begin(&self) -> bool {
        true
    }

    fn begin(&mut self, waker: &Waker) -> bool {
        Children::enter(&self.children);
        if let Some(root) = &self.root {
            tasks::enter(root);
        }
        self.counted.begin(waker)
    }

    fn first_poll_is_over(&mut self, entered_run: bool) {
        self.counted.first_poll_is_over(entered_run);
    }

    fn poll_is_over(&self) {}

    fn count(&mut self) -> &'static Entry {
        self.counted.count()
    }

    fn counted_as(&self) -> Option<&'static Entry> {
        self.counted.counted_as()
    }

    fn stopped(&self) -> Option<Stopped> {
        self.root.as_ref()?.stopped()
    }

    fn end(&mut self) {
        let was_polled = self.was_polled();
        if was_polled && self.root.is_some() {
            tasks::leave();
        }
        if let Some(task) = &self.task {
            Task::end(task);
        }
        self.children.leave(self.number, was_polled);
    }
}
