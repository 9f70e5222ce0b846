//! Times, as ratios to bare: on a shared machine nothing else means anything.

use crate::Fallible;
use crate::job::Job;

/// The median ratio of each job to the first. A round runs all of them, each
/// time beginning with another, and a ratio is one of the same round: whatever
/// else the machine does, and wherever it heats, falls on all alike.
pub fn ratios(jobs: &[Job], rounds: usize) -> Fallible<Vec<f64>> {
    let mut ratios = vec![Vec::new(); jobs.len()];
    for round in 0..rounds {
        let mut times = vec![0.0; jobs.len()];
        for turn in 0..jobs.len() {
            let which = (round + turn) % jobs.len();
            times[which] = jobs[which].nanoseconds()?;
        }
        for (ratios, time) in ratios.iter_mut().zip(&times) {
            ratios.push(time / times[0]);
        }
    }
    Ok(ratios.into_iter().map(median).collect())
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
