//! What is measured: the workers of one scenario, supervised in one way.

use crate::Fallible;
use crate::alloc::Allocated;
use crate::process::{Task, printed};
use crate::scenarios::{Run, Scenario};
use crate::variant::Variant;
use crate::ways;

#[derive(Clone, Copy)]
pub struct Job {
    pub scenario: &'static str,
    pub way: &'static str,
    pub run: Run,
    /// Two numbers of units. What the larger costs more is what the units cost:
    /// it leaves out the start of the process, the first use of everything, and
    /// a warm-up as long as the smaller.
    pub units: [u32; 2],
    /// Whether a `tracing` subscriber formats what is logged.
    pub subscriber: bool,
}

impl Job {
    pub fn named(scenario: &str, way: &str) -> Option<Self> {
        let variant = || Some(Scenario::named(scenario)?.job(Variant::named(way)?));
        let way = || ways::all().into_iter().find_map(|of| of.job(scenario, way));
        variant().or_else(way)
    }

    /// What one unit allocates.
    pub fn allocated(&self) -> Fallible<Allocated<f64>> {
        let counts = printed(self, Task::Allocate)?;
        let counts: Vec<usize> = counts
            .split(' ')
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        let [few, few_bytes, many, many_bytes] = counts[..] else {
            return Err("a measurement printed something else than four counts".into());
        };
        Ok(Allocated {
            times: self.per_unit([few, many]),
            bytes: self.per_unit([few_bytes, many_bytes]),
        })
    }

    /// The processor time that the larger number of units takes.
    pub fn nanoseconds(&self) -> Fallible<f64> {
        Ok(printed(self, Task::Time)?.parse()?)
    }

    /// What one unit costs, if each number of them, and all that is around them,
    /// costs that much.
    pub fn per_unit(&self, totals: [usize; 2]) -> f64 {
        let [few, many] = totals.map(number);
        let [few_units, many_units] = self.units.map(f64::from);
        // In this order: the larger number may cost less, if units cost nothing.
        (many - few) / (many_units - few_units)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]
pub fn number(count: usize) -> f64 {
    count as f64
}
