//! Durations and backoffs as text.

use std::time::Duration;

/// The waits before restarts: from the first, doubling, to the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    pub first: Duration,
    pub longest: Duration,
}

/// `"1s..1m"` or `"5s"`; the error says what to write instead.
pub fn backoff(text: &str) -> Result<Backoff, String> {
    let Some((first, longest)) = text.split_once("..") else {
        let wait = duration(text).ok_or_else(|| {
            format!(
                "\"{text}\" is no backoff; write \"1s..1m\" (doubling from 1 s to 1 m) or \"5s\""
            )
        })?;
        return Ok(Backoff {
            first: wait,
            longest: wait,
        });
    };
    let part = |text: &str| {
        duration(text).ok_or_else(|| format!("\"{text}\" is no duration; write \"1s..1m\""))
    };
    let backoff = Backoff {
        first: part(first)?,
        longest: part(longest)?,
    };
    if backoff.first.is_zero() {
        return Err(
            "a wait of zero never doubles; begin with a longer one, such as \"10ms\"".into(),
        );
    }
    if backoff.longest < backoff.first {
        return Err("the longest wait is below the first; write the first one first".into());
    }
    Ok(backoff)
}

/// Whole numbers with units, one after another: `500ms`, `1m 30s`.
pub fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut total: Option<Duration> = None;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let end = tail
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let part = nanos(unit)?.checked_mul(number.parse().ok()?)?;
        let part = Duration::new(
            u64::try_from(part / NANOS).ok()?,
            u32::try_from(part % NANOS).ok()?,
        );
        total = Some(total.unwrap_or_default().checked_add(part)?);
        rest = tail.trim_start();
    }
    total
}

const NANOS: u128 = 1_000_000_000;

fn nanos(unit: &str) -> Option<u128> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" => 1_000,
        "ms" => 1_000_000,
        "s" => NANOS,
        "m" => 60 * NANOS,
        "h" => 3_600 * NANOS,
        "d" => 86_400 * NANOS,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Backoff, backoff, duration};
    use std::time::Duration;

    #[test]
    fn durations_are_whole_numbers_with_units() {
        for (text, millis) in [
            ("0s", 0),
            ("500ms", 500),
            ("1s", 1_000),
            ("1m 30s", 90_000),
            ("1m30s", 90_000),
            (" 2h ", 7_200_000),
            ("1d", 86_400_000),
        ] {
            assert_eq!(
                duration(text),
                Some(Duration::from_millis(millis)),
                "{text:?}"
            );
        }
        assert_eq!(duration("3us"), Some(Duration::from_micros(3)));
        assert_eq!(duration("7ns"), Some(Duration::from_nanos(7)));
    }

    #[test]
    fn anything_else_is_no_duration() {
        for text in [
            "",
            " ",
            "5",
            "s",
            "1.5s",
            "-1s",
            "+1s",
            "1 s",
            "1s,",
            "1sec",
            "1S",
            "fast",
            "1s..",
            "99999999999999999999d",
            "340282366920938463463374607431768211455d",
        ] {
            assert_eq!(duration(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_backoff_is_one_wait_or_a_first_and_a_longest() {
        let secs = |first, longest| {
            let (first, longest) = (Duration::from_secs(first), Duration::from_secs(longest));
            Ok(Backoff { first, longest })
        };
        assert_eq!(backoff("1s..1m"), secs(1, 60));
        assert_eq!(backoff("1s .. 1m"), secs(1, 60));
        assert_eq!(backoff("5s"), secs(5, 5));
        assert_eq!(backoff("0s"), secs(0, 0));
        for text in [
            "fast", "", "1s..", "..1m", "1s...1m", "1m..1s", "0s..1s", "1s-1m",
        ] {
            assert!(backoff(text).is_err(), "{text:?}");
        }
    }
}
