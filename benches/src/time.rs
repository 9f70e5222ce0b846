//! Times of the processor: a hint, as others are on the machine, too.

use crate::Fallible;
use crate::job::Job;

/// The median ratio of each job to the first. A ratio is one of the same round.
pub fn ratios(jobs: &[Job], count: usize) -> Fallible<Vec<f64>> {
    Ok(medians(&to_first(times(jobs, count)?)))
}

/// The median of each job, for one unit.
pub fn milliseconds(jobs: &[Job], count: usize) -> Fallible<Vec<f64>> {
    let medians = medians(&times(jobs, count)?).into_iter().zip(jobs);
    let per_unit = medians.map(|(nanoseconds, job)| nanoseconds / 1e6 / f64::from(job.units[1]));
    Ok(per_unit.collect())
}

fn times(jobs: &[Job], count: usize) -> Fallible<Vec<Vec<f64>>> {
    rounds(jobs.len(), count, |which| jobs[which].nanoseconds())
}

/// What is measured of each in each round. A round runs all of them, each time
/// beginning with another: whatever else the machine does, and wherever it heats,
/// falls on all alike.
pub fn rounds<T: Clone + Default>(
    each: usize,
    count: usize,
    measured: impl Fn(usize) -> Fallible<T>,
) -> Fallible<Vec<Vec<T>>> {
    let mut rounds = vec![vec![T::default(); each]; count];
    for (round, values) in rounds.iter_mut().enumerate() {
        for turn in 0..each {
            let which = (round + turn) % each;
            values[which] = measured(which)?;
        }
    }
    Ok(rounds)
}

/// The ratio of each to the first of the same round.
pub fn to_first(mut rounds: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    for round in &mut rounds {
        let first = round[0];
        for value in round {
            *value /= first;
        }
    }
    rounds
}

pub fn medians(rounds: &[Vec<f64>]) -> Vec<f64> {
    let jobs = rounds.first().map_or(0, Vec::len);
    let of = |job: usize| median(rounds.iter().map(|round| round[job]).collect());
    (0..jobs).map(of).collect()
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
