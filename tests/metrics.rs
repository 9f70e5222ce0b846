//! The Prometheus families, through the text that a scrape gets.

mod metrics {
    mod alone;
    mod collector;
    mod contract;
    mod default;
    mod hostile;
    mod periodic;
    pub mod promtool;
    pub mod scrape;
}

use std::collections::BTreeMap;
use std::future::pending;
use std::time::Duration;

use prometheus::Registry;
use supervise::{metrics as families, supervised};
use supervise_tests::Runs;
use tokio::time::sleep;

use self::metrics::scrape::Scrape;

#[supervised(name = "exported", restart = true, backoff = "1h")]
async fn exported(runs: &'static Runs) {
    runs.panic_twice();
    pending::<()>().await;
}

#[tokio::test(start_paused = true)]
async fn every_series_of_a_worker_is_there_from_its_first_start_and_counts_exactly() {
    static RUNS: Runs = Runs::new();
    let registry = Registry::new();
    families::register(&registry).unwrap();
    let scrape = || Scrape::of(&registry).of_worker("exported");
    assert!(scrape().is_empty());
    let task = tokio::spawn(exported(&RUNS));
    sleep(Duration::from_secs(1)).await;

    let waiting = scrape();
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
    .map(|(series, value)| (series.to_owned(), value.to_string()))
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
            exits.to_string(),
        );
        // No run follows a shutdown.
        if reason != "shutdown" {
            let restarts = format!("supervise_restarts_total{{reason=\"{reason}\"}}");
            expected.insert(restarts, "0".into());
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
    expected.insert(info.clone(), "1".into());
    assert_eq!(waiting, expected);

    sleep(Duration::from_secs(3 * 3_600)).await;
    let running = scrape();
    for (series, value) in [
        ("supervise_panics_total{kind=\"worker\"}", "2"),
        ("supervise_starts_total", "3"),
        ("supervise_restarts_total{reason=\"panic\"}", "2"),
        ("supervise_workers{state=\"running\"}", "1"),
        ("supervise_workers{state=\"waiting\"}", "0"),
        // Healthy for an hour.
        ("supervise_consecutive_failures", "0"),
    ] {
        assert_eq!(running[series], value, "{series}");
    }
    task.abort();
}

#[test]
fn registering_twice_is_an_error_and_no_panic() {
    let (first, second) = (Registry::new(), Registry::new());
    families::register(&first).unwrap();
    assert!(matches!(
        families::register(&first),
        Err(prometheus::Error::AlreadyReg)
    ));
    families::register(&second).unwrap();
}
