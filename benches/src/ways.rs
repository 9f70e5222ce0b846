//! All ways to have a worker supervised, side by side: ours, and with feature
//! `peers` those of other crates.

use crate::Fallible;
use crate::job::Job;
#[cfg(feature = "peers")]
use crate::peers;
use crate::scenarios::{poll, restart, shutdown};
use crate::storm;
use crate::table::{self, dash, figure};
use crate::time;
use crate::valgrind::Valgrind;
use crate::variant::Variant;

pub struct Way {
    pub name: &'static str,
    /// Whether its instructions can be counted.
    pub countable: bool,
    pub poll: Job,
    /// All are told to stop: by a token, or as the crate does it.
    pub start_stop: Job,
    pub after_panic: Job,
    pub after_err: Job,
    /// Only starts them: they never end.
    pub storm: Job,
}

pub fn all() -> Vec<Way> {
    let ours = ours().into_iter();
    #[cfg(feature = "peers")]
    let ours = ours.chain(peers::ways());
    ours.collect()
}

/// Without other crates.
pub fn ours() -> [Way; 4] {
    let [bare, handwritten, supervised] = Variant::ALL.map(variant);
    [bare, handwritten, supervised, under_supervisor()]
}

fn variant(variant: Variant) -> Way {
    Way {
        name: variant.name(),
        countable: true,
        poll: poll::POLL.job(variant),
        start_stop: shutdown::BY_TOKEN.job(variant),
        after_panic: restart::AFTER_PANIC.job(variant),
        after_err: restart::AFTER_ERR.job(variant),
        storm: storm::job(variant),
    }
}

fn under_supervisor() -> Way {
    let variant = Variant::Supervised;
    let name = "under a supervisor";
    Way {
        name,
        poll: poll::UNDER_SUPERVISOR.job(variant),
        start_stop: shutdown::OF_6_000.job(variant),
        after_panic: restart::UNDER_SUPERVISOR_AFTER_PANIC.job(variant),
        after_err: restart::UNDER_SUPERVISOR_AFTER_ERR.job(variant),
        storm: storm::under_supervisor(name),
        ..self::variant(variant)
    }
}

impl Way {
    fn exact(&self) -> [&Job; 4] {
        [
            &self.poll,
            &self.start_stop,
            &self.after_panic,
            &self.after_err,
        ]
    }

    /// The job of that scenario, if it is one of this way.
    pub fn job(self, scenario: &str, way: &str) -> Option<Job> {
        let jobs = [
            self.poll,
            self.start_stop,
            self.after_panic,
            self.after_err,
            self.storm,
        ];
        let mut jobs = jobs.into_iter();
        jobs.find(|job| job.scenario == scenario && job.way == way)
    }
}

/// Allocations, and instructions if they can be counted here.
pub fn print(valgrind: Option<Valgrind>) -> Fallible {
    if cfg!(not(feature = "peers")) {
        println!("Other crates are compiled with `--features peers`.\n");
    }
    if let Some(valgrind) = valgrind {
        matrix("instructions", |way, job| {
            let countable = way.countable.then(|| valgrind.per_unit(job));
            countable.transpose()
        })?;
    }
    matrix("allocations", |_, job| Ok(Some(job.allocated()?.times)))?;
    matrix("bytes allocated", |_, job| Ok(Some(job.allocated()?.bytes)))
}

/// The time of the processor, to bare.
pub fn print_times(rounds: usize) -> Fallible {
    let ways = all();
    let mut columns = Vec::new();
    for scenario in 0..4 {
        let jobs: Vec<Job> = ways.iter().map(|way| *way.exact()[scenario]).collect();
        columns.push(time::ratios(&jobs, rounds)?);
    }
    let lines = ways.iter().enumerate().map(|(which, way)| {
        let mut line = vec![way.name.to_owned()];
        line.extend(columns.iter().map(|column| figure(column[which])));
        line
    });
    println!("time of the processor / bare, median of {rounds} rounds\n");
    table::print_lines(&head(), lines.collect());
    println!();
    Ok(())
}

fn matrix(what: &str, measured: impl Fn(&Way, &Job) -> Fallible<Option<f64>>) -> Fallible {
    let mut lines = Vec::new();
    for way in all() {
        let mut line = vec![way.name.to_owned()];
        for job in way.exact() {
            let value = measured(&way, job)?;
            line.push(value.map_or_else(dash, figure));
        }
        lines.push(line);
    }
    println!("{what} per unit\n");
    table::print_lines(&head(), lines);
    println!();
    Ok(())
}

fn head() -> [&'static str; 5] {
    let [panic, err] = [restart::AFTER_PANIC.name, restart::AFTER_ERR.name];
    ["", poll::POLL.name, "start and stop", panic, err]
}
