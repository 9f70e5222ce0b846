//! Times of the processor: a hint, as others are on the machine, too.

use crate::Fallible;
use crate::job::Job;

/// The median ratio of each job to the first. A ratio is one of the same round.
pub fn ratios(jobs: &[Job], count: usize) -> Fallible<Vec<f64>> {
    let mut rounds = rounds(jobs, count)?;
    for round in &mut rounds {
        let bare = round[0];
        for time in round {
            *time /= bare;
        }
    }
    Ok(medians(&rounds))
}

/// The median of each job, for one unit.
pub fn milliseconds(jobs: &[Job], count: usize) -> Fallible<Vec<f64>> {
    let medians = medians(&rounds(jobs, count)?).into_iter().zip(jobs);
    let per_unit = medians.map(|(nanoseconds, job)| nanoseconds / 1e6 / f64::from(job.units[1]));
    Ok(per_unit.collect())
}

/// The time of each job in each round. A round runs all of them, each time
/// beginning with another: whatever else the machine does, and wherever it heats,
/// falls on all alike.
fn rounds(jobs: &[Job], count: usize) -> Fallible<Vec<Vec<f64>>> {
    let mut rounds = vec![vec![0.0; jobs.len()]; count];
    for (round, times) in rounds.iter_mut().enumerate() {
        for turn in 0..jobs.len() {
            let which = (round + turn) % jobs.len();
            times[which] = jobs[which].nanoseconds()?;
        }
    }
    Ok(rounds)
}

fn medians(rounds: &[Vec<f64>]) -> Vec<f64> {
    let jobs = rounds.first().map_or(0, Vec::len);
    let of = |job: usize| median(rounds.iter().map(|round| round[job]).collect());
    (0..jobs).map(of).collect()
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
