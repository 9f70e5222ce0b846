//! What is measured, and what it may cost: section 11 of the design, or less where
//! that is met easily.

/// What one unit of a scenario costs.
#[derive(Clone, Copy)]
pub enum Measure {
    /// Exact, by valgrind.
    Instructions,
    /// Exact, by a counting allocator.
    Allocations,
    /// As much as was allocated, exact.
    Bytes,
    /// Of the processor, as a ratio to bare.
    Time,
    /// The median: a hint by which factor something is within its budget.
    Milliseconds,
}

/// What `supervised` may cost.
#[derive(Clone, Copy)]
pub enum Budget {
    AtMost(f64),
    TimesBare(f64),
    OverBare(f64),
}

/// A measure of a scenario, and its budget if it has one.
pub struct Goal {
    pub measure: Measure,
    pub budget: Option<Budget>,
}

impl Goal {
    pub const fn budgeted(measure: Measure, budget: Budget) -> Self {
        let budget = Some(budget);
        Self { measure, budget }
    }

    pub const fn unbudgeted(measure: Measure) -> Self {
        let budget = None;
        Self { measure, budget }
    }
}

impl Measure {
    pub fn name(self) -> &'static str {
        match self {
            Self::Instructions => "instructions",
            Self::Allocations => "allocations",
            Self::Bytes => "bytes",
            Self::Time => "time / bare",
            Self::Milliseconds => "milliseconds",
        }
    }
}

impl Budget {
    /// `None` if it is relative to bare, of which nothing is known.
    pub fn limit(self, bare: Option<f64>) -> Option<f64> {
        match self {
            Self::AtMost(limit) => Some(limit),
            Self::TimesBare(times) => Some(times * bare?),
            Self::OverBare(more) => Some(bare? + more),
        }
    }
}
