//! The waits before restarts.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::PolicyError;
use super::text::{self, duration, from_nanos};

/// The waits before restarts: doubling from the first, never above the longest.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use supervise::Backoff;
///
/// const BACKOFF: Backoff = Backoff::doubling(Duration::from_secs(1), Duration::from_secs(60));
///
/// assert_eq!("1s..1m".parse(), Ok(BACKOFF));
/// assert_eq!(BACKOFF.to_string(), "1s..1m");
/// assert_eq!(BACKOFF.longest(), Duration::from_secs(60));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
}

impl Backoff {
    pub(super) const DEFAULT: Self =
        Self::doubling(Duration::from_secs(1), Duration::from_secs(60));

    /// Waits of `first`, twice that, and so on, but never more than `longest`.
    ///
    /// # Panics
    ///
    /// If `longest` is below `first`, or only `first` is zero; in a `const`,
    /// that is a compile error.
    #[track_caller]
    #[must_use]
    pub const fn doubling(first: Duration, longest: Duration) -> Self {
        match Self::try_doubling(first, longest) {
            Ok(backoff) => backoff,
            Err(error) => panic!("{}", error.text()),
        }
    }

    /// Waits of `wait` each time. A wait of zero still lets other tasks run.
    #[must_use]
    pub const fn constant(wait: Duration) -> Self {
        Self {
            first: wait,
            longest: wait,
        }
    }

    /// [`doubling`](Self::doubling) for values that are not known beforehand.
    ///
    /// # Errors
    ///
    /// If `longest` is below `first`, or only `first` is zero.
    pub const fn try_doubling(first: Duration, longest: Duration) -> Result<Self, PolicyError> {
        if longest.as_nanos() < first.as_nanos() {
            return Err(PolicyError::CAP_BELOW_FIRST_WAIT);
        }
        if first.is_zero() && !longest.is_zero() {
            return Err(PolicyError::ZERO_FIRST_WAIT);
        }
        Ok(Self { first, longest })
    }

    /// The wait before the first restart.
    #[must_use]
    pub const fn first(&self) -> Duration {
        self.first
    }

    /// The wait that no other exceeds.
    #[must_use]
    pub const fn longest(&self) -> Duration {
        self.longest
    }

    /// `min(longest, first · 2^(failures - 1))`, for any number of failures.
    pub(super) fn wait(&self, failures: u64) -> Duration {
        if self.first == self.longest {
            return self.longest;
        }
        let first = self.first.as_nanos();
        let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        if doublings >= first.leading_zeros() {
            self.longest
        } else {
            from_nanos(first << doublings).min(self.longest)
        }
    }

    /// Twice the longest wait, within 10 s and 10 min.
    pub(super) const fn healthy_after(&self) -> Duration {
        const LEAST: u64 = 10;
        const MOST: u64 = 600;
        if self.longest.as_secs() < LEAST / 2 {
            Duration::from_secs(LEAST)
        } else if self.longest.as_secs() >= MOST / 2 {
            Duration::from_secs(MOST)
        } else {
            self.longest.saturating_mul(2)
        }
    }
}

/// A wait drawn evenly from `[wait / 2, wait]`: workers that failed together
/// do not come back together, and no wait exceeds the one asked for.
pub(super) fn jittered(wait: Duration, draw: u32) -> Duration {
    let half = wait.as_nanos() / 2;
    wait.saturating_sub(from_nanos((half * u128::from(draw)) >> u32::BITS))
}

/// `1s..1m` or `5s`, as in the attribute.
impl FromStr for Backoff {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let read = |text| duration(text).ok_or(PolicyError::NO_BACKOFF);
        match text.split_once("..") {
            Some((first, longest)) => Self::try_doubling(read(first)?, read(longest)?),
            None => Ok(Self::constant(read(text)?)),
        }
    }
}

/// As in the attribute.
impl fmt::Display for Backoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(self.first, f)?;
        if self.longest > self.first {
            f.write_str("..")?;
            text::write(self.longest, f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn waits_double_from_the_first_and_stop_at_the_longest() {
        let backoff = Backoff::doubling(secs(1), secs(60));
        let waits: Vec<_> = (1..=8).map(|n| backoff.wait(n).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn waits_never_overflow_and_never_shrink() {
        for (first, longest) in [
            (Duration::from_nanos(1), Duration::MAX),
            (secs(10_000 * 86_400), Duration::MAX),
            (Duration::MAX, Duration::MAX),
            (Duration::from_millis(3), secs(60)),
        ] {
            let backoff = Backoff::doubling(first, longest);
            let mut last = Duration::ZERO;
            for failures in (1..200).chain([u64::from(u32::MAX), 1 << 32, u64::MAX]) {
                let wait = backoff.wait(failures);
                assert!(
                    last <= wait && wait <= longest,
                    "{backoff:?} after {failures}"
                );
                last = wait;
            }
            assert_eq!(last, longest);
        }
    }

    #[test]
    fn a_zero_wait_stays_zero() {
        let backoff = Backoff::constant(Duration::ZERO);
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
    fn healthy_after_is_twice_the_longest_wait_within_ten_seconds_and_ten_minutes() {
        for (longest, healthy_after) in [
            (secs(60), secs(120)),
            (Duration::ZERO, secs(10)),
            (secs(5), secs(10)),
            (Duration::from_millis(5_001), Duration::from_millis(10_002)),
            (secs(300), secs(600)),
            (Duration::MAX, secs(600)),
        ] {
            assert_eq!(Backoff::constant(longest).healthy_after(), healthy_after);
        }
    }
}
