//! Measures everything and prints it as one table.

use tokio::runtime::Runtime;

use crate::Fallible;
use crate::measure::{Goal, Measure, per_unit};
use crate::scenarios::Scenario;
use crate::table::{self, Row};
use crate::valgrind::Valgrind;
use crate::variant::{Each, Variant};
use crate::{alloc, size, time};

pub fn print(runtime: &Runtime, instructions: bool) -> Fallible {
    let valgrind = instructions.then(Valgrind::find).and_then(|found| {
        found
            .inspect_err(|reason| println!("no instructions: {reason}\n"))
            .ok()
    });
    let mut rows = Vec::new();
    for scenario in Scenario::ALL {
        warm_up(scenario, runtime)?;
        for goal in scenario.goals {
            rows.extend(row(scenario, goal, runtime, valgrind.as_ref())?);
        }
    }
    rows.extend(size::rows());
    table::print(&rows);
    Ok(())
}

/// What is allocated once in a process, or grows to what a scenario needs, is
/// allocated here: the runtime's queue, the stack of a first panic.
fn warm_up(scenario: &Scenario, runtime: &Runtime) -> Fallible {
    let [_, units] = scenario.units;
    Variant::ALL
        .into_iter()
        .try_for_each(|variant| (scenario.run)(runtime, variant, units))
}

/// `None` if that can't be measured here.
fn row(
    scenario: &Scenario,
    goal: &Goal,
    runtime: &Runtime,
    valgrind: Option<&Valgrind>,
) -> Fallible<Option<Row>> {
    let allocated = |of: fn(alloc::Allocated) -> usize| {
        each(|variant| {
            let mut totals = [0; 2];
            for (total, units) in totals.iter_mut().zip(scenario.units) {
                *total = of(alloc::counted(|| (scenario.run)(runtime, variant, units))?);
            }
            Ok(per_unit(totals, scenario.units))
        })
    };
    let values = match (goal.measure, valgrind) {
        (Measure::Instructions, None) => return Ok(None),
        (Measure::Instructions, Some(valgrind)) => {
            each(|variant| valgrind.per_unit(scenario, variant))?
        }
        (Measure::Allocations, _) => allocated(|allocated| allocated.times)?,
        (Measure::Bytes, _) => allocated(|allocated| allocated.bytes)?,
        (Measure::Time, _) => time::ratios(scenario, runtime)?,
        (Measure::Milliseconds, _) => time::milliseconds(scenario, runtime)?,
    };
    Ok(Some(Row {
        what: format!("{}: {}", scenario.name, goal.measure.name()),
        values: values.map(Some),
        budget: goal.budget,
    }))
}

fn each(measured: impl Fn(Variant) -> Fallible<f64>) -> Fallible<Each<f64>> {
    let [bare, handwritten, supervised] = Variant::ALL;
    Ok([
        measured(bare)?,
        measured(handwritten)?,
        measured(supervised)?,
    ])
}
