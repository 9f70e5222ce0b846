//! Health is told at its moment, though the run has its thread busy.

use std::thread;
use std::time::Duration;

use supervise::{Reason, supervised};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};

use crate::eventually;

/// How many threads of this process wait for a run to be healthy.
#[cfg(target_os = "linux")]
fn witnesses() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names
        .filter(|name| name.starts_with("supervise-heal"))
        .count()
}

#[test]
fn a_run_that_stays_up_is_healthy_at_that_moment_and_says_so_once() {
    #[supervised(
        blocking,
        name = "healthy thread",
        restart = true,
        backoff = "1ms",
        healthy_after = "50ms"
    )]
    fn healthy(runs: &Runs) {
        runs.panic_twice();
        eventually("it is healthy", || {
            status("healthy thread").consecutive_failures == 0
        });
        thread::sleep(Duration::from_millis(60));
    }
    let (record, _guard) = record();
    healthy(&Runs::new());
    let told = record.with_message("worker recovered");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].level, tracing::Level::INFO);
    assert_eq!(told[0].field("failures"), Some("2"));
    assert_eq!(told[0].field("run"), Some("3"));
    let order: Vec<_> = record.lines();
    let at = |text: &str| order.iter().position(|line| line.message() == text);
    assert!(at("worker recovered") < at("worker finished"));
}

#[test]
fn what_a_healthy_run_forgives_is_not_held_against_its_own_failure() {
    #[supervised(
        blocking,
        name = "fails in health",
        restart = true,
        backoff = "1ms",
        healthy_after = "60ms",
        max_restarts = 2
    )]
    fn fails_in_health(runs: &Runs) -> Result<(), String> {
        if runs.next() == 3 {
            thread::sleep(Duration::from_millis(95));
        }
        Err("no".into())
    }
    let (record, _guard) = record();
    let runs = Runs::new();
    assert!(fails_in_health(&runs).is_err());
    // Two, of which the third run forgives; its own and two more.
    assert_eq!(runs.count(), 5);
    assert_eq!(record.with_message("worker recovered").len(), 1);
    let failures = record.with_message("worker failed");
    let failures: Vec<_> = failures.iter().map(|line| line.field("failures")).collect();
    assert_eq!(failures, ["1", "2", "1", "2", "3"].map(Some));
}

#[test]
fn a_run_that_ends_before_its_moment_is_not_healthy() {
    #[supervised(
        blocking,
        name = "almost healthy thread",
        restart = true,
        backoff = "1ms",
        healthy_after = "1h",
        max_restarts = 3
    )]
    fn almost() {
        thread::sleep(Duration::from_millis(2));
        panic!("almost");
    }
    let (record, _guard) = record();
    almost();
    assert!(record.with_message("worker recovered").is_empty());
    let worker = status("almost healthy thread");
    assert_eq!((worker.consecutive_failures, worker.gave_up), (4, 1));
    assert_eq!(worker.exits[Reason::Panic], 4);
}

/// In one test, as all share the process.
#[cfg(target_os = "linux")]
#[test]
fn no_thread_waits_for_a_run_that_has_nothing_to_forgive() {
    use std::sync::mpsc::channel;

    #[supervised(
        blocking,
        name = "witnessed",
        healthy_after = "1h",
        restart = true,
        backoff = "1ms"
    )]
    fn witnessed(runs: &Runs, seen: &dyn Fn(usize)) {
        let run = runs.next();
        if run == 2 {
            eventually("a witness is there", || witnesses() > 0);
        }
        seen(witnesses());
        assert!(run > 1, "at once");
    }
    let (sender, seen) = channel();
    witnessed(&Runs::new(), &|count| sender.send(count).unwrap());
    let seen: Vec<_> = seen.try_iter().collect();
    assert!(seen[1] >= 1, "{seen:?}");
    eventually("no witness is left", || witnesses() == 0);
    let alone = || {
        let (sender, seen) = channel();
        witnessed(&Runs::new(), &|count| sender.send(count).unwrap());
        seen.recv().unwrap()
    };
    // The first run of a healthy one has none of its own: there may be those of
    // other tests.
    eventually("a first run is seen without", || alone() == 0);
}
