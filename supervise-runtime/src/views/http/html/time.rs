//! Times on the page: how far from now, and exactly.

use std::fmt;
use std::time::SystemTime;

use crate::views::http::utc::{Seen, Utc};

/// `2026-11-25 21:45:28 UTC`
pub(super) struct Full(pub(super) SystemTime);

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let utc = Utc(self.0).to_string();
        let (day, clock) = parts(&utc);
        write!(f, "<time datetime=\"{utc}\">{day} {clock} UTC</time>")
    }
}

/// `21:45:28 UTC`, with the day if that is another than the one of `from`.
pub(super) struct Exact(pub(super) Seen);

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen { at, from } = self.0;
        let (utc, today) = (Utc(at).to_string(), Utc(from).to_string());
        let (day, clock) = parts(&utc);
        if parts(&today).0 == day {
            write!(f, "<time datetime=\"{utc}\">{clock} UTC</time>")
        } else {
            Full(at).fmt(f)
        }
    }
}

/// The day and the time of it.
fn parts(utc: &str) -> (&str, &str) {
    let (day, clock) = utc.split_once('T').unwrap_or((utc, ""));
    (day, clock.trim_end_matches('Z'))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_day_is_told_if_it_is_another() {
        let from = SystemTime::UNIX_EPOCH + Duration::from_secs(3 * 86_400);
        let exact = |at| Exact(Seen { at, from }).to_string();
        assert_eq!(
            exact(from + Duration::from_secs(61)),
            "<time datetime=\"1970-01-04T00:01:01Z\">00:01:01 UTC</time>"
        );
        assert_eq!(
            exact(from - Duration::from_secs(1)),
            "<time datetime=\"1970-01-03T23:59:59Z\">1970-01-03 23:59:59 UTC</time>"
        );
    }
}
