//! Workers of one name, and what they themselves count of what they do.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use crate::fate::Fate;

/// How a run did end; the words are those of the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Finished,
    Error,
    Panic,
    Timeout,
    Cancelled,
}

impl End {
    pub const ALL: [Self; 5] = [
        Self::Finished,
        Self::Error,
        Self::Panic,
        Self::Timeout,
        Self::Cancelled,
    ];

    pub fn as_str(self) -> &'static str {
        ["finished", "error", "panic", "timeout", "cancelled"][self as usize]
    }

    pub fn is_failure(self) -> bool {
        matches!(self, Self::Error | Self::Panic | Self::Timeout)
    }
}

/// Workers of one name.
pub struct Pool {
    pub name: &'static str,
    /// The longest that a run sleeps before it meets its fate.
    pub longest: Duration,
    /// What chance chooses from. The first run of each worker meets the first
    /// of them, so that it has failed, and owns what it will ever own, early.
    pub fates: &'static [Fate],
    /// Whether a success of a run is no reason to count a restart after it.
    pub is_periodic: bool,
    pub counts: Counts,
}

/// What the program has done to the workers of a pool.
pub struct Counts {
    pub starts: AtomicU64,
    pub ends: [AtomicU64; End::ALL.len()],
    /// Panics in runs and in the clean-up after them.
    pub panics: AtomicU64,
    /// Runs that followed another of the same call, by the end of that other.
    pub restarts: [AtomicU64; End::ALL.len()],
    pub gave_up: AtomicU64,
    fates: [AtomicU64; Fate::ALL.len()],
}

impl Pool {
    pub const fn new(name: &'static str, longest: Duration, fates: &'static [Fate]) -> Self {
        Self {
            name,
            longest,
            fates,
            is_periodic: false,
            counts: Counts {
                starts: AtomicU64::new(0),
                ends: [const { AtomicU64::new(0) }; End::ALL.len()],
                panics: AtomicU64::new(0),
                restarts: [const { AtomicU64::new(0) }; End::ALL.len()],
                gave_up: AtomicU64::new(0),
                fates: [const { AtomicU64::new(0) }; Fate::ALL.len()],
            },
        }
    }

    pub const fn periodic(mut self) -> Self {
        self.is_periodic = true;
        self
    }

    /// Runs that failed.
    pub fn failures(&self) -> u64 {
        let failures = End::ALL.into_iter().filter(|end| end.is_failure());
        failures
            .map(|end| get(&self.counts.ends[end as usize]))
            .sum()
    }

    /// Whether all that can happen to its workers has happened.
    pub fn has_seen_all(&self) -> bool {
        self.fates.iter().all(|&fate| self.met(fate) > 0)
    }

    pub fn met(&self, fate: Fate) -> u64 {
        get(&self.counts.fates[fate as usize])
    }

    pub fn meet(&self, fate: Fate) {
        add(&self.counts.fates[fate as usize]);
    }

    pub fn panicked(&self) {
        add(&self.counts.panics);
    }
}

pub fn add(counter: &AtomicU64) {
    counter.fetch_add(1, SeqCst);
}

pub fn get(counter: &AtomicU64) -> u64 {
    counter.load(SeqCst)
}
