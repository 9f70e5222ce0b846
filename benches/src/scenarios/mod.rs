//! What the workers are made to do. One file each, and its lines in `ALL` and
//! `FORMS`.

mod pages;
mod periodic;
pub mod poll;
pub mod restart;
mod scrape;
pub mod shutdown;
mod start_stop;

use tokio::runtime::Runtime;

use crate::Fallible;
use crate::job::Job;
use crate::measure::{Goal, Measure};
use crate::variant::{Each, Variant};

/// Has workers do that many units, and waits for their end.
pub type Run = fn(&Runtime, u32) -> Fallible;

pub struct Scenario {
    pub name: &'static str,
    pub runs: Each<Run>,
    /// See [`Job`].
    pub units: [u32; 2],
    /// See [`Job`].
    pub subscriber: bool,
    pub goals: &'static [Goal],
}

const WITH_SUBSCRIBER: &[Goal] = &[
    Goal::unbudgeted(Measure::Instructions),
    Goal::unbudgeted(Measure::Allocations),
];

impl Scenario {
    pub const ALL: [&Self; 13] = [
        &poll::POLL,
        &poll::UNDER_SUPERVISOR,
        &poll::LARGER_BODY,
        &poll::LARGER_BODY_UNDER_SUPERVISOR,
        &start_stop::START_STOP,
        &start_stop::UNDER_SUPERVISOR,
        &restart::AFTER_PANIC,
        &restart::AFTER_ERR,
        &periodic::TICK,
        &shutdown::OF_6_000,
        &shutdown::OF_100_000,
        &scrape::OF_5_000_NAMES,
        &pages::OF_5_000_WORKERS,
    ];

    /// The same with the attribute in its other forms, and with a subscriber
    /// that formats what is logged.
    pub const FORMS: [&Self; 16] = [
        &poll::METHOD,
        &poll::KEEP,
        &poll::CLOSURE,
        &poll::WITH_SUBSCRIBER,
        &shutdown::BY_TOKEN,
        &start_stop::METHOD,
        &start_stop::KEEP,
        &start_stop::WITH_SUBSCRIBER,
        &restart::METHOD_AFTER_PANIC,
        &restart::METHOD_AFTER_ERR,
        &restart::KEEP_AFTER_PANIC,
        &restart::KEEP_AFTER_ERR,
        &restart::UNDER_SUPERVISOR_AFTER_PANIC,
        &restart::UNDER_SUPERVISOR_AFTER_ERR,
        &restart::WITH_SUBSCRIBER_AFTER_PANIC,
        &restart::WITH_SUBSCRIBER_AFTER_ERR,
    ];

    pub fn named(name: &str) -> Option<&'static Self> {
        let all = Self::ALL.into_iter().chain(Self::FORMS);
        all.into_iter().find(|scenario| scenario.name == name)
    }

    /// The same of a worker in another form.
    const fn form(self, name: &'static str, run: Run, goals: &'static [Goal]) -> Self {
        let [bare, handwritten, _] = self.runs;
        let runs = [bare, handwritten, run];
        Self {
            name,
            runs,
            goals,
            ..self
        }
    }

    /// The same with a subscriber; by hand the worker is in a span, too.
    const fn with_subscriber(self, name: &'static str, handwritten: Run) -> Self {
        let [bare, _, supervised] = self.runs;
        Self {
            name,
            runs: [bare, handwritten, supervised],
            subscriber: true,
            goals: WITH_SUBSCRIBER,
            ..self
        }
    }

    pub fn job(&self, variant: Variant) -> Job {
        Job {
            scenario: self.name,
            way: variant.name(),
            run: self.runs[variant as usize],
            units: self.units,
            subscriber: self.subscriber,
        }
    }
}
