//! Whether the process is to be sent requests.

use std::fmt::Write;

use crate::shutdown::group;
use crate::status::WorkerStatus;

/// Why it is not ready, if it is not.
///
/// A crash loop is no reason: a bad push would take all replicas out of rotation
/// at once.
pub(super) struct Readiness {
    pub(super) shutting_down: bool,
    /// Critical workers that gave up.
    pub(super) gave_up: Vec<&'static str>,
    /// Critical workers that have neither said that they are ready nor stayed up
    /// for 5 s.
    pub(super) starting: Vec<&'static str>,
}

pub(super) fn of(workers: &[WorkerStatus]) -> Readiness {
    let critical = workers.iter().filter(|worker| worker.critical);
    let gave_up = critical.clone().filter(|worker| worker.gave_up > 0);
    let starting = critical.filter(|worker| worker.gave_up == 0 && !worker.ready);
    Readiness {
        shutting_down: group::any_ends(),
        gave_up: gave_up.map(|worker| worker.name).collect(),
        starting: starting.map(|worker| worker.name).collect(),
    }
}

impl Readiness {
    pub(super) fn is_ready(&self) -> bool {
        !self.shutting_down && self.gave_up.is_empty() && self.starting.is_empty()
    }

    /// A line for each reason.
    pub(super) fn told(&self) -> String {
        if self.is_ready() {
            return "ready\n".into();
        }
        let mut text = String::from("not ready\n");
        if self.shutting_down {
            text.push_str("shutting down\n");
        }
        for (names, why) in [
            (&self.gave_up, "critical worker gave up"),
            (&self.starting, "critical worker is starting"),
        ] {
            for name in names {
                // One line each, whatever is in the name; to a string it does not fail.
                let _ = writeln!(text, "{why}: {}", name.escape_debug());
            }
        }
        text
    }
}
