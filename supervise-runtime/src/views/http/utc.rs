//! Times as people read them.

use std::fmt;
use std::time::{Duration, SystemTime};

/// `2026-11-25T21:45:28Z`, as RFC 3339 has it: what both people and programs read.
#[derive(Clone, Copy)]
pub(super) struct Utc(pub(super) SystemTime);

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = seconds_since_epoch(self.0);
        let (year, month, day) = date(seconds.div_euclid(DAY));
        let time = seconds.rem_euclid(DAY);
        let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

const DAY: i64 = 86_400;

/// Rounded down, before the epoch as well.
fn seconds_since_epoch(at: SystemTime) -> i64 {
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => seconds(since),
        Err(before) => {
            let before = before.duration();
            -seconds(before) - i64::from(before.subsec_nanos() > 0)
        }
    }
}

/// Year, month and day of the Gregorian calendar, so many days after 1970-01-01: by
/// the algorithm of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
/// `civil_from_days`, whose years begin in March, with the leap day as their last.
fn date(days: i64) -> (i64, i64, i64) {
    const ERA: i64 = 146_097;
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year = (day - day / 1_460 + day / 36_524 - day / (ERA - 1)) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

/// `41 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`: as exact as one wants to know.
#[derive(Clone, Copy)]
pub(super) struct Rough(pub(super) Duration);

impl fmt::Display for Rough {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
        let (large, small) = match (days, hours, minutes) {
            (0, 0, 0) => return write!(f, "{seconds} s"),
            (0, 0, _) => ((minutes, "min"), (seconds % 60, "s")),
            (0, ..) => ((hours, "h"), (minutes % 60, "min")),
            _ => ((days, "d"), (hours % 24, "h")),
        };
        write!(f, "{} {}", large.0, large.1)?;
        match small {
            (0, _) => Ok(()),
            (number, unit) => write!(f, " {number} {unit}"),
        }
    }
}

/// `in 41 s`, `3 min ago`, `now`: a time as seen from another. Who counts with the
/// two as they are told gets the same.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) at: SystemTime,
    pub(super) from: SystemTime,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ahead = seconds_since_epoch(self.at) - seconds_since_epoch(self.from);
        let rough = Rough(Duration::from_secs(ahead.unsigned_abs()));
        match ahead {
            0 => f.write_str("now"),
            1.. => write!(f, "in {rough}"),
            _ => write!(f, "{rough} ago"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(seconds: i64) -> String {
        let ahead = Duration::from_secs(seconds.unsigned_abs());
        let at = match seconds {
            0.. => SystemTime::UNIX_EPOCH + ahead,
            _ => SystemTime::UNIX_EPOCH - ahead,
        };
        Utc(at).to_string()
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        // By `date -u -d @…`.
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_709_164_800, "2024-02-29T00:00:00Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
            (1_767_225_600, "2026-01-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (-2_203_891_200, "1900-03-01T00:00:00Z"),
        ] {
            assert_eq!(utc(seconds), text);
        }
    }

    #[test]
    fn a_date_goes_back_to_the_day_that_it_came_from() {
        let mut last = date(-200_000);
        for days in -199_999..=200_000 {
            let (year, month, day) = date(days);
            let next = match last {
                (y, 12, 31) => (y + 1, 1, 1),
                (y, m, d) if d == length(y, m) => (y, m + 1, 1),
                (y, m, d) => (y, m, d + 1),
            };
            assert_eq!((year, month, day), next);
            last = next;
        }
    }

    fn length(year: i64, month: i64) -> i64 {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        match month {
            2 => 28 + i64::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    #[test]
    fn a_span_of_time_is_told_in_its_two_largest_units() {
        for (seconds, text) in [
            (0, "0 s"),
            (41, "41 s"),
            (60, "1 min"),
            (200, "3 min 20 s"),
            (3_600, "1 h"),
            (7_530, "2 h 5 min"),
            (86_400, "1 d"),
            (273_600, "3 d 4 h"),
        ] {
            assert_eq!(Rough(Duration::from_secs(seconds)).to_string(), text);
        }
    }

    #[test]
    fn a_time_is_told_as_seen_from_another() {
        let from = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        let seen = |at| Seen { at, from }.to_string();
        assert_eq!(seen(from + Duration::from_secs(41)), "in 41 s");
        assert_eq!(seen(from + Duration::from_millis(300)), "now");
        assert_eq!(seen(from - Duration::from_secs(200)), "3 min 20 s ago");
    }

    #[test]
    fn it_is_as_far_as_the_two_are_as_they_are_told() {
        let epoch = SystemTime::UNIX_EPOCH;
        let at = |millis| epoch + Duration::from_millis(millis);
        for (from, to, text) in [
            (38_100, 41_900, "in 3 s"),
            (38_900, 41_100, "in 3 s"),
            (41_900, 38_100, "3 s ago"),
            (41_100, 41_900, "now"),
            (41_900, 42_000, "in 1 s"),
        ] {
            let seen = Seen {
                at: at(to),
                from: at(from),
            };
            assert_eq!(seen.to_string(), text);
        }
    }
}
