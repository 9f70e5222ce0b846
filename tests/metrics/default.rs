//! The default registry, which the metrics enter at the first start of a worker
//! in a process: each test has a process of its own.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::thread;

use prometheus::{Error, IntCounter, Opts, Registry, default_registry};
use supervise::metrics::{self, Workers};
use supervise::supervised;
use supervise_tests::record::record;
use tokio::runtime::Builder;

use super::alone::alone;
use super::scrape::Scrape;

const NOT_THERE: &str = "the metrics are not in the default Prometheus registry";

#[supervised(name = "by default")]
async fn by_default() {}

/// Starts the first worker of the process, twice, and returns what a scrape of the
/// default registry gets then, and the warnings that were logged.
fn start() -> (Scrape, Vec<String>) {
    let (record, _guard) = record();
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(by_default());
    runtime.block_on(by_default());
    let lines = record.lines().into_iter();
    let warnings = lines.filter(|line| line.level <= tracing::Level::WARN);
    let warnings = warnings.map(|line| format!("{}: {:?}", line.message(), line.field("error")));
    (Scrape::of(default_registry()), warnings.collect())
}

/// The families that tell of the worker.
fn told(scrape: &Scrape) -> Vec<String> {
    scrape.of_worker("by default").into_keys().collect()
}

#[test]
fn a_service_that_shows_the_default_registry_shows_the_workers() {
    alone(|| {
        let (scrape, warnings) = start();
        assert_eq!(warnings, [""; 0]);
        let finished = "supervise_exits_total{reason=\"finished\"}";
        assert_eq!(scrape.of_worker("by default")[finished], "2");
        assert!(matches!(
            metrics::register(default_registry()),
            Err(Error::AlreadyReg)
        ));
    });
}

#[test]
fn a_user_who_has_registered_them_there_is_told_nothing() {
    alone(|| {
        metrics::register(default_registry()).unwrap();
        let (scrape, warnings) = start();
        assert_eq!(warnings, [""; 0]);
        assert_eq!(told(&scrape).len(), 20);
    });
}

#[test]
fn under_a_namespace_of_the_users_they_are_there_and_under_no_other() {
    alone(|| {
        let workers = Workers::new().namespace("billing").unwrap();
        prometheus::register(Box::new(workers)).unwrap();
        let (scrape, warnings) = start();
        assert_eq!(warnings, [""; 0]);
        assert_eq!(told(&scrape).len(), 20);
        for series in told(&scrape) {
            assert!(series.starts_with("billing_supervise_"), "{series}");
        }
    });
}

#[test]
fn with_a_label_of_the_users_they_are_there_and_without_it_they_are_not() {
    alone(|| {
        let workers = Workers::new().const_label("region", "eu").unwrap();
        prometheus::register(Box::new(workers)).unwrap();
        let (scrape, warnings) = start();
        assert_eq!(warnings, [""; 0]);
        assert_eq!(told(&scrape).len(), 20);
        for series in told(&scrape) {
            assert!(series.contains("region=\"eu\""), "{series}");
        }
    });
}

#[test]
fn a_user_who_registers_them_there_at_the_very_moment_is_told_nothing() {
    static STARTED: AtomicBool = AtomicBool::new(false);
    static ATTEMPTS: AtomicU32 = AtomicU32::new(0);
    alone(|| {
        // The more there are, the longer takes the look for them.
        let own = Registry::new();
        for number in 0..500 {
            let workers = Workers::new().const_label("number", number.to_string());
            own.register(Box::new(workers.unwrap())).unwrap();
        }
        let others = [(); 3].map(|()| {
            thread::spawn(|| {
                let mut registered = 0;
                while !STARTED.load(SeqCst) {
                    registered += u32::from(metrics::register(default_registry()).is_ok());
                    ATTEMPTS.fetch_add(1, SeqCst);
                }
                registered
            })
        });
        while ATTEMPTS.load(SeqCst) < 100 {
            thread::yield_now();
        }
        let (scrape, warnings) = start();
        STARTED.store(true, SeqCst);
        let registered = others.map(|other| other.join().unwrap());
        assert!(registered.iter().sum::<u32>() <= 1);
        assert_eq!(warnings, [""; 0]);
        assert_eq!(told(&scrape).len(), 20);
    });
}

#[test]
fn a_registry_of_the_users_does_not_keep_them_out_of_the_default_one() {
    alone(|| {
        let own = Registry::new();
        for workers in [
            Workers::new(),
            Workers::new().const_label("region", "eu").unwrap(),
            Workers::new().namespace("billing").unwrap(),
        ] {
            // The second has the names of the first, and not its labels.
            let _ = own.register(Box::new(workers));
        }
        let (scrape, warnings) = start();
        assert_eq!(warnings, [""; 0]);
        assert_eq!(told(&scrape).len(), 20);
        assert_eq!(told(&Scrape::of(&own)).len(), 40);
    });
}

#[test]
fn a_name_that_something_else_has_is_told_once_and_breaks_nothing() {
    alone(|| {
        // In a registry of their own: that they are in some does not make them be
        // in this one.
        metrics::register(&Registry::new()).unwrap();
        let stranger = IntCounter::with_opts(Opts::new("supervise_starts_total", "Engines."));
        prometheus::register(Box::new(stranger.unwrap())).unwrap();
        let (scrape, warnings) = start();
        let [warning] = &warnings[..] else {
            panic!("{warnings:?}");
        };
        assert!(warning.starts_with(NOT_THERE), "{warning}");
        assert!(warning.contains("Duplicate"), "{warning}");
        assert!(told(&scrape).is_empty());
        assert_eq!(scrape.families.len(), 1);
    });
}
