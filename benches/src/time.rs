//! Times, as ratios to bare.

use std::time::Instant;

use tokio::runtime::Runtime;

use crate::Fallible;
use crate::scenarios::Scenario;
use crate::variant::{Each, Variant};

const ROUNDS: usize = 31;

/// The median ratio of each variant. A round runs all of them, each time in
/// another order, and a ratio is one of the same round: whatever else the
/// machine does, and wherever it heats, falls on all alike.
pub fn ratios(scenario: &Scenario, runtime: &Runtime) -> Fallible<Each<f64>> {
    let mut rounds = Each::<Vec<f64>>::default();
    for round in 0..ROUNDS {
        let mut seconds = Each::<f64>::default();
        for turn in 0..seconds.len() {
            let which = (round + turn) % seconds.len();
            let began = Instant::now();
            (scenario.run)(runtime, Variant::ALL[which], scenario.units[1])?;
            seconds[which] = began.elapsed().as_secs_f64();
        }
        let [bare, ..] = seconds;
        for (ratios, seconds) in rounds.iter_mut().zip(seconds) {
            ratios.push(seconds / bare);
        }
    }
    Ok(rounds.map(median))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
