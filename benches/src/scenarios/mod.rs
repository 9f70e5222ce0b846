//! What the workers are made to do. One file and one line in `ALL` each.

mod poll;
mod restart;
mod scrape;
mod shutdown;
mod start_stop;

use tokio::runtime::Runtime;

use crate::Fallible;
use crate::measure::Goal;
use crate::variant::Variant;

pub struct Scenario {
    pub name: &'static str,
    /// Has workers of a variant do that many units, and waits for their end.
    pub run: fn(&Runtime, Variant, u32) -> Fallible,
    /// Two numbers of units. What the larger costs more is what the units cost:
    /// it leaves out the start of the process, the first use of everything, and
    /// a warm-up as long as the smaller.
    pub units: [u32; 2],
    pub goals: &'static [Goal],
}

impl Scenario {
    pub const ALL: [&Self; 9] = [
        &poll::POLL,
        &start_stop::START_STOP,
        &restart::AFTER_PANIC,
        &restart::AFTER_ERR,
        // The last ones: as long as there was no supervisor, nothing looks for one.
        &poll::UNDER_SUPERVISOR,
        &start_stop::UNDER_SUPERVISOR,
        &shutdown::OF_25_000,
        &shutdown::OF_100_000,
        // Leaves its names behind.
        &scrape::OF_5_000_NAMES,
    ];

    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.into_iter().find(|scenario| scenario.name == name)
    }
}
