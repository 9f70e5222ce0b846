//! The moment of health of a run that keeps its thread busy: it can't tell that
//! itself, and an alert would go on for as long as the run is up.

use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::time::Instant;
use tracing::Span;
use tracing::dispatcher::{self, Dispatch};

use crate::call::{Call, Health};
use crate::capture::{self, Panicked};
use crate::contain::{contain, contain_in, discard};
use crate::log::{self, Subject};
use crate::registry::Entry;
use crate::sleeper::Alarm;

/// A thread that waits for the moment. Not a scoped one: that would unpark the
/// thread of the run when it ends.
struct Witness {
    is_over: Arc<Alarm>,
    thread: JoinHandle<bool>,
}

/// A run that has to stay up for a while.
struct Unproven {
    entry: &'static Entry,
    call: usize,
    run: u64,
    span: Span,
    failures: u64,
    began: Instant,
    healthy_after: Duration,
    /// Where the thread of the run logs to.
    log: Dispatch,
}

impl Call {
    /// Calls `f` as the run. While there is something to forgive, somebody else
    /// waits for the moment at which the run is healthy. Without more threads it
    /// is told when the run ends.
    pub(crate) fn inside_for_long<T>(&mut self, f: impl FnOnce() -> T) -> Result<T, Panicked> {
        let witness = self.unproven().and_then(Witness::new);
        let contained = || contain_in(self.span(), f);
        let result = self.seen(capture::watched_on_its_thread(self.here(), contained));
        let is_told = witness.is_some_and(Witness::has_told);
        if let Some(past) = self.past.as_mut().filter(|_| is_told) {
            past.health = Health::Good;
            past.history.forgive();
        }
        result
    }

    fn unproven(&self) -> Option<Unproven> {
        let past = self.past.as_ref()?;
        if let Health::Good = past.health {
            return None;
        }
        Some(Unproven {
            entry: self.entry,
            call: self.address(),
            run: past.run,
            span: self.span().clone(),
            failures: past.history.failures(),
            began: self.began?,
            healthy_after: self.plan.policy.get_healthy_after(),
            log: dispatcher::get_default(Dispatch::clone),
        })
    }
}

impl Witness {
    #[expect(
        clippy::disallowed_methods,
        reason = "what it calls of the user's is contained"
    )]
    fn new(of: Unproven) -> Option<Self> {
        let is_over = Arc::new(Alarm::default());
        let alarm = Arc::clone(&is_over);
        let named = Builder::new().name("supervise-health".into());
        let thread = named.spawn(move || of.watch(&alarm)).ok()?;
        Some(Self { is_over, thread })
    }

    /// The run is over: whether its health was told before.
    fn has_told(self) -> bool {
        self.is_over.ring();
        self.thread.join().unwrap_or(false)
    }
}

impl Unproven {
    /// Tells the moment, unless the run is over before; whether it was told.
    fn watch(&self, is_over: &Alarm) -> bool {
        let left = self.healthy_after.saturating_sub(self.began.elapsed());
        if is_over.wait(Some(left)) {
            return false;
        }
        let failures = forgive(self.entry, self.call, self.failures);
        // Even if others have forgiven all there was: this was the moment.
        if failures > 0 {
            let subject = Subject {
                worker: self.entry.name,
                run: self.run,
                span: &self.span,
            };
            let line = || log::recovered(subject, failures, self.healthy_after);
            contain(|| dispatcher::with_default(&self.log, line)).unwrap_or_else(discard);
        }
        true
    }
}

/// Forgets so many failures of a call, and those of calls of its name that gave
/// up; how many there were.
pub(super) fn forgive(entry: &Entry, call: usize, failures: u64) -> u64 {
    let others = entry.forgive_those_that_gave_up();
    if failures > 0 {
        entry.recovered(call);
    }
    failures.max(others)
}
