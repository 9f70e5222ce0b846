//! What anyone may know of the workers: the registry's numbers as plain data.

use std::ops::Index;
use std::panic::Location;
use std::time::SystemTime;

use crate::capture::Place;
use crate::policy::{Reason, Restart};

/// The workers of one name, as [`workers`](crate::workers) found them.
///
/// `starts` is always the sum of `exits` and `running`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WorkerStatus {
    /// The name, which is the label `worker` of the metrics.
    pub name: &'static str,
    /// Where the worker is defined.
    pub location: &'static Location<'static>,
    /// After which ends it is run again.
    pub restart: Restart,
    /// How many of them run.
    pub running: u64,
    /// How many wait for their restart after a failure.
    pub waiting: u64,
    /// How many pause before their next run without having failed.
    pub scheduled: u64,
    /// How many gave up since a worker of this name was last started.
    pub gave_up: u64,
    /// Runs that began.
    pub starts: u64,
    /// Runs that ended, by reason.
    pub exits: ByReason,
    /// Runs that followed another of the same call, by the end of that other.
    pub restarts: ByReason,
    /// Panics in runs and in the clean-up after them.
    pub panics: u64,
    /// How often one gave up.
    pub gave_up_total: u64,
    /// Failures since the last healthy run; of a pool the highest.
    pub consecutive_failures: u64,
    /// The last failure of any of them.
    pub last_failure: Option<LastFailure>,
    /// When the first of those that wait will run again.
    pub next_start: Option<SystemTime>,
}

/// The last failed run of a worker.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LastFailure {
    /// How it failed.
    pub reason: Reason,
    /// The message of the panic, or the error with its sources.
    pub message: String,
    /// Where it panicked.
    pub place: Option<Place>,
    /// When.
    pub at: SystemTime,
}

/// One number for each [`Reason`].
///
/// # Examples
///
/// ```
/// use supervise::Reason;
///
/// for worker in supervise::workers() {
///     println!("{}: {} panicked", worker.name, worker.exits[Reason::Panic]);
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByReason(pub(crate) [u64; Reason::ALL.len()]);

impl ByReason {
    /// The sum over all reasons.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Each reason with its number.
    pub fn iter(&self) -> impl Iterator<Item = (Reason, u64)> + use<> {
        Reason::ALL.into_iter().zip(self.0)
    }
}

impl Index<Reason> for ByReason {
    type Output = u64;

    fn index(&self, reason: Reason) -> &u64 {
        &self.0[reason as usize]
    }
}
