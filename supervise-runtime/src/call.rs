//! What one call of a worker remembers from run to run.
//!
//! It lives in the worker's own future, so it is small: what only a worker
//! needs whose run has ended is in a box, allocated then and kept.

mod ends;
mod health;
mod leavers;
mod shutdown;
mod span;
mod wait;

use std::panic::{RefUnwindSafe, UnwindSafe, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::Instant;
use tracing::Span;

use self::leavers::Leavers;
use crate::capture::{self, Captured, Fresh, Here, Panicked};
use crate::children;
use crate::contain::{self, Payload, contain_in};
use crate::failure::Failure;
use crate::log::{self, Subject};
use crate::policy::{History, Plan, Reason};
use crate::registry::{Entry, closure};
use crate::shutdown::task::Task;
use crate::stack;
use crate::timer::{Timer, Waits};

/// One call of a worker: a sequence of runs.
pub struct Call {
    entry: &'static Entry,
    plan: Arc<Plan>,
    /// The task of a supervisor that has it in its list.
    task: Option<Arc<Task>>,
    /// When the present run began; `None` between runs.
    began: Option<Instant>,
    /// `None` while the present run has nothing that a poll has to see to, but the
    /// panic that it may end with: no span, and nothing of the past.
    span: Option<Span>,
    past: Option<Box<Past>>,
}

/// What is left of the runs that ended, and the limit of the present one.
struct Past {
    /// The number of the present run, from 1.
    run: u64,
    /// When the first run began, from which the history counts.
    epoch: Instant,
    history: History,
    /// During the pause after a run: how the run ended.
    paused: Option<Reason>,
    /// At the end of that pause: the next run may begin, whatever is requested.
    is_admitted: bool,
    health: Health,
    /// Ends the pause, or tells the moment of health: never both at once.
    timer: Timer,
    /// Ends the run.
    timeout: Timer,
    /// The children of the last run, which are to be gone before the next.
    leavers: Leavers,
    /// What making the body of the present run panicked with: not `Sync`, which the
    /// future of a worker may have to be, but in a mutex it is.
    stillborn: Option<Box<Mutex<Panicked>>>,
    /// The last error's text, in memory that the next one reuses.
    message: String,
}

/// When a run began and ended, and what is between.
struct End {
    began: Instant,
    at: Instant,
    uptime: Duration,
}

/// What is known of the present run's health.
enum Health {
    /// Nothing has failed since the last healthy run.
    Good,
    /// It has to stay up first.
    Unproven,
    /// It has to stay up until the timer elapses.
    Timed,
}

/// A run that has no body: making it panicked, or it may not begin.
pub struct Stillborn;

impl Past {
    fn new(epoch: Instant) -> Self {
        Self {
            run: 1,
            epoch,
            history: History::default(),
            paused: None,
            is_admitted: false,
            health: Health::Good,
            timer: Timer::default(),
            timeout: Timer::default(),
            leavers: Leavers::default(),
            stillborn: None,
            message: String::new(),
        }
    }

    /// The memory of a call, from the first time that there is something to
    /// remember; `began` is when the present run did.
    #[inline]
    fn of(past: &mut Option<Box<Self>>, began: Instant) -> &mut Self {
        past.get_or_insert_with(|| Box::new(Self::new(began)))
    }

    /// The pause after a run is over: how that run ended.
    #[inline]
    fn resume(&mut self) -> Option<Reason> {
        let reason = self.paused.take()?;
        self.is_admitted = false;
        self.run += 1;
        Some(reason)
    }

    /// The wait counts from the end of the run, whatever telling of it takes.
    #[inline]
    fn pause(&mut self, after: Reason, ended: Instant, wait: Duration) {
        self.paused = Some(after);
        self.timer.set(ended, wait);
    }
}

impl Call {
    pub(crate) fn new(entry: &'static Entry, plan: Arc<Plan>) -> Self {
        Self {
            entry,
            plan,
            task: None,
            began: None,
            span: Some(Span::none()),
            past: None,
        }
    }

    /// Begins a run by making what its body is made of: its own `self`, or all of
    /// it by a closure.
    ///
    /// # Errors
    ///
    /// Making it panicked, which the attempt takes for the run's failure; or no
    /// run may begin any more.
    pub fn prepare<A>(&mut self, make: impl FnOnce() -> A) -> Result<A, Stillborn> {
        self.begin();
        if !self.is_running() {
            return Err(Stillborn);
        }
        self.inside(make).map_err(|panicked| {
            let began = self.began.unwrap_or_else(Instant::now);
            Past::of(&mut self.past, began).stillborn = Some(Box::new(Mutex::new(panicked)));
            self.is_not_plain();
            Stillborn
        })
    }

    /// The panic of a run that has no body, if that is why.
    pub(crate) fn take_stillborn(&mut self) -> Option<Panicked> {
        let panicked = self.past.as_mut()?.stillborn.take()?.into_inner();
        Some(panicked.unwrap_or_else(PoisonError::into_inner))
    }

    /// Begins a run, unless one is under way, or the shutdown was requested.
    ///
    /// The expansion does so before it makes the body, which then is made where it
    /// stays: a body that was there already might have to be dropped from here.
    pub fn begin(&mut self) {
        if self.is_running() || !self.may_begin() {
            return;
        }
        let now = Instant::now();
        if let Some(timeout) = self.plan.policy.get_timeout() {
            let past = Past::of(&mut self.past, now);
            past.timeout.set(now, timeout);
        }
        self.began = Some(now);
        if let Some(reason) = self.past.as_mut().and_then(|past| past.resume()) {
            self.entry.restarted(self.address(), now, reason);
        } else {
            self.entry.started(now, self.plan.every);
            if capture::enters_run() == Fresh::Call && !closure::is_worker() {
                capture::enters_no_run();
            }
        }
        if self.has_failed() {
            Past::of(&mut self.past, now).health = Health::Unproven;
        }
        let (worker, run) = (self.entry.name, self.number());
        self.close_span();
        let span = log::span(worker, run);
        log::started(Subject {
            worker,
            run,
            span: &span,
        });
        if !span.is_disabled() {
            self.span = Some(span);
        } else if self.past.is_none() {
            self.span = None;
        }
    }

    /// Whether a run is under way.
    #[inline]
    pub(crate) fn is_running(&self) -> bool {
        self.began.is_some()
    }

    /// Calls `f` as part of the run: in its span, with the hook watching.
    #[inline]
    pub(crate) fn inside<T>(&self, f: impl FnOnce() -> T) -> Result<T, Panicked> {
        self.seen(capture::watched(self.here(), || contain_in(self.span(), f)))
    }

    /// Whether there is something to remember.
    #[inline]
    pub(crate) fn has_past(&self) -> bool {
        self.past.is_some()
    }

    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.span.is_none()
    }

    #[inline]
    pub(crate) fn seen<T>(&self, result: Result<T, Payload>) -> Result<T, Panicked> {
        capture::seen(self.here(), result)
    }

    #[inline]
    pub(crate) fn here(&self) -> Here {
        Here {
            places: &self.entry.places,
            run: self.address(),
        }
    }

    /// Calls `f`, which gets rid of something that a run left behind. The end
    /// of that run stands; a panic now is a matter of its own.
    ///
    /// One piece of code for all workers: a program has hundreds.
    pub(crate) fn clean_up(&self, f: &mut dyn FnMut()) {
        self.clean_up_at_once(f);
    }

    /// The same for what each run has to get rid of.
    #[inline]
    pub(crate) fn clean_up_at_once(&self, f: impl FnOnce()) {
        if let Err(panicked) = self.inside(f) {
            self.clean_up_panicked(panicked);
        }
    }

    #[cold]
    #[inline(never)]
    fn clean_up_panicked(&self, Panicked { payload, captured }: Panicked) {
        self.entry.panicked();
        let stack = resolve(captured.as_ref());
        let message = contain::message(&*payload);
        log::clean_up_panicked(self.subject(), captured.as_ref(), stack.as_deref(), message);
        capture::let_go(captured);
        contain::discard(payload);
    }

    /// While a run is up: notes the moment at which it is healthy. Ready when it
    /// has taken longer than it may.
    #[inline]
    pub(crate) fn poll_limits(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.past.is_none() {
            return Poll::Pending;
        }
        self.poll_limits_with_past(cx)
    }

    #[cold]
    fn poll_limits_with_past(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(began) = self.began else {
            return Poll::Pending;
        };
        let policy = &self.plan.policy;
        let (healthy_after, timeout) = (policy.get_healthy_after(), policy.get_timeout());
        let past = Past::of(&mut self.past, began);
        if let Health::Unproven = past.health {
            past.timer.set(began, healthy_after);
            // Without timers, which only a pause can't do without, health is
            // told when the run ends.
            past.health = if past.timer.begin() {
                Health::Timed
            } else {
                Health::Good
            };
        }
        if matches!(past.health, Health::Timed) && past.timer.poll_at_once(cx).is_ready() {
            // Even if others have forgiven all there was: this was the moment.
            past.health = Health::Good;
            self.recover(began.elapsed());
        }
        match timeout {
            Some(_) => Past::of(&mut self.past, began).timeout.poll_at_once(cx),
            None => Poll::Pending,
        }
    }

    /// Between runs: waits until the next one may begin, which is never once the
    /// shutdown was requested.
    ///
    /// One piece of code for all futures.
    pub(crate) fn poll_pause(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_pause_of(cx)
    }

    /// The same, in a task or on a thread.
    #[inline]
    fn poll_pause_of(&mut self, waiter: &mut impl Waits) -> Poll<()> {
        if children::any() {
            self.drop_children();
        }
        let is_over = match self.ordered_in_a_pause() {
            Some(Poll::Pending) => return Poll::Pending,
            Some(Poll::Ready(())) => true,
            None => false,
        };
        let Some(past) = &mut self.past else {
            return Poll::Ready(());
        };
        if is_over {
            past.timer.stop();
        }
        let subject = Subject {
            worker: self.entry.name,
            run: past.run,
            span: span::of(self.span.as_ref()),
        };
        ready!(past.leavers.poll(subject, waiter));
        waiter.poll(&mut past.timer)
    }

    /// When the run began, which is over.
    #[inline]
    fn take_began(&mut self) -> Option<Instant> {
        self.is_not_plain();
        self.began.take()
    }

    #[inline]
    fn end(&mut self) -> End {
        let at = Instant::now();
        let began = self.take_began().unwrap_or(at);
        let uptime = at.duration_since(began);
        End { began, at, uptime }
    }

    /// Whether there are failures for a healthy run to forgive.
    fn has_failed(&self) -> bool {
        let failures = self.past.as_ref().map_or(0, |past| past.history.failures());
        failures > 0 || self.entry.is_unforgiven()
    }

    /// The worker is healthy again, if it was not, and says so.
    fn recover(&mut self, uptime: Duration) {
        if self.has_failed() {
            let failures = self.forgive();
            log::recovered(self.subject(), failures, uptime);
        }
    }

    /// Forgets the failures so far, also those of calls that gave up; how many
    /// there were.
    fn forgive(&mut self) -> u64 {
        let mut failures = 0;
        if let Some(past) = &mut self.past {
            past.health = Health::Good;
            failures = past.history.forgive();
        }
        health::forgive(self.entry, self.address(), failures)
    }

    /// What it is known by from its first run to its end: it lives in a future
    /// that is pinned by then, or on a stack.
    #[inline]
    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The number of the present run, or of the last one.
    #[inline]
    fn number(&self) -> u64 {
        self.past.as_ref().map_or(1, |past| past.run)
    }

    #[inline]
    fn subject(&self) -> Subject<'_> {
        Subject {
            worker: self.entry.name,
            run: self.number(),
            span: self.span(),
        }
    }
}

