//! What anyone may know of the workers, as data.

use std::future::pending;
use std::time::{Duration, SystemTime};

use supervise::supervised;
use supervise_tests::{Runs, status};
use tokio::sync::Mutex;
use tokio::time::sleep;

/// To look at one worker is to look at all, by the paused clock of who looks:
/// each test has its own.
static ALONE: Mutex<()> = Mutex::const_new(());

/// How long ago it was that a worker of this name last changed its state.
fn since(worker: &str) -> Duration {
    let since = status(worker).since.unwrap();
    let ago = SystemTime::now().duration_since(since).unwrap();
    // Real time passes as well, and the moments are kept in milliseconds.
    Duration::from_secs_f64(ago.as_secs_f64().round())
}

#[tokio::test(start_paused = true)]
async fn since_is_the_last_start_failure_or_restart_of_a_worker() {
    static RUNS: Runs = Runs::new();
    #[supervised(name = "since", restart = true, backoff = "4h")]
    async fn worker(runs: &'static Runs) {
        sleep(Duration::from_secs(30)).await;
        assert!(runs.next() > 1, "after 30 s");
        pending::<()>().await;
    }
    let _alone = ALONE.lock().await;
    let task = tokio::spawn(worker(&RUNS));
    sleep(Duration::from_secs(20)).await;
    assert_eq!(since("since"), Duration::from_secs(20), "up");
    sleep(Duration::from_secs(3_610)).await;
    assert_eq!(since("since"), Duration::from_secs(3_600), "waiting");
    while status("since").running == 0 {
        sleep(Duration::from_secs(1)).await;
    }
    assert!(since("since") <= Duration::from_secs(1), "up again");
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn since_is_when_a_worker_gave_up() {
    #[supervised(name = "since it gave up")]
    async fn worker() {
        sleep(Duration::from_secs(60)).await;
        panic!("at last");
    }
    let _alone = ALONE.lock().await;
    worker().await;
    sleep(Duration::from_secs(90)).await;
    assert_eq!(since("since it gave up"), Duration::from_secs(90));
}

#[tokio::test(start_paused = true)]
async fn since_is_the_start_of_the_first_of_those_that_are_up() {
    #[supervised(
        name = "since the first",
        restart = true,
        backoff = "30s",
        max_restarts = 1
    )]
    async fn worker(up: Duration, fails: bool) {
        sleep(up).await;
        assert!(!fails, "after {up:?}");
    }
    let _alone = ALONE.lock().await;
    let seconds = Duration::from_secs;
    // It finishes, is aborted, gives up after a restart: each is its end.
    for (up, fails) in [(60, false), (7_200, false), (60, true)] {
        let first = tokio::spawn(worker(seconds(up), fails));
        sleep(seconds(20)).await;
        let second = tokio::spawn(worker(seconds(30), false));
        sleep(seconds(20)).await;
        assert_eq!(since("since the first"), seconds(40));
        second.await.unwrap();
        sleep(seconds(3_600)).await;
        first.abort();
        sleep(seconds(1)).await;
        assert_eq!(status("since the first").running, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn since_is_not_told_of_who_has_ended() {
    #[supervised(name = "since it ended")]
    async fn worker() {
        sleep(Duration::from_secs(60)).await;
    }
    let _alone = ALONE.lock().await;
    worker().await;
    assert_eq!(status("since it ended").since, None);
}

#[tokio::test(start_paused = true)]
async fn who_has_stayed_up_for_five_seconds_is_ready_and_remains_so() {
    #[supervised(name = "ready by time", restart = true, backoff = "1s")]
    async fn worker(up: Duration) {
        sleep(up).await;
        panic!("again");
    }
    let _alone = ALONE.lock().await;
    let task = tokio::spawn(worker(Duration::from_millis(4_900)));
    sleep(Duration::from_secs(60)).await;
    assert!(!status("ready by time").ready, "never up for 5 s");
    task.abort();

    let task = tokio::spawn(worker(Duration::from_secs(6)));
    sleep(Duration::from_millis(4_900)).await;
    assert!(!status("ready by time").ready);
    sleep(Duration::from_millis(200)).await;
    assert!(status("ready by time").ready);
    sleep(Duration::from_secs(60)).await;
    assert!(status("ready by time").ready);
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_no_time_up() {
    #[supervised(name = "not ready by waiting", restart = true, backoff = "1h")]
    async fn worker() {
        panic!("at once");
    }
    let _alone = ALONE.lock().await;
    let task = tokio::spawn(worker());
    sleep(Duration::from_secs(60)).await;
    assert!(!status("not ready by waiting").ready);
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn who_was_up_for_five_seconds_while_nobody_looked_is_ready() {
    #[supervised(name = "ready unseen", restart = true, backoff = "1h")]
    async fn worker() {
        sleep(Duration::from_secs(6)).await;
        panic!("again");
    }
    let _alone = ALONE.lock().await;
    let task = tokio::spawn(worker());
    sleep(Duration::from_secs(10)).await;
    let status = status("ready unseen");
    assert!(status.ready && status.waiting == 1, "{status:?}");
    task.abort();
}
