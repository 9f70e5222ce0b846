//! Health: what forgives failures, when, and what does not.

use std::future::pending;
use std::time::Duration;

use supervise::{Reason, supervised};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep, timeout};
use tracing::Level;

#[supervised(name = "lives", restart = true, backoff = "1s..30s")]
async fn lives(starts: UnboundedSender<Instant>, up: Duration) {
    let _ = starts.send(Instant::now());
    sleep(up).await;
    panic!("again");
}

/// The wait before the fourth run of a worker whose runs stay `up`.
async fn third_wait(up: Duration) -> Duration {
    let (sender, mut starts) = unbounded_channel();
    let task = tokio::spawn(lives(sender, up));
    let mut last = starts.recv().await.unwrap();
    let mut wait = Duration::ZERO;
    for _ in 0..3 {
        let next = starts.recv().await.unwrap();
        wait = (next - last).saturating_sub(up);
        last = next;
    }
    task.abort();
    wait
}

#[tokio::test(start_paused = true)]
async fn a_healthy_run_resets_the_backoff_and_a_slightly_shorter_one_does_not() {
    // Healthy after twice the longest wait.
    let healthy = Duration::from_secs(60);
    assert!(third_wait(healthy).await <= Duration::from_millis(1_002));
    let short = third_wait(Duration::from_millis(59_995)).await;
    assert!(short >= Duration::from_secs(2), "{short:?}");
}

#[supervised(name = "recovers", restart = true, backoff = "1s..30s")]
async fn recovers(runs: &Runs) {
    runs.panic_twice();
    pending::<()>().await;
}

#[tokio::test(start_paused = true)]
async fn health_is_told_at_its_moment_and_clears_the_crash_loop_signal() {
    let (record, _guard) = record();
    let runs = Runs::new();
    let worker = recovers(&runs);
    tokio::pin!(worker);
    // Two waits of at most 3 s, then 60 s up.
    assert!(timeout(Duration::from_secs(4), &mut worker).await.is_err());
    assert_eq!(status("recovers").consecutive_failures, 2);
    assert!(timeout(Duration::from_secs(55), &mut worker).await.is_err());
    assert_eq!(status("recovers").consecutive_failures, 2);
    assert_eq!(record.with_message("worker recovered").len(), 0);
    assert!(timeout(Duration::from_secs(5), &mut worker).await.is_err());
    assert_eq!(status("recovers").consecutive_failures, 0);
    let told = record.with_message("worker recovered");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].level, tracing::Level::INFO);
    assert_eq!(told[0].field("failures"), Some("2"));
    assert!(
        timeout(Duration::from_secs(3_600), &mut worker)
            .await
            .is_err()
    );
    assert_eq!(record.with_message("worker recovered").len(), 1);
}

#[supervised(name = "waits", restart = true, backoff = "1h")]
async fn waits() {
    panic!("at once");
}

#[tokio::test(start_paused = true)]
async fn time_spent_waiting_is_not_health() {
    let task = tokio::spawn(waits());
    sleep(Duration::from_secs(5 * 3_600)).await;
    let worker = status("waits");
    assert_eq!(worker.consecutive_failures, worker.exits[Reason::Panic]);
    assert!(worker.consecutive_failures >= 5);
    task.abort();
}

#[supervised(
    name = "almost healthy",
    restart = true,
    backoff = "1s",
    healthy_after = "10s"
)]
async fn almost_healthy(runs: &Runs) {
    assert!(runs.next() > 1, "at once");
    sleep(Duration::from_millis(9_990)).await;
    panic!("almost healthy");
}

#[tokio::test(start_paused = true)]
async fn the_moment_of_health_of_a_run_that_failed_is_not_told_in_the_next() {
    let (record, _guard) = record();
    let runs = Runs::new();
    let worker = almost_healthy(&runs);
    assert!(timeout(Duration::from_secs(60), worker).await.is_err());
    assert!(record.with_message("worker recovered").is_empty());
    let told = record.with_message("worker panicked");
    let failures: Vec<_> = told.iter().map(|line| line.field("failures")).collect();
    assert_eq!(failures[..4], ["1", "2", "3", "4"].map(Some));
}

#[supervised(name = "forgives once")]
async fn forgives_once(fails: bool, woken: Option<&Notify>) {
    assert!(!fails, "at once");
    while let Some(woken) = woken {
        woken.notified().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_moment_of_health_is_past_forgives_no_later_failure() {
    forgives_once(true, None).await;
    let woken = Notify::new();
    let up = forgives_once(false, Some(&woken));
    tokio::pin!(up);
    let hour = Duration::from_secs(3_600);
    assert!(timeout(Duration::ZERO, &mut up).await.is_err());
    forgives_once(false, None).await;
    assert!(timeout(hour, &mut up).await.is_err());
    forgives_once(true, None).await;
    woken.notify_one();
    assert!(timeout(hour, &mut up).await.is_err());
    assert_eq!(status("forgives once").consecutive_failures, 1);
}

#[tokio::test(start_paused = true)]
async fn after_health_an_error_is_a_mere_warning_again() {
    #[supervised(name = "well in between", restart = true, backoff = "1s")]
    async fn worker(runs: &Runs) -> Result<(), String> {
        match runs.next() {
            6 => sleep(Duration::from_secs(10)).await,
            8 => return Ok(()),
            _ => {}
        }
        Err("no".into())
    }
    let (record, _guard) = record();
    assert!(worker(&Runs::new()).await.is_ok());
    let told = record.with_message("worker failed");
    let levels: Vec<_> = told.iter().map(|line| line.level).collect();
    let (warn, error) = (Level::WARN, Level::ERROR);
    assert_eq!(levels, [warn, warn, warn, warn, error, warn, warn]);
}