/// A call that is dropped, or whose task is aborted, was cancelled.
impl Drop for Call {
    fn drop(&mut self) {
        let paused = self.past.as_ref().and_then(|past| past.paused);
        if self.began.is_some() || paused.is_some() {
            self.cancelled(paused);
        }
        if self.past.is_some() {
            self.entry.left(self.address(), paused);
        }
        if children::any() {
            self.drop_children();
        }
        if let Some(task) = self.task.take() {
            task.worker_left(self.entry, paused.is_some());
        }
        self.close_span();
    }
}

/// What could be seen half-changed after a panic is our own, and never is.
impl UnwindSafe for Call {}
impl RefUnwindSafe for Call {}

impl Panicked {
    /// The error that stands for this panic of `call`.
    pub(crate) fn failure(&self, call: &Call, stack: Option<String>) -> Failure {
        Failure::of_panic(self, call.entry.name, stack)
    }

    /// Lets the panic go on to whoever is around the worker.
    pub(crate) fn resume(self) -> ! {
        // The stack has been told.
        let captured = self.captured.map(|captured| Captured {
            stack: None,
            ..captured
        });
        capture::hand_on(&self.payload, captured);
        resume_unwind(self.payload)
    }
}

fn resolve(captured: Option<&Captured>) -> Option<String> {
    captured
        .and_then(|captured| captured.stack.as_deref())
        .map(stack::resolve)
}
