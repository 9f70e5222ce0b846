//! What a status shows, as one value to compare.

use std::collections::BTreeMap;
use std::time::Duration;

use supervise::{Reason, WorkerStatus};

/// What a status shows. All but the next start, which is not exact.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers {
    pub running: u64,
    pub waiting: u64,
    pub scheduled: u64,
    pub gave_up: u64,
    pub starts: u64,
    pub exits: BTreeMap<&'static str, u64>,
    pub restarts: BTreeMap<&'static str, u64>,
    pub panics: u64,
    pub gave_up_total: u64,
    pub consecutive_failures: u64,
    pub last_failure: String,
    pub period: Option<Duration>,
    pub has_succeeded: bool,
    pub ticks: u64,
    pub ticking: Duration,
}

impl Numbers {
    pub fn none() -> Self {
        let reasons = [
            "finished",
            "error",
            "panic",
            "timeout",
            "shutdown",
            "cancelled",
        ];
        let counts: BTreeMap<_, _> = reasons.map(|reason| (reason, 0)).into();
        Self {
            exits: counts.clone(),
            restarts: counts,
            ..Self::default()
        }
    }

    pub fn of(status: &WorkerStatus) -> Self {
        let last_failure = status.last_failure();
        let periodic = status.periodic.as_ref();
        let text = |(reason, count): (Reason, u64)| (reason.as_str(), count);
        Self {
            running: status.running,
            waiting: status.waiting,
            scheduled: status.scheduled,
            gave_up: status.gave_up,
            starts: status.starts,
            exits: status.exits.iter().map(text).collect(),
            restarts: status.restarts.iter().map(text).collect(),
            panics: status.panics,
            gave_up_total: status.gave_up_total,
            consecutive_failures: status.consecutive_failures,
            last_failure: last_failure
                .map(|failure| told(failure.reason, &failure.message))
                .unwrap_or_default(),
            period: periodic.map(|periodic| periodic.period),
            has_succeeded: periodic.is_some_and(|periodic| periodic.last_success.is_some()),
            ticks: periodic.map_or(0, |periodic| periodic.tick_durations.count()),
            ticking: periodic.map_or(Duration::ZERO, |periodic| periodic.tick_durations.total()),
        }
    }

    /// The fields in which `found` differs.
    pub fn difference(&self, found: &Self) -> Option<String> {
        if self == found {
            return None;
        }
        let (expected, found) = (format!("{self:#?}"), format!("{found:#?}"));
        let fields = expected.lines().zip(found.lines());
        let differ = fields.filter(|(expected, found)| expected != found);
        let differ = differ.map(|(expected, found)| {
            format!("expected {}\n   found {}", expected.trim(), found.trim())
        });
        Some(differ.collect::<Vec<_>>().join("\n"))
    }
}

pub fn told(reason: Reason, message: &str) -> String {
    format!("{}: {message}", reason.as_str())
}

pub fn count(counts: &mut BTreeMap<&'static str, u64>, reason: Reason) {
    *counts.entry(reason.as_str()).or_default() += 1;
}
