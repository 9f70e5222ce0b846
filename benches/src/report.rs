//! Measures what the scenarios are to be measured for.

use crate::Fallible;
use crate::measure::{Goal, Measure};
use crate::scenarios::Scenario;
use crate::table::Row;
use crate::time;
use crate::valgrind::Valgrind;
use crate::variant::{Each, Variant};

/// Of 21 the median is not moved by what happens to some.
const ROUNDS: usize = 21;

/// The goals of `scenarios` that are `wanted`, measured as far as they can be here.
pub fn rows(
    scenarios: &[&Scenario],
    valgrind: Option<Valgrind>,
    wanted: impl Fn(&Goal) -> bool,
) -> Fallible<Vec<Row>> {
    let mut rows = Vec::new();
    for scenario in scenarios {
        for goal in scenario.goals.iter().filter(|goal| wanted(goal)) {
            rows.extend(row(scenario, goal, valgrind)?);
        }
    }
    Ok(rows)
}

/// `None` if that can't be measured here.
fn row(scenario: &Scenario, goal: &Goal, valgrind: Option<Valgrind>) -> Fallible<Option<Row>> {
    let jobs = Variant::ALL.map(|variant| scenario.job(variant));
    let each = |measured: &dyn Fn(usize) -> Fallible<f64>| -> Fallible<Each<f64>> {
        Ok([measured(0)?, measured(1)?, measured(2)?])
    };
    let values = match (goal.measure, valgrind) {
        (Measure::Instructions, None) => return Ok(None),
        (Measure::Instructions, Some(valgrind)) => each(&|which| valgrind.per_unit(&jobs[which]))?,
        (Measure::Allocations, _) => each(&|which| Ok(jobs[which].allocated()?.times))?,
        (Measure::Bytes, _) => each(&|which| Ok(jobs[which].allocated()?.bytes))?,
        (Measure::Time, _) => {
            let ratios = time::ratios(&jobs, ROUNDS)?;
            each(&|which| Ok(ratios[which]))?
        }
        (Measure::Milliseconds, _) => {
            let milliseconds = time::milliseconds(&jobs, ROUNDS)?;
            each(&|which| Ok(milliseconds[which]))?
        }
    };
    Ok(Some(Row {
        what: format!("{}: {}", scenario.name, goal.measure.name()),
        values: values.map(Some),
        budget: goal.budget,
    }))
}
