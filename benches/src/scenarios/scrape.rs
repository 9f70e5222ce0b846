//! A scrape, gathered and written as text, of many names. The unit is one scrape.
//!
//! `supervised`: 5,000 names of workers, all of which have failed, and every tenth
//! of which is periodic. `handwritten`: as many series in vectors of crate
//! `prometheus`, which is what the text alone takes. `bare` has nothing to show.

use std::sync::OnceLock;
use std::time::Duration;

use futures_util::FutureExt;
use prometheus::{IntCounterVec, Opts, Registry, TextEncoder};
use supervise::{Policy, Restart, Worker};
use tokio::runtime::Runtime;

use super::Scenario;
use crate::Fallible;
use crate::measure::{Budget::AtMost, Goal, Measure};

pub const OF_5_000_NAMES: Scenario = Scenario {
    name: "scrape of 5,000 names",
    runs: [
        |_, _| Ok(()),
        |_, scrapes| scrape(by_hand()?, scrapes),
        |runtime, scrapes| scrape(supervised(runtime)?, scrapes),
    ],
    units: [1, 2],
    subscriber: false,
    goals: &[
        // Not its allocations: how many there are is in the digits of a timestamp.
        Goal::unbudgeted(Measure::Instructions),
        Goal::budgeted(Measure::Milliseconds, AtMost(100.0)),
    ],
};

const NAMES: u32 = 5_000;

fn scrape(registry: &Registry, scrapes: u32) -> Fallible {
    for _ in 0..scrapes {
        let text = TextEncoder::new().encode_to_string(&registry.gather())?;
        let lines = text.lines().filter(|line| !line.starts_with('#')).count();
        if lines < series() {
            return Err(format!("{lines} series of {}", series()).into());
        }
    }
    Ok(())
}

/// One for each label of each family of a worker; of a periodic one, for each
/// bucket too.
fn series() -> usize {
    (20 * NAMES + 12 * NAMES / 10) as usize
}

/// Made once: what is to be measured is the scrape.
fn supervised(runtime: &Runtime) -> Fallible<&'static Registry> {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    if let Some(registry) = REGISTRY.get() {
        return Ok(registry);
    }
    let registry = Registry::new();
    supervise::metrics::register(&registry)?;
    runtime.block_on(async { (0..NAMES).for_each(fail_once) });
    Ok(REGISTRY.get_or_init(|| registry))
}

fn fail_once(number: u32) {
    let name = String::leak(format!("service-{}::worker-{number}", number % 100));
    let policy = Policy::new().restart(Restart::OnFailure);
    let mut worker = Worker::new(name).policy(policy);
    if number.is_multiple_of(10) {
        worker = worker.every(Duration::from_mins(1));
    }
    // It waits for its restart, and is dropped.
    let run = || async { Err::<(), _>("connection refused (os error 111)") };
    let _ = worker.supervise(run).now_or_never();
}

fn by_hand() -> Fallible<&'static Registry> {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    if let Some(registry) = REGISTRY.get() {
        return Ok(registry);
    }
    let registry = Registry::new();
    let kinds = series().div_ceil(NAMES as usize);
    let opts = Opts::new("events_total", "What happened to a worker");
    let events = IntCounterVec::new(opts, &["worker", "event"])?;
    registry.register(Box::new(events.clone()))?;
    for number in 0..NAMES {
        let name = format!("service-{}::worker-{number}", number % 100);
        for kind in 0..kinds {
            events.with_label_values(&[&name, &format!("event-{kind}")]);
        }
    }
    Ok(REGISTRY.get_or_init(|| registry))
}
