//! The moment of health of a run that keeps its thread busy: it can't tell that
//! itself, and an alert would go on for as long as the run is up.

use std::thread;
use std::time::Duration;

use tokio::time::Instant;
use tracing::dispatcher::{self, Dispatch};

use crate::call::{Call, Health};
use crate::capture::Panicked;
use crate::contain::{contain, discard};
use crate::log::{self, Subject};
use crate::registry::Entry;
use crate::sleeper::Alarm;

/// A run that has to stay up for a while.
struct Unproven<'a> {
    entry: &'static Entry,
    call: usize,
    failures: u64,
    began: Instant,
    healthy_after: Duration,
    subject: Subject<'a>,
    /// Where the worker's own thread logs to.
    log: Dispatch,
}

impl Call {
    /// Calls `f` as the run. While there is something to forgive, somebody else
    /// waits for the moment at which the run is healthy: a thread, if there can
    /// be one. Otherwise it is told when the run ends.
    pub(crate) fn inside_for_long<T>(&mut self, f: impl FnOnce() -> T) -> Result<T, Panicked> {
        let Some(unproven) = self.unproven() else {
            return self.inside(f);
        };
        let is_over = Alarm::default();
        let (result, is_told) = thread::scope(|scope| {
            let name = "supervise-health".to_owned();
            let watch = || unproven.watch(&is_over);
            let witness = thread::Builder::new().name(name).spawn_scoped(scope, watch);
            let result = self.inside(f);
            is_over.ring();
            let is_told = witness.is_ok_and(|witness| witness.join().is_ok_and(|told| told));
            (result, is_told)
        });
        if let Some(past) = self.past.as_mut().filter(|_| is_told) {
            past.health = Health::Good;
            past.history.forgive();
        }
        result
    }

    fn unproven(&self) -> Option<Unproven<'_>> {
        let past = self.past.as_ref()?;
        match past.health {
            Health::Good => None,
            Health::Unproven | Health::Timed => Some(Unproven {
                entry: self.entry,
                call: self.address(),
                failures: past.history.failures(),
                began: self.began?,
                healthy_after: self.plan.policy.get_healthy_after(),
                subject: self.subject(),
                log: dispatcher::get_default(Dispatch::clone),
            }),
        }
    }
}

impl Unproven<'_> {
    /// Tells the moment, unless the run is over before; whether it was told.
    fn watch(&self, is_over: &Alarm) -> bool {
        let left = self.healthy_after.saturating_sub(self.began.elapsed());
        if is_over.wait(Some(left)) {
            return false;
        }
        let failures = forgive(self.entry, self.call, self.failures);
        // Even if others have forgiven all there was: this was the moment.
        if failures > 0 {
            let line = || log::recovered(self.subject, failures, self.healthy_after);
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
