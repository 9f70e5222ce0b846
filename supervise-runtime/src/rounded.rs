//! How long something took, as people read it.

use std::fmt;
use std::time::Duration;

/// 1.234 s, not 1.234567891 s: milliseconds of seconds, microseconds of less.
///
/// It reads as `Duration` does, for a fifth of the instructions: a line about a
/// failure has two.
#[derive(Clone, Copy)]
pub(crate) struct Rounded(pub(crate) Duration);

impl Rounded {
    /// A whole number of units, and thousandths of one.
    fn parts(self) -> (u64, u32, &'static str) {
        match (self.0.as_secs(), self.0.subsec_micros()) {
            (0, 0) => (0, 0, "ns"),
            (0, micros @ ..1_000) => (micros.into(), 0, "µs"),
            (0, micros) => ((micros / 1_000).into(), micros % 1_000, "ms"),
            (seconds, micros) => (seconds, micros / 1_000, "s"),
        }
    }
}

impl fmt::Debug for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, thousandths, unit) = self.parts();
        let mut text = Backwards::new(unit);
        if thousandths > 0 {
            text.put_fraction(thousandths);
            text.put(b'.');
        }
        text.put_number(whole);
        f.write_str(text.as_str())
    }
}

/// A text that is written from its end, as the digits of a number come.
struct Backwards {
    /// Has room for any time.
    bytes: [u8; 32],
    begin: usize,
}

impl Backwards {
    fn new(end: &str) -> Self {
        let mut bytes = [0; 32];
        let begin = bytes.len() - end.len();
        bytes[begin..].copy_from_slice(end.as_bytes());
        Self { bytes, begin }
    }

    fn put(&mut self, byte: u8) {
        self.begin -= 1;
        self.bytes[self.begin] = byte;
    }

    fn put_number(&mut self, mut number: u64) {
        loop {
            self.put(b'0' + (number % 10) as u8);
            number /= 10;
            if number == 0 {
                break;
            }
        }
    }

    /// The three digits behind the point, but for the zeros at their end.
    fn put_fraction(&mut self, thousandths: u32) {
        let mut is_end = true;
        let mut rest = thousandths;
        for _ in 0..3 {
            let digit = (rest % 10) as u8;
            is_end &= digit == 0;
            if !is_end {
                self.put(b'0' + digit);
            }
            rest /= 10;
        }
    }

    fn as_str(&self) -> &str {
        // It is digits, a point and the unit.
        std::str::from_utf8(&self.bytes[self.begin..]).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_as_the_rounded_duration_does() {
        let nanos = (0..20).flat_map(|power| {
            let power = 10_u64.pow(power);
            [1, 2, 9].map(|digit| u64::saturating_mul(digit, power))
        });
        let times = nanos.flat_map(|nanos| {
            [0, 1, 10, 1_050, 999_999, 12_030_000, 500_000_000]
                .map(|more| Duration::from_nanos(nanos.saturating_add(more)))
        });
        let extremes = [Duration::ZERO, Duration::MAX, Duration::from_secs(3_600)];
        for time in times.chain(extremes) {
            let finest = if time.as_secs() == 0 {
                1_000
            } else {
                1_000_000
            };
            let nanos = time.subsec_nanos() / finest * finest;
            let rounded = Duration::new(time.as_secs(), nanos);
            assert_eq!(format!("{:?}", Rounded(time)), format!("{rounded:?}"));
        }
    }
}
