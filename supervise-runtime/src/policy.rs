//! What follows a run: the data of a policy and the decision, without clock,
//! randomness or I/O, so that every rule can be tested as a function.

use std::time::Duration;

/// After which ends of a run a worker is run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Restart {
    /// `restart = false`: one run; a failure is contained, logged and counted.
    Never,
    /// `restart = "on_panic"`: again after a panic; an `Err` ends the worker.
    OnPanic,
    /// `restart = true`: again after a panic or an `Err`.
    OnFailure,
    /// `restart = "always"`: again after a failure and after a return.
    Always,
}

impl Restart {
    /// The word for it in the attribute, the log and the metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::OnPanic => "on_panic",
            Self::OnFailure => "on_failure",
            Self::Always => "always",
        }
    }
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// It returned, and not an `Err`.
    Finished,
    /// It returned an `Err`.
    Error,
    /// It panicked.
    Panic,
    /// It took longer than its `timeout`.
    Timeout,
    /// Shutdown was requested.
    Shutdown,
    /// Its future was dropped, or its task aborted.
    Cancelled,
}

impl Reason {
    /// Every reason, in the order of their numbers.
    pub(crate) const ALL: [Self; 6] = [
        Self::Finished,
        Self::Error,
        Self::Panic,
        Self::Timeout,
        Self::Shutdown,
        Self::Cancelled,
    ];

    /// The word for it in the log and the metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Error => "error",
            Self::Panic => "panic",
            Self::Timeout => "timeout",
            Self::Shutdown => "shutdown",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The waits before restarts: doubling from `first`, never above `cap`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    cap: Duration,
}

impl Backoff {
    /// Waits that double from `first` and never exceed `cap`; constant ones if
    /// the two are equal.
    #[must_use]
    pub const fn doubling(first: Duration, cap: Duration) -> Self {
        Self { first, cap }
    }

    /// `min(cap, first · 2^(failures - 1))`, for any number of failures.
    fn wait(&self, failures: u64) -> Duration {
        let first = self.first.as_nanos();
        let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        if first == 0 {
            Duration::ZERO
        } else if doublings >= first.leading_zeros() {
            self.cap
        } else {
            from_nanos(first << doublings).min(self.cap)
        }
    }
}

/// When to restart a worker, and how long to wait before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    restart: Restart,
    backoff: Backoff,
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

impl Policy {
    /// No restart; if there is one after all, waits of 1 s doubling to 1 min.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            restart: Restart::Never,
            backoff: Backoff::doubling(Duration::from_secs(1), Duration::from_secs(60)),
        }
    }

    /// After which ends to restart.
    #[must_use]
    pub const fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    /// How long to wait before a restart.
    #[must_use]
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    pub(crate) const fn restarts(&self) -> Restart {
        self.restart
    }

    /// How long a run must stay up to be healthy: twice the longest wait, so
    /// that a worker which barely lives cannot reset its own backoff.
    pub(crate) fn healthy_after(&self) -> Duration {
        const LEAST: Duration = Duration::from_secs(10);
        const MOST: Duration = Duration::from_secs(600);
        self.backoff.cap.saturating_mul(2).clamp(LEAST, MOST)
    }

    /// What follows a run that ended for `reason`. `failures` counts the
    /// consecutive ones, this run's included; `draw` is the jitter's random
    /// number.
    pub(crate) fn after(&self, reason: Reason, failures: u64, draw: u32) -> Next {
        let again = match reason {
            Reason::Finished => self.restart == Restart::Always,
            Reason::Panic | Reason::Timeout => self.restart != Restart::Never,
            Reason::Error => matches!(self.restart, Restart::OnFailure | Restart::Always),
            Reason::Shutdown | Reason::Cancelled => false,
        };
        match reason {
            _ if again => Next::Wait(jittered(self.backoff.wait(failures), draw)),
            Reason::Finished | Reason::Shutdown | Reason::Cancelled => Next::Stop,
            Reason::Error | Reason::Panic | Reason::Timeout => Next::GiveUp,
        }
    }
}

/// What follows a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A new run, after this wait.
    Wait(Duration),
    /// Nothing: the worker is done.
    Stop,
    /// Nothing: the worker failed and the policy allows no further restart.
    GiveUp,
}

