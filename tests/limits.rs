//! What bounds a worker: `timeout`, `max_restarts`, `healthy_after`, `policy`.

use std::future::{Future, pending};
use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use supervise::{Backoff, Failure, MaxRestarts, Policy, Reason, Restart, supervised};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};
use tokio::task::{consume_budget, yield_now};
use tokio::time::{Instant, sleep};
use tracing::Level;

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[supervised(name = "hangs twice", restart = true, timeout = "5s", backoff = "1s")]
async fn hangs_twice(runs: &Runs) -> u32 {
    let run = runs.next();
    if run < 3 {
        pending::<()>().await;
    }
    run
}

#[tokio::test(start_paused = true)]
async fn a_run_that_takes_longer_than_its_timeout_is_dropped_told_and_restarted() {
    let (record, _guard) = record();
    let start = Instant::now();
    assert_eq!(hangs_twice(&Runs::new()).await, 3);
    // Two timeouts, and two waits between half a second and a whole one.
    let took = start.elapsed();
    assert!(
        secs(11) <= took && took <= Duration::from_millis(12_010),
        "{took:?}"
    );
    let worker = status("hangs twice");
    assert_eq!(worker.exits[Reason::Timeout], 2);
    assert_eq!(worker.restarts[Reason::Timeout], 2);
    assert_eq!((worker.starts, worker.running, worker.panics), (3, 0, 0));
    let told = record.with_message("worker timed out");
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].level, Level::WARN);
    assert_eq!(told[0].field("exception.type"), Some("timeout"));
    assert_eq!(
        told[0].field("exception.message"),
        Some("took longer than 5s")
    );
    assert_eq!(told[1].field("failures"), Some("2"));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_ends_just_before_its_timeout_is_none() {
    #[supervised(name = "just in time", timeout = "5s")]
    async fn just_in_time() -> &'static str {
        sleep(Duration::from_millis(4_999)).await;
        "done"
    }
    assert_eq!(just_in_time().await, "done");
    assert_eq!(status("just in time").exits[Reason::Finished], 1);
}

#[tokio::test(start_paused = true)]
async fn each_run_has_the_whole_timeout_for_itself() {
    #[supervised(name = "whole timeout", restart = true, timeout = "5s", backoff = "3s")]
    async fn whole(runs: &Runs) -> Result<u32, String> {
        sleep(secs(4)).await;
        match runs.next() {
            run @ 3.. => Ok(run),
            run => Err(format!("run {run}")),
        }
    }
    assert_eq!(whole(&Runs::new()).await, Ok(3));
    assert_eq!(status("whole timeout").exits[Reason::Timeout], 0);
}

/// A task that has used up its turn finds every timer of tokio not ready.
#[tokio::test]
async fn a_busy_body_does_not_escape_its_timeout() {
    #[supervised(name = "busy", timeout = "20ms")]
    async fn busy() -> Result<(), Failure> {
        loop {
            consume_budget().await;
        }
    }
    let failure = busy().await.unwrap_err();
    assert!(failure.is_timeout());
}

#[tokio::test(start_paused = true)]
async fn a_timeout_that_ends_the_worker_is_what_its_caller_gets() {
    #[supervised(name = "times out", timeout = "5s")]
    async fn unit() {
        pending::<()>().await;
    }
    #[supervised(name = "times out", timeout = "5s")]
    async fn failure() -> Result<u8, Failure> {
        pending().await
    }
    #[supervised(name = "times out", timeout = "5s")]
    async fn error() -> io::Result<()> {
        pending().await
    }
    unit().await;
    let failure = failure().await.unwrap_err();
    assert!(failure.is_timeout() && !failure.is_panic());
    assert_eq!(failure.worker(), "times out");
    assert_eq!(failure.message(), "took longer than 5s");
    assert_eq!(
        failure.to_string(),
        "worker `times out` timed out: took longer than 5s"
    );
    assert!(failure.location().is_none() && failure.stack().is_none());
    let error = error().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "worker `times out` timed out: took longer than 5s"
    );
    let worker = status("times out");
    assert_eq!(
        (worker.exits[Reason::Timeout], worker.gave_up_total),
        (3, 3)
    );
}

