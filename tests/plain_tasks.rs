//! What a supervisor is given that is no worker: contained, logged and counted
//! all the same.

use std::future::{Future, pending};
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use supervise::{Kind, Reason, Supervisor, supervised};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};
use tokio::task::{LocalSet, yield_now};
use tokio::time::sleep;

async fn plain(fails: bool) {
    yield_now().await;
    assert!(!fails, "in a plain task");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_worker_is_contained_logged_and_counted_under_its_functions_name() {
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    supervisor.spawn(plain(true));
    supervisor.spawn(plain(false));
    supervisor.spawn(async { plain(false).await });
    sleep(Duration::from_secs(1)).await;

    let task = status("plain_tasks::plain");
    assert_eq!(task.kind, Kind::Task);
    assert_eq!((task.starts, task.panics, task.running), (2, 1, 0));
    assert_eq!(
        (task.exits[Reason::Panic], task.exits[Reason::Finished]),
        (1, 1)
    );
    assert_eq!((task.gave_up, task.consecutive_failures), (0, 0));
    let failure = task.last_failure().unwrap();
    assert_eq!(failure.message, "in a plain task");
    assert!(
        failure
            .place
            .as_ref()
            .unwrap()
            .file()
            .ends_with("plain_tasks.rs")
    );

    let lines = record.with_message("task panicked");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].level, tracing::Level::ERROR);
    assert_eq!(lines[0].target, "supervise::panic");
    assert_eq!(lines[0].field("worker"), Some("plain_tasks::plain"));
    assert_eq!(lines[0].field("exception.message"), Some("in a plain task"));
    assert!(lines[0].field("code.line.number").is_some());
    assert!(
        lines[0]
            .field("exception.stacktrace")
            .unwrap()
            .contains("plain")
    );

    let block =
        "plain_tasks::what_is_no_worker_is_contained_logged_and_counted_under_its_functions_name";
    assert_eq!(status(block).exits[Reason::Finished], 1);
}

#[tokio::test(start_paused = true)]
async fn a_future_that_panics_when_it_is_dropped_harms_nobody_and_is_told() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in the destructor");
        }
    }
    async fn dropped(_bomb: Bomb) {
        pending::<()>().await;
    }
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    supervisor.spawn(dropped(Bomb));
    yield_now().await;
    supervisor.shutdown();
    supervisor.wait().await.unwrap();
    let name = "a_future_that_panics_when_it_is_dropped_harms_nobody_and_is_told::dropped";
    let task = status(name);
    assert_eq!((task.panics, task.exits[Reason::Shutdown]), (1, 1));
    assert_eq!(record.with_message("panic in dropping a task").len(), 1);
}

#[supervised(name = "in a block", restart = true, backoff = "1s")]
async fn in_a_block(runs: &'static Runs) {
    runs.panic_twice();
}

#[tokio::test(start_paused = true)]
async fn what_enters_a_run_at_its_first_poll_is_that_worker_and_leaves_no_series_of_its_own() {
    static RUNS: Runs = Runs::new();
    let supervisor = Supervisor::new();
    supervisor
        .spawn(async { in_a_block(&RUNS).await })
        .await
        .unwrap();
    supervisor
        .spawn(async { tokio::join!(in_a_block(&RUNS), in_a_block(&RUNS)) })
        .await
        .unwrap();
    let name = "what_enters_a_run_at_its_first_poll";
    let workers = supervise::workers();
    assert!(!workers.iter().any(|worker| worker.name.contains(name)));
    assert_eq!(status("in a block").exits[Reason::Finished], 3);
}

#[supervised(name = "before the panic")]
async fn before_the_panic() {
    sleep(Duration::from_secs(1)).await;
}

async fn after_a_worker() {
    // Until it is over, its runs are all that is looked at.
    before_the_panic().await;
    panic!("beside it");
}

#[supervised(name = "lets go", on_give_up = "panic")]
async fn lets_go() {
    panic!("told by the worker");
}

#[tokio::test(start_paused = true)]
async fn a_panic_that_a_worker_has_told_is_not_told_again_and_one_after_it_is() {
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    let lost = supervisor.spawn(lets_go()).await;
    assert!(lost.unwrap_err().is_panic());
    assert_eq!(record.with_message("worker panicked").len(), 1);
    assert!(record.with_message("task panicked").is_empty());

    let lost = supervisor.spawn(after_a_worker()).await;
    assert!(lost.unwrap_err().is_panic());
    let lines = record.with_message("task panicked");
    assert_eq!(lines.len(), 1);
    assert!(lines[0].field("code.line.number").is_some());
    let task = status("plain_tasks::after_a_worker");
    assert_eq!((task.starts, task.panics), (1, 1));
    assert_eq!(task.exits[Reason::Panic], 1);
}

/// Polls `future` in a task of its own, of another runtime, on this thread.
fn poll_elsewhere(future: impl Future<Output = ()> + 'static) {
    let elsewhere = LocalSet::new();
    elsewhere.spawn_local(future);
    let poll = pin!(elsewhere).poll(&mut Context::from_waker(Waker::noop()));
    assert!(poll.is_ready());
}

#[supervised(name = "elsewhere")]
async fn elsewhere() {}

#[tokio::test(start_paused = true)]
async fn what_another_runtime_polls_while_a_task_begins_is_none_of_it() {
    let supervisor = Supervisor::new();
    let own = supervisor.clone();
    let task = supervisor.spawn(async move {
        own.shutdown();
        poll_elsewhere(elsewhere());
    });
    task.await.unwrap();
    // A worker of the supervisor would not have begun any more.
    assert_eq!(status("elsewhere").exits[Reason::Finished], 1);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_begins_is_found_after_another_runtime_has_polled_within_it() {
    #[supervised(name = "after that")]
    async fn worker() {
        supervise::shutdown_requested().await;
    }
    #[supervised(name = "before that")]
    async fn before() {}
    let supervisor = Supervisor::new();
    let task = supervisor.spawn(async {
        poll_elsewhere(before());
        worker().await;
    });
    yield_now().await;
    assert_eq!(task.status().name, "after that");
    task.stop().await.unwrap();
    assert_eq!(status("after that").exits[Reason::Finished], 1);
}
