//! What anyone may know of the workers: the registry's numbers as plain data.

use std::fmt;
use std::ops::Index;
use std::panic::Location;
use std::time::{Duration, SystemTime};

use crate::place::Place;
use crate::policy::{Reason, Restart};

/// The workers of one name, as [`workers`](crate::workers) found them.
///
/// `starts` is always the sum of `exits` and `running`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WorkerStatus {
    /// The name, which is the label `worker` of the metrics.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Where the worker is defined; of a task, where the first was spawned; of
    /// requests, where the first layer was made.
    pub location: &'static Location<'static>,
    /// After which ends it is run again, in the first of them.
    pub restart: Restart,
    /// Whether its end before a shutdown is the end of its supervisor.
    pub critical: bool,
    /// Whether one of them has said so ([`ready`](crate::ready)), or has stayed up
    /// for 5 seconds: it remains so.
    pub ready: bool,
    /// How many of them run.
    pub running: u64,
    /// How many wait for their restart after a failure.
    pub waiting: u64,
    /// How many pause before their next run without having failed.
    pub scheduled: u64,
    /// How many gave up since a worker of this name was last started.
    pub gave_up: u64,
    /// Of a single worker, since when it is in its state; of many, when the first
    /// of those that are up was started, or one of them last failed, paused or was
    /// restarted. `None` of requests and tasks, and once none is up and none gave up:
    /// when they ended is not kept.
    pub since: Option<SystemTime>,
    /// Runs that began.
    pub starts: u64,
    /// Runs that ended, by reason.
    pub exits: ByReason,
    /// Runs that followed another of the same call, by the end of that other.
    pub restarts: ByReason,
    /// Panics in runs, or in requests, and in the clean-up after them.
    pub panics: u64,
    /// How often one gave up.
    pub gave_up_total: u64,
    /// Failures since the last healthy run; of a pool the highest.
    pub consecutive_failures: u64,
    /// The last eight failures of any of them, the latest first. Those at one
    /// place, and errors that say the same, are one.
    pub last_failures: Vec<LastFailure>,
    /// When the first of those that wait or are scheduled will run again.
    pub next_start: Option<SystemTime>,
    /// What there is to know of ticks, if it is a periodic worker.
    pub periodic: Option<PeriodicStatus>,
}

/// What it is that is contained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A worker: an annotated function, or the closure of a
    /// [`Worker`](crate::Worker).
    Worker,
    /// The requests that pass a layer (feature `tower`). There is nothing to tell
    /// of them but their panics: neither starts nor exits.
    Request,
    /// What this crate has spawned ([`spawn`](crate::spawn) and its like,
    /// [`Supervisor`](crate::Supervisor)) and is no worker.
    Task,
}

impl Kind {
    /// The word for it in the metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Worker => "worker",
            Self::Request => "request",
            Self::Task => "task",
        }
    }
}

impl WorkerStatus {
    /// The last failure of any of them.
    #[must_use]
    pub fn last_failure(&self) -> Option<&LastFailure> {
        self.last_failures.first()
    }
}

/// Failed runs of a worker: all panics at one place, or all errors that say the
/// same.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LastFailure {
    /// How they failed.
    pub reason: Reason,
    /// The message of the latest panic, or the error with its sources. Of one that
    /// is longer than 4 KiB the beginning, with a mark that says how much more there
    /// was.
    pub message: String,
    /// Where they panicked.
    pub place: Option<Place>,
    /// How many there were since this was last one of the last eight.
    pub count: u64,
    /// When the latest was.
    pub at: SystemTime,
}

/// What there is to know of a periodic worker.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PeriodicStatus {
    /// The time from one tick to the next.
    pub period: Duration,
    /// When the first of them was first started.
    pub first_start: SystemTime,
    /// When a tick last succeeded.
    pub last_success: Option<SystemTime>,
    /// How long the ticks took, failed ones included.
    pub tick_durations: TickDurations,
}

/// How long the ticks of a periodic worker took.
#[derive(Clone, Copy, Debug)]
pub struct TickDurations {
    pub(crate) counts: [u64; Self::BOUNDS.len() + 1],
    pub(crate) total: Duration,
}

impl TickDurations {
    /// What the ticks are sorted by: from a quick look to a nightly job.
    pub(crate) const BOUNDS: [Duration; 7] = [
        Duration::from_millis(10),
        Duration::from_millis(100),
        Duration::from_secs(1),
        Duration::from_secs(10),
        Duration::from_secs(60),
        Duration::from_secs(600),
        Duration::from_secs(3600),
    ];

    /// How many ticks ended.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How long they took, all together.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.total
    }
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
#[derive(Clone, Copy, Default, PartialEq, Eq)]
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

/// `{Finished: 2, Error: 0, …}`
impl fmt::Debug for ByReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Index<Reason> for ByReason {
    type Output = u64;

    fn index(&self, reason: Reason) -> &u64 {
        &self.0[reason as usize]
    }
}
