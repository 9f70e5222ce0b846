//! Times: a hint, as others are on the machine, too.

use std::time::Instant;

use tokio::runtime::Runtime;

use crate::Fallible;
use crate::scenarios::Scenario;
use crate::variant::{Each, Variant};

const ROUNDS: usize = 31;

/// The median ratio of each variant to bare. A ratio is one of the same round.
pub fn ratios(scenario: &Scenario, runtime: &Runtime) -> Fallible<Each<f64>> {
    let ratios = |seconds: Each<f64>| seconds.map(|one| one / seconds[0]);
    Ok(medians(&rounds(scenario, runtime)?.map(ratios)))
}

/// The median of each variant, for one unit.
pub fn milliseconds(scenario: &Scenario, runtime: &Runtime) -> Fallible<Each<f64>> {
    let units = f64::from(scenario.units[1]);
    let milliseconds = |seconds: Each<f64>| seconds.map(|one| one * 1e3 / units);
    Ok(medians(&rounds(scenario, runtime)?.map(milliseconds)))
}

/// The seconds of each variant. A round runs all of them, each time in another
/// order: whatever else the machine does, and wherever it heats, falls on all
/// alike.
fn rounds(scenario: &Scenario, runtime: &Runtime) -> Fallible<[Each<f64>; ROUNDS]> {
    let mut rounds = [Each::<f64>::default(); ROUNDS];
    for (round, seconds) in rounds.iter_mut().enumerate() {
        for turn in 0..seconds.len() {
            let which = (round + turn) % seconds.len();
            let began = Instant::now();
            (scenario.run)(runtime, Variant::ALL[which], scenario.units[1])?;
            seconds[which] = began.elapsed().as_secs_f64();
        }
    }
    Ok(rounds)
}

fn medians(rounds: &[Each<f64>; ROUNDS]) -> Each<f64> {
    let median = |variant| {
        let mut values = rounds.map(|round| round[variant]);
        values.sort_by(f64::total_cmp);
        values[ROUNDS / 2]
    };
    [median(0), median(1), median(2)]
}