/// The message that `future` panics with.
async fn panic_of<T>(future: impl Future<Output = T> + Send + 'static) -> String
where
    T: Send + 'static,
{
    let Err(error) = tokio::spawn(future).await else {
        panic!("it did not panic");
    };
    *error.into_panic().downcast::<String>().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_timeout_that_nothing_can_hold_panics_with_its_own_message() {
    #[supervised(name = "unheld", timeout = "5s")]
    async fn number() -> u8 {
        pending().await
    }
    #[supervised(name = "unheld", timeout = "5s", on_give_up = "panic")]
    async fn unit() {
        pending::<()>().await;
    }
    for message in [panic_of(number()).await, panic_of(unit()).await] {
        assert_eq!(message, "worker `unheld` timed out: took longer than 5s");
    }
    // It is not this worker that panicked.
    assert_eq!(status("unheld").panics, 0);
}

struct DropBomb(Arc<AtomicBool>);

impl Drop for DropBomb {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
        panic!("while being dropped");
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_dropping_what_timed_out_is_contained_and_changes_no_reason() {
    #[supervised(name = "bomb in time", timeout = "5s")]
    async fn bomb(dropped: &Arc<AtomicBool>) -> Result<(), Failure> {
        let _bomb = DropBomb(Arc::clone(dropped));
        pending().await
    }
    let dropped = Arc::default();
    assert!(bomb(&dropped).await.unwrap_err().is_timeout());
    assert!(dropped.load(SeqCst));
    let worker = status("bomb in time");
    assert_eq!((worker.exits[Reason::Timeout], worker.panics), (1, 1));
    assert_eq!(worker.exits.total(), 1);
}

#[tokio::test(start_paused = true)]
async fn on_panic_restarts_after_a_timeout() {
    #[supervised(name = "on panic or timeout", restart = "on_panic", timeout = "1s")]
    async fn worker(runs: &Runs) {
        if runs.next() < 3 {
            pending::<()>().await;
        }
    }
    worker(&Runs::new()).await;
    assert_eq!(status("on panic or timeout").restarts[Reason::Timeout], 2);
}

#[supervised(
    name = "five since healthy",
    restart = true,
    backoff = "1s",
    max_restarts = 5
)]
async fn five(runs: &Runs, healthy: u32) -> Result<(), String> {
    let run = runs.next();
    if run == healthy {
        sleep(secs(10)).await;
    }
    Err(format!("run {run}"))
}

#[tokio::test(start_paused = true)]
async fn one_restart_more_than_the_limit_gives_up_and_tells_the_last_error() {
    let (record, _guard) = record();
    assert_eq!(five(&Runs::new(), 0).await, Err("run 6".into()));
    let worker = status("five since healthy");
    assert_eq!(
        (worker.restarts[Reason::Error], worker.gave_up_total),
        (5, 1)
    );
    let told = record.with_message("worker gave up");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].field("exception.message"), Some("run 6"));
    // Healthy in its third run: from there on it has five again.
    assert_eq!(five(&Runs::new(), 3).await, Err("run 8".into()));
}

#[tokio::test(start_paused = true)]
async fn the_limit_in_a_window_slides_with_time_and_is_not_cleared_by_health() {
    #[supervised(
        name = "two in an hour",
        restart = true,
        backoff = "1s",
        max_restarts = "2 in 1h"
    )]
    async fn worker(runs: &Runs, up: Duration) -> Result<(), String> {
        sleep(up).await;
        Err(format!("run {}", runs.next()))
    }
    // Each run is healthy, and the third failure is within an hour of the first.
    assert_eq!(worker(&Runs::new(), secs(1_700)).await, Err("run 3".into()));
    // Here, each is more than an hour after the last but one.
    let runs = Runs::new();
    let long = worker(&runs, secs(1_801));
    assert!(tokio::time::timeout(secs(86_400), long).await.is_err());
    assert!(runs.count() > 40);
}

#[tokio::test(start_paused = true)]
async fn a_limit_is_spent_by_its_own_worker_alone() {
    #[supervised(name = "own limit", restart = true, backoff = "1s", max_restarts = 3)]
    async fn worker(runs: &Runs, fails: u32) -> Result<u32, String> {
        match runs.next() {
            run if run <= fails => Err(format!("run {run}")),
            run => Ok(run),
        }
    }
    let (sick, well) = (Runs::new(), Runs::new());
    let (sick, well) = tokio::join!(worker(&sick, 9), worker(&well, 3));
    assert_eq!(sick, Err("run 4".into()));
    assert_eq!(well, Ok(4));
}

#[tokio::test(start_paused = true)]
async fn no_restarts_at_all_give_up_at_the_first_failure_but_run_again_after_a_return() {
    #[supervised(
        name = "none at all",
        restart = "always",
        backoff = "1s",
        max_restarts = 0
    )]
    async fn worker(runs: &Runs) -> Result<(), String> {
        match runs.next() {
            3 => Err("the third".into()),
            _ => Ok(()),
        }
    }
    let runs = Runs::new();
    assert_eq!(worker(&runs).await, Err("the third".into()));
    assert_eq!(status("none at all").restarts[Reason::Finished], 2);
}

