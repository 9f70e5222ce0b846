//! What is wrong with a worker, if anything is.

use std::time::SystemTime;

use crate::status::{PeriodicStatus, WorkerStatus};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// One of them gave up, and none of this name was started since.
    GaveUp,
    /// One of them failed, and no run was healthy since.
    Failing,
    /// Three periods have passed since a tick succeeded.
    Late,
}

impl Trouble {
    /// From so many failures in a row on, it is a crash loop to the log and the
    /// alerts, too.
    const CRASH_LOOP: u64 = 5;

    pub(super) fn of(worker: &WorkerStatus, now: SystemTime) -> Option<Self> {
        let is_up = worker.running + worker.waiting + worker.scheduled > 0;
        if worker.gave_up > 0 {
            Some(Self::GaveUp)
        } else if is_up && (worker.waiting > 0 || worker.consecutive_failures > 0) {
            Some(Self::Failing)
        } else if is_up
            && worker
                .periodic
                .as_ref()
                .is_some_and(|periodic| is_late(periodic, now))
        {
            Some(Self::Late)
        } else {
            None
        }
    }

    /// By which the page sorts the workers: the worst have the least, critical ones
    /// before others. It does not change with each failure, or they would be at
    /// another place at each look.
    pub(super) fn rank(trouble: Option<Self>, worker: &WorkerStatus) -> (u8, bool) {
        let rank = match trouble {
            Some(Self::GaveUp) => 0,
            Some(Self::Failing) if worker.consecutive_failures >= Self::CRASH_LOOP => 1,
            Some(Self::Failing) => 2,
            Some(Self::Late) => 3,
            None => 4,
        };
        (rank, trouble.is_some() && !worker.critical)
    }

    /// The word for it in JSON.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::GaveUp => "gave_up",
            Self::Failing => "failing",
            Self::Late => "late",
        }
    }
}

/// By the rule of the alert in `examples/monitoring`.
fn is_late(periodic: &PeriodicStatus, now: SystemTime) -> bool {
    let last = periodic.last_success.unwrap_or(periodic.first_start);
    let since = now.duration_since(last).unwrap_or_default();
    since > periodic.period.saturating_mul(3)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::status::TickDurations;

    #[test]
    fn late_is_more_than_three_periods_after_the_last_success_or_the_first_start() {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        let mut periodic = PeriodicStatus {
            period: minutes(1),
            first_start: start,
            last_success: None,
            tick_durations: TickDurations {
                counts: Default::default(),
                total: Duration::ZERO,
            },
        };
        let moment = Duration::from_millis(1);
        assert!(!is_late(&periodic, start + minutes(3)));
        assert!(is_late(&periodic, start + minutes(3) + moment));
        periodic.last_success = Some(start + minutes(10));
        assert!(!is_late(&periodic, start + minutes(13)));
        assert!(is_late(&periodic, start + minutes(13) + moment));
        assert!(!is_late(&periodic, start), "the clock was set back");
        periodic.period = Duration::MAX;
        assert!(!is_late(&periodic, start + minutes(1_000)));
    }
}
