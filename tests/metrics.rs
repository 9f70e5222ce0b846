//! The Prometheus families, through the text that a scrape gets.

use std::collections::BTreeMap;
use std::future::pending;
use std::time::Duration;

use prometheus::{Registry, TextEncoder};
use supervise::{metrics, supervised};
use supervise_tests::Runs;
use tokio::time::sleep;

/// The series of `worker` in `registry`: name and labels, without the worker's.
fn scrape(registry: &Registry, worker: &str) -> BTreeMap<String, u64> {
    let text = TextEncoder::new()
        .encode_to_string(&registry.gather())
        .unwrap();
    let label = format!("worker=\"{worker}\"");
    text.lines()
        .filter(|line| !line.starts_with('#') && line.contains(&label))
        .map(|line| {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let series = series.replace(&format!(",{label}"), "").replace(&label, "");
            (
                series.replace("{}", "").replace("{,", "{"),
                value.parse().unwrap(),
            )
        })
        .collect()
}

#[supervised(name = "exported", restart = true, backoff = "1h")]
async fn exported(runs: &'static Runs) {
    runs.panic_twice();
    pending::<()>().await;
}

#[tokio::test(start_paused = true)]
async fn every_series_of_a_worker_is_there_from_its_first_start_and_counts_exactly() {
    static RUNS: Runs = Runs::new();
    let registry = Registry::new();
    metrics::register(&registry).unwrap();
    assert!(scrape(&registry, "exported").is_empty());
    let task = tokio::spawn(exported(&RUNS));
    sleep(Duration::from_secs(1)).await;

    let waiting = scrape(&registry, "exported");
    let mut expected: BTreeMap<_, _> = [
        ("supervise_panics_total{kind=\"worker\"}", 1),
        ("supervise_starts_total", 1),
        ("supervise_gave_up_total", 0),
        ("supervise_consecutive_failures", 1),
        ("supervise_workers{state=\"running\"}", 0),
        ("supervise_workers{state=\"waiting\"}", 1),
        ("supervise_workers{state=\"scheduled\"}", 0),
        ("supervise_workers{state=\"gave_up\"}", 0),
    ]
    .map(|(series, value)| (series.to_owned(), value))
    .into();
    for reason in [
        "finished",
        "error",
        "panic",
        "timeout",
        "shutdown",
        "cancelled",
    ] {
        let exits = u64::from(reason == "panic");
        expected.insert(
            format!("supervise_exits_total{{reason=\"{reason}\"}}"),
            exits,
        );
        // No run follows a shutdown.
        if reason != "shutdown" {
            let restarts = format!("supervise_restarts_total{{reason=\"{reason}\"}}");
            expected.insert(restarts, 0);
        }
    }
    let info = waiting
        .keys()
        .find(|series| series.starts_with("supervise_worker_info"))
        .unwrap();
    assert!(
        info.contains("critical=\"false\",location=\"tests/metrics.rs:"),
        "{info}"
    );
    assert!(info.contains("restart=\"on_failure\""), "{info}");
    expected.insert(info.clone(), 1);
    assert_eq!(waiting, expected);

    sleep(Duration::from_secs(3 * 3_600)).await;
    let running = scrape(&registry, "exported");
    assert_eq!(running["supervise_panics_total{kind=\"worker\"}"], 2);
    assert_eq!(running["supervise_starts_total"], 3);
    assert_eq!(running["supervise_restarts_total{reason=\"panic\"}"], 2);
    assert_eq!(running["supervise_workers{state=\"running\"}"], 1);
    assert_eq!(running["supervise_workers{state=\"waiting\"}"], 0);
    assert_eq!(
        running["supervise_consecutive_failures"], 0,
        "healthy for an hour"
    );
    task.abort();
}

#[tokio::test]
async fn a_service_that_shows_the_default_registry_shows_the_workers() {
    #[supervised(name = "by default")]
    async fn by_default() {}
    by_default().await;
    let series = scrape(prometheus::default_registry(), "by default");
    assert_eq!(series["supervise_exits_total{reason=\"finished\"}"], 1);
}

#[test]
fn registering_twice_is_an_error_and_no_panic() {
    let (first, second) = (Registry::new(), Registry::new());
    metrics::register(&first).unwrap();
    assert!(matches!(
        metrics::register(&first),
        Err(prometheus::Error::AlreadyReg)
    ));
    metrics::register(&second).unwrap();
}

#[test]
fn starts_are_exits_and_running_ones_at_every_scrape() {
    #[supervised(name = "busy", restart = true, backoff = "0s")]
    async fn busy(runs: &'static Runs) -> Result<(), String> {
        tokio::task::yield_now().await;
        if runs.next() < 20_000 {
            Err("again".into())
        } else {
            Ok(())
        }
    }
    static RUNS: Runs = Runs::new();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap();
    let tasks: Vec<_> = (0..8).map(|_| runtime.spawn(busy(&RUNS))).collect();
    while !tasks.iter().all(tokio::task::JoinHandle::is_finished) {
        for worker in supervise::workers()
            .iter()
            .filter(|worker| worker.name == "busy")
        {
            assert_eq!(worker.starts, worker.exits.total() + worker.running);
            assert!(worker.running + worker.waiting <= 8, "{worker:?}");
        }
    }
    let worker = supervise_tests::status("busy");
    assert_eq!(
        (worker.running, worker.waiting, worker.consecutive_failures),
        (0, 0, 0)
    );
    assert_eq!(worker.starts, worker.restarts.total() + 8);
}