#[tokio::test(start_paused = true)]
async fn health_comes_after_as_long_as_was_asked_for() {
    #[supervised(name = "soon healthy", restart = true, healthy_after = "3s")]
    async fn worker(runs: &Runs) {
        runs.panic_twice();
        pending::<()>().await;
    }
    let runs = Runs::new();
    let worker = worker(&runs);
    tokio::pin!(worker);
    // Two waits of at most 3 s.
    assert!(tokio::time::timeout(secs(4), &mut worker).await.is_err());
    assert_eq!(status("soon healthy").consecutive_failures, 2);
    assert!(tokio::time::timeout(secs(2), &mut worker).await.is_err());
    assert_eq!(status("soon healthy").consecutive_failures, 0);
}

struct Config {
    cleanup: Policy,
}

struct Service {
    config: Config,
    runs: Runs,
    evaluated: Runs,
}

impl Service {
    fn policy(&self, longest: Duration) -> Policy {
        self.evaluated.next();
        self.config
            .cleanup
            .backoff(Backoff::doubling(secs(1), longest))
    }

    #[supervised(name = "by config", policy = self.policy(longest))]
    async fn cleanup(&self, longest: Duration) -> Result<(), String> {
        Err(format!("run {}", self.runs.next()))
    }

    #[supervised(name = "by config, lent", policy = self.policy(secs(*longest)))]
    async fn lent(&mut self, longest: &mut u64) -> Result<(), String> {
        *longest += 1;
        Err(format!("run {}", self.runs.next()))
    }

    #[supervised(name = "by config, consumed", policy = self.config.cleanup.restart(Restart::Never))]
    async fn consumed(#[keep] self) -> Result<(), String> {
        Err(format!("run {}", self.runs.next()))
    }
}

#[async_trait::async_trait]
trait Cleans {
    async fn clean(&self, most: u32) -> Result<(), String>;
}

#[async_trait::async_trait]
impl Cleans for Service {
    #[supervised(name = "by config, boxed", policy = self.config.cleanup.max_restarts(MaxRestarts::since_healthy(most)))]
    async fn clean(&self, most: u32) -> Result<(), String> {
        Err(format!("run {} of {most}", self.runs.next()))
    }
}

fn service() -> Service {
    let cleanup = Policy::new()
        .restart(Restart::OnFailure)
        .max_restarts(MaxRestarts::since_healthy(3));
    Service {
        config: Config { cleanup },
        runs: Runs::new(),
        evaluated: Runs::new(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_is_any_expression_evaluated_once_with_self_and_arguments_in_scope() {
    let mut service = service();
    assert_eq!(service.cleanup(secs(2)).await, Err("run 4".into()));
    assert_eq!(service.evaluated.count(), 1);
    assert_eq!(status("by config").restart, Restart::OnFailure);
    let mut longest = 2;
    assert_eq!(service.lent(&mut longest).await, Err("run 8".into()));
    assert_eq!((longest, service.evaluated.count()), (6, 2));
    assert_eq!(service.clean(1).await, Err("run 10 of 1".into()));
    assert_eq!(service.consumed().await, Err("run 11".into()));
}

#[tokio::test]
async fn a_panic_in_the_policy_is_the_callers() {
    fn broken() -> Policy {
        panic!("no such policy")
    }
    #[supervised(name = "never started", policy = broken())]
    async fn worker() {}
    let error = tokio::spawn(AssertUnwindSafe(worker())).await.unwrap_err();
    let message = error.into_panic();
    assert_eq!(message.downcast_ref(), Some(&"no such policy"));
    let started = supervise::workers();
    assert!(started.iter().all(|worker| worker.name != "never started"));
}

#[tokio::test(start_paused = true)]
async fn names_in_the_policy_are_the_users() {
    static WORKER: Policy = Policy::new().restart(Restart::OnFailure);
    #[supervised(name = "hygienic", policy = WORKER)]
    async fn worker(runs: &Runs) {
        runs.panic_twice();
    }
    worker(&Runs::new()).await;
    assert_eq!(status("hygienic").starts, 3);
}

#[tokio::test(start_paused = true)]
async fn without_jitter_the_wait_is_the_backoff_to_the_millisecond() {
    const EXACT: Policy = Policy::new().restart(Restart::OnFailure).jitter(false);
    #[supervised(name = "exact", policy = EXACT)]
    async fn worker(runs: &Runs) {
        assert!(runs.next() > 4, "again");
    }
    let start = Instant::now();
    worker(&Runs::new()).await;
    let took = start.elapsed();
    assert!(
        secs(15) <= took && took <= Duration::from_millis(15_005),
        "{took:?}"
    );
}

#[tokio::test]
async fn critical_is_recorded() {
    #[supervised(name = "critical", critical = true)]
    async fn worker() {
        yield_now().await;
    }
    worker().await;
    assert!(status("critical").critical);
}
