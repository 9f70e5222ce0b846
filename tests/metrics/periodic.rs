//! What only periodic workers have: their period, their last success, and how
//! long their ticks took.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use prometheus::Registry;
use supervise::{metrics, supervised};
use supervise_tests::Runs;
use tokio::task::yield_now;
use tokio::time::sleep;

use super::scrape::Scrape;

const PERIOD: &str = "supervise_period_seconds";
const LAST_SUCCESS: &str = "supervise_last_success_timestamp_seconds";

/// The families that tell of periodic workers, with what they tell of this one.
fn told(worker: &str) -> BTreeMap<String, f64> {
    let registry = Registry::new();
    metrics::register(&registry).unwrap();
    let scrape = Scrape::of(&registry).of_worker(worker).into_iter();
    let scrape = scrape.filter(|(series, _)| {
        let families = [PERIOD, LAST_SUCCESS, "supervise_tick_duration_seconds"];
        families.iter().any(|family| series.starts_with(family))
    });
    let scrape = scrape.map(|(series, value)| (series, value.parse().unwrap()));
    scrape.collect()
}

/// The real time, which is the one of timestamps.
fn now() -> f64 {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since_epoch.unwrap().as_secs_f64()
}

#[tokio::test(start_paused = true)]
async fn the_last_success_is_the_first_start_until_there_is_one_and_no_failure_moves_it() {
    #[supervised(name = "third time lucky", every = "90s")]
    async fn third_time_lucky(runs: &Runs) -> Result<(), String> {
        match runs.next() {
            3 => Ok(()),
            run => Err(format!("run {run}")),
        }
    }
    static RUNS: Runs = Runs::new();
    let last_success = || told("third time lucky")[LAST_SUCCESS];
    // A timestamp is written to the microsecond or so.
    let moment = || std::thread::sleep(Duration::from_millis(2));
    let before = now() - 0.001;
    let worker = tokio::spawn(third_time_lucky(&RUNS));
    yield_now().await;
    let started = last_success();
    assert!((before..=now()).contains(&started), "{started}");
    assert!((told("third time lucky")[PERIOD] - 90.0).abs() < f64::EPSILON);

    moment();
    sleep(Duration::from_secs(100)).await;
    assert_eq!(RUNS.count(), 2);
    assert!((last_success() - started).abs() < f64::EPSILON, "it failed");
    let before = now() - 0.001;
    sleep(Duration::from_secs(90)).await;
    assert_eq!(RUNS.count(), 3);
    let succeeded = last_success();
    assert!((before..=now()).contains(&succeeded), "{succeeded}");
    moment();
    sleep(Duration::from_secs(90)).await;
    assert_eq!(RUNS.count(), 4);
    assert!((last_success() - succeeded).abs() < f64::EPSILON);
    worker.abort();
}

#[tokio::test(start_paused = true)]
async fn ticks_are_sorted_by_how_long_they_took_into_at_most_eight_buckets() {
    #[supervised(name = "slow and fast", every = "2h")]
    async fn slow_and_fast(runs: &Runs) -> Result<(), String> {
        let took = [
            Duration::ZERO,
            // On a bound, and just above it.
            Duration::from_secs(1),
            Duration::from_millis(1_001),
            Duration::from_secs(3_700),
        ];
        let run = runs.next() as usize;
        sleep(took[(run - 1) % took.len()]).await;
        // Failed ones count, too.
        if run == 2 {
            Err("refused".into())
        } else {
            Ok(())
        }
    }
    static RUNS: Runs = Runs::new();
    let worker = tokio::spawn(slow_and_fast(&RUNS));
    yield_now().await;
    let family = "supervise_tick_duration_seconds";
    let buckets = || -> Vec<_> {
        let bounds = told("slow and fast")
            .into_iter()
            .filter_map(|(series, count)| {
                let bound = series.strip_prefix(family)?.strip_prefix("_bucket{le=\"")?;
                let bound: f64 = bound.strip_suffix("\"}")?.parse().unwrap();
                Some((bound, count))
            });
        let mut bounds: Vec<_> = bounds.collect();
        bounds.sort_by(|one, other| one.0.total_cmp(&other.0));
        bounds
    };
    assert!(buckets().len() <= 8, "{:?}", buckets());
    assert!(buckets().last().unwrap().0.is_infinite());

    sleep(Duration::from_secs(7 * 3_600 + 3_000)).await;
    assert_eq!(RUNS.count(), 4);
    let expected = [
        (0.01, 1.0),
        (0.1, 1.0),
        (1.0, 2.0),
        (10.0, 3.0),
        (60.0, 3.0),
        (600.0, 3.0),
        (3_600.0, 3.0),
        (f64::INFINITY, 4.0),
    ];
    assert_eq!(buckets(), expected);
    let told = told("slow and fast");
    assert!((told[&format!("{family}_count")] - 4.0).abs() < f64::EPSILON);
    assert!((told[&format!("{family}_sum")] - 3_702.001).abs() < 1e-6);
    worker.abort();
}

#[tokio::test(start_paused = true)]
async fn all_of_it_is_there_at_0_in_the_first_tick() {
    #[supervised(name = "first tick", every = "1m")]
    async fn first_tick() {
        sleep(Duration::from_secs(1)).await;
    }
    let worker = tokio::spawn(first_tick());
    yield_now().await;
    let told = told("first tick");
    assert_eq!(told.len(), 12, "{told:?}");
    let ticks = told.iter().filter(|(series, _)| series.contains("_tick_"));
    assert!(ticks.map(|(_, count)| count).all(|count| *count == 0.0));
    worker.abort();
}

#[tokio::test]
async fn of_any_other_worker_there_is_none_of_it() {
    #[supervised(name = "not periodic")]
    async fn not_periodic() {}
    not_periodic().await;
    assert!(told("not periodic").is_empty());
}
