//! Durations as text.

use std::time::Duration;

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
