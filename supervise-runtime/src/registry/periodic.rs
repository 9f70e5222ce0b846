//! The numbers that only periodic workers have.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, SystemTime};

use super::entry::add;
use super::lock;
use crate::status::{PeriodicStatus, TickDurations};

pub(super) struct Periodic {
    period: Duration,
    first_start: SystemTime,
    last_success: Mutex<Option<SystemTime>>,
    /// By upper bound; the last has none.
    ticks: [AtomicU64; TickDurations::BOUNDS.len() + 1],
    /// Microseconds: half a million years of them.
    total: AtomicU64,
}

impl Periodic {
    pub(super) fn new(period: Duration) -> Self {
        Self {
            period,
            first_start: SystemTime::now(),
            last_success: Mutex::default(),
            ticks: Default::default(),
            total: AtomicU64::default(),
        }
    }

    /// A tick ended, at `success` if it was one.
    pub(super) fn ticked(&self, took: Duration, success: Option<SystemTime>) {
        let bounds = TickDurations::BOUNDS.iter();
        let bucket = bounds.filter(|bound| took > **bound).count();
        add(&self.ticks[bucket]);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.total.fetch_add(micros, SeqCst);
        if success.is_some() {
            *lock(&self.last_success) = success;
        }
    }

    pub(super) fn status(&self) -> PeriodicStatus {
        PeriodicStatus {
            period: self.period,
            first_start: self.first_start,
            last_success: *lock(&self.last_success),
            tick_durations: TickDurations {
                counts: self.ticks.each_ref().map(|count| count.load(SeqCst)),
                total: Duration::from_micros(self.total.load(SeqCst)),
            },
        }
    }
}