/// A wait drawn evenly from `[wait / 2, wait]`: workers that failed together
/// do not come back together, and no wait exceeds the one asked for.
fn jittered(wait: Duration, draw: u32) -> Duration {
    let half = wait.as_nanos() / 2;
    wait.saturating_sub(from_nanos((half * u128::from(draw)) >> u32::BITS))
}

fn from_nanos(nanos: u128) -> Duration {
    const PER_SECOND: u128 = 1_000_000_000;
    let Ok(seconds) = u64::try_from(nanos / PER_SECOND) else {
        return Duration::MAX;
    };
    let nanos = u32::try_from(nanos % PER_SECOND).unwrap_or_default();
    Duration::new(seconds, nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn constant(wait: Duration) -> Backoff {
        Backoff::doubling(wait, wait)
    }

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn waits_double_from_the_first_and_stop_at_the_cap() {
        let backoff = Backoff::doubling(secs(1), secs(60));
        let waits: Vec<_> = (1..=8).map(|n| backoff.wait(n).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn waits_never_overflow_and_never_shrink() {
        for (first, cap) in [
            (Duration::from_nanos(1), Duration::MAX),
            (secs(10_000 * 86_400), Duration::MAX),
            (Duration::MAX, Duration::MAX),
            (Duration::from_millis(3), secs(60)),
        ] {
            let backoff = Backoff::doubling(first, cap);
            let mut last = Duration::ZERO;
            for failures in (1..200).chain([1 << 32, u64::MAX]) {
                let wait = backoff.wait(failures);
                assert!(last <= wait && wait <= cap, "{backoff:?} after {failures}");
                last = wait;
            }
            assert_eq!(last, cap);
        }
    }

    #[test]
    fn a_zero_wait_stays_zero() {
        let backoff = constant(Duration::ZERO);
        assert_eq!(backoff.wait(u64::MAX), Duration::ZERO);
        assert_eq!(jittered(Duration::ZERO, u32::MAX), Duration::ZERO);
    }

    #[test]
    fn jitter_covers_the_upper_half_and_never_exceeds_the_wait() {
        for wait in [secs(60), Duration::from_nanos(3), Duration::MAX] {
            assert_eq!(jittered(wait, 0), wait);
            let least = jittered(wait, u32::MAX);
            assert!(least >= wait / 2, "{wait:?} shortened to {least:?}");
            assert!(least <= wait / 2 + wait / 1000 + Duration::from_nanos(2));
        }
        let mean = (0..=1000)
            .map(|i| jittered(secs(60), u32::MAX / 1000 * i).as_secs_f64())
            .sum::<f64>()
            / 1001.0;
        assert!((mean - 45.0).abs() < 0.1, "mean {mean}");
    }

    #[test]
    fn healthy_after_is_twice_the_cap_within_ten_seconds_and_ten_minutes() {
        let healthy = |backoff| Policy::new().backoff(backoff).healthy_after();
        assert_eq!(Policy::new().healthy_after(), secs(120));
        assert_eq!(healthy(constant(Duration::ZERO)), secs(10));
        assert_eq!(healthy(constant(secs(3))), secs(10));
        assert_eq!(
            healthy(Backoff::doubling(secs(1), Duration::MAX)),
            secs(600)
        );
    }

    #[test]
    fn each_policy_restarts_after_exactly_the_ends_it_names() {
        use Reason::{Cancelled, Error, Finished, Panic, Shutdown, Timeout};
        let table = [
            (Restart::Never, &[][..]),
            (Restart::OnPanic, &[Panic, Timeout]),
            (Restart::OnFailure, &[Panic, Timeout, Error]),
            (Restart::Always, &[Panic, Timeout, Error, Finished]),
        ];
        for (restart, again) in table {
            let policy = Policy::new().restart(restart);
            for reason in Reason::ALL {
                let expected = if again.contains(&reason) {
                    Next::Wait(secs(1))
                } else if matches!(reason, Finished | Shutdown | Cancelled) {
                    Next::Stop
                } else {
                    Next::GiveUp
                };
                assert_eq!(
                    policy.after(reason, 1, 0),
                    expected,
                    "{restart:?} {reason:?}"
                );
            }
        }
    }
}
