//! Durations as text: whole numbers with units, one after another.

use std::fmt::{self, Write};
use std::time::Duration;

/// `500ms`, `1m 30s`; a zero needs a unit as well.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut total: Option<Duration> = None;
    while !rest.is_empty() {
        let (number, tail) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (unit, tail) = tail.split_at(
            tail.find(|c: char| !c.is_alphabetic())
                .unwrap_or(tail.len()),
        );
        let (_, nanos) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
        let part = checked_nanos(nanos.checked_mul(number.parse().ok()?)?)?;
        total = Some(total.unwrap_or_default().checked_add(part)?);
        rest = tail.trim_start();
    }
    total
}

/// What [`duration`] reads as `duration`.
pub(super) fn write(duration: Duration, text: &mut impl Write) -> fmt::Result {
    let mut nanos = duration.as_nanos();
    if nanos == 0 {
        return text.write_str("0s");
    }
    let mut space = "";
    for (unit, size) in UNITS {
        let number = nanos / size;
        nanos %= size;
        if number > 0 {
            write!(text, "{space}{number}{unit}")?;
            space = " ";
        }
    }
    Ok(())
}

const UNITS: [(&str, u128); 8] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    // So that both ways of writing it are read and the plain one is written.
    ("µs", 1_000),
    ("ns", 1),
];

/// As much as a duration can hold.
pub(super) fn from_nanos(nanos: u128) -> Duration {
    match u64::try_from(nanos) {
        // Five centuries, without a division of 128 bits.
        Ok(nanos) => Duration::from_nanos(nanos),
        Err(_) => checked_nanos(nanos).unwrap_or(Duration::MAX),
    }
}

fn checked_nanos(nanos: u128) -> Option<Duration> {
    const PER_SECOND: u128 = 1_000_000_000;
    let seconds = u64::try_from(nanos / PER_SECOND).ok()?;
    let nanos = u32::try_from(nanos % PER_SECOND).ok()?;
    Some(Duration::new(seconds, nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the attribute reads is tested with the same table.
    #[test]
    fn texts_are_read_as_the_table_says() {
        let table = include_str!("../../../tests/texts.tsv");
        let mut read = 0;
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let [kind, text, expected] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line:?} has no three columns");
            };
            let found = match kind {
                "duration" => duration(text).map(|it| format!("{it:?}")),
                "backoff" => text
                    .parse::<super::super::Backoff>()
                    .ok()
                    .map(|it| format!("{:?}..{:?}", it.first(), it.longest())),
                "max_restarts" => text
                    .parse::<super::super::MaxRestarts>()
                    .ok()
                    .map(|it| format!("{} in {:?}", it.restarts(), it.window())),
                _ => panic!("what is a {kind}?"),
            };
            assert_eq!(found.as_deref().unwrap_or("-"), expected, "{kind} {text:?}");
            read += 1;
        }
        assert!(read > 50);
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let mut random = fastrand::Rng::with_seed(7);
        let random = std::iter::repeat_with(|| {
            Duration::new(
                random.u64(..) >> random.u32(..64),
                random.u32(..1_000_000_000),
            )
        });
        for time in [Duration::ZERO, Duration::MAX]
            .into_iter()
            .chain(random.take(2_000))
        {
            let mut text = String::new();
            write(time, &mut text).unwrap();
            assert_eq!(duration(&text), Some(time), "{text:?}");
        }
    }
}
