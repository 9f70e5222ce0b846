//! The supervisor: what it takes, when it ends, and what it says then.

use std::error::Error;
use std::future::{pending, ready};
use std::time::Duration;

use supervise::{Kind, Reason, Supervisor, supervised};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

#[tokio::test]
async fn an_empty_supervisor_returns_at_once() {
    Supervisor::new().wait().await.unwrap();
    Supervisor::new().wait_until(pending::<()>()).await.unwrap();
}

#[supervised(name = "minute")]
async fn minute() {
    sleep(Duration::from_secs(60)).await;
}

#[tokio::test(start_paused = true)]
async fn it_waits_until_all_have_finished_and_can_go_on_after_that() {
    let supervisor = Supervisor::new();
    let start = Instant::now();
    supervisor.spawn(minute());
    supervisor.child().spawn(async {
        sleep(Duration::from_secs(90)).await;
    });
    supervisor.wait().await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 90);
    assert!(!supervisor.is_shutting_down());

    supervisor.spawn(minute()).await.unwrap();
    supervisor.wait().await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 150);
}

#[tokio::test(start_paused = true)]
async fn it_waits_until_what_it_was_given_is_ready() {
    let supervisor = Supervisor::new();
    supervisor.spawn(pending::<()>());
    let start = Instant::now();
    let hour = sleep(Duration::from_secs(3_600));
    supervisor.wait_until(hour).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 3_600);
    assert!(supervisor.is_shutting_down());
}

#[tokio::test(start_paused = true)]
async fn all_clones_are_one_supervisor_and_anyone_may_wait() {
    let supervisor = Supervisor::new();
    supervisor.clone().spawn(pending::<()>());
    let waits = |supervisor: Supervisor| async move { supervisor.wait().await };
    let waiting = [supervisor.clone(), supervisor.clone()].map(|clone| tokio::spawn(waits(clone)));
    yield_now().await;
    supervisor.clone().shutdown();
    supervisor.wait().await.unwrap();
    for waiting in waiting {
        waiting.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn the_handle_gives_the_value_or_says_how_it_was_lost() {
    #[supervised(name = "answer")]
    async fn answer() -> u32 {
        42
    }
    let supervisor = Supervisor::new();
    assert_eq!(supervisor.spawn(answer()).await.unwrap(), 42);
    let lost = supervisor.spawn(async { panic!("plain") }).await;
    let payload = lost.unwrap_err().into_panic();
    assert_eq!(*payload.downcast::<&str>().unwrap(), "plain");
    let dropped = supervisor.spawn(pending::<()>());
    supervisor.shutdown();
    assert!(dropped.await.unwrap_err().is_cancelled());
}

#[tokio::test(start_paused = true)]
async fn after_the_request_nothing_is_spawned() {
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    supervisor.shutdown();
    supervisor.wait().await.unwrap();
    let refused = supervisor.spawn(async { unreachable!("it never runs") });
    assert!(refused.await.unwrap_err().is_cancelled());
    let refused = supervisor.child().spawn(async { unreachable!("nor here") });
    assert!(refused.await.unwrap_err().is_cancelled());
    supervisor.wait().await.unwrap();

    let lines = record.with_message("worker not started");
    assert_eq!(lines.len(), 2);
    let name = lines[0].field("worker").unwrap();
    assert_eq!(name, "supervisor::after_the_request_nothing_is_spawned");
}

// What is no worker.

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

    let task = status("supervisor::plain");
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
            .ends_with("supervisor.rs")
    );

    let lines = record.with_message("task panicked");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].level, tracing::Level::ERROR);
    assert_eq!(lines[0].target, "supervise::panic");
    assert_eq!(lines[0].field("worker"), Some("supervisor::plain"));
    assert_eq!(lines[0].field("exception.message"), Some("in a plain task"));
    assert!(lines[0].field("code.line.number").is_some());
    assert!(
        lines[0]
            .field("exception.stacktrace")
            .unwrap()
            .contains("plain")
    );

    let block =
        "supervisor::what_is_no_worker_is_contained_logged_and_counted_under_its_functions_name";
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

    async fn after_a_worker() {
        minute().await;
        panic!("beside it");
    }
    let lost = supervisor.spawn(after_a_worker()).await;
    assert!(lost.unwrap_err().is_panic());
    assert_eq!(record.with_message("task panicked").len(), 1);
    let task = status(
        "a_panic_that_a_worker_has_told_is_not_told_again_and_one_after_it_is::after_a_worker",
    );
    assert_eq!((task.starts, task.panics), (1, 1));
    assert_eq!(task.exits[Reason::Panic], 1);
}

// Critical workers.

#[supervised(name = "gives up", critical = true, restart = true, max_restarts = 2)]
async fn gives_up() -> Result<(), std::num::ParseIntError> {
    "x".parse::<u32>().map(drop)
}

#[tokio::test(start_paused = true)]
async fn a_critical_worker_that_gives_up_is_the_end_and_the_error_names_its_failure() {
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    let sibling = supervisor.spawn(pending::<()>());
    supervisor.spawn(gives_up());
    let error = supervisor.wait().await.unwrap_err();
    assert!(sibling.await.unwrap_err().is_cancelled());

    assert_eq!(error.to_string(), "critical worker `gives up` gave up");
    assert_eq!(error.critical(), Some("gives up"));
    let failure = error.failure().unwrap();
    assert!(!failure.is_panic() && !failure.is_timeout());
    assert_eq!(failure.message(), "invalid digit found in string");
    let source = error.source().unwrap();
    let text = "worker `gives up` failed: invalid digit found in string";
    assert_eq!(source.to_string(), text);
    assert_eq!(
        format!("{error:?}"),
        format!("critical worker `gives up` gave up\n\nCaused by:\n    {text}")
    );
    assert!(error.unstopped().is_empty());
    // Whoever asks later is told the same.
    assert_eq!(
        supervisor.wait().await.unwrap_err().to_string(),
        error.to_string()
    );

    let ended = record.with_message("critical worker ended");
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].level, tracing::Level::ERROR);
    let down = record.with_message("shutting down");
    assert_eq!(
        down[0].field("cause"),
        Some("critical worker `gives up` ended")
    );
}

#[supervised(name = "critical panic", critical = true)]
async fn critical_panic() {
    panic!("out of ideas");
}

#[supervised(name = "critical return", critical = true)]
async fn critical_return() {}

#[supervised(
    name = "critical wait",
    critical = true,
    restart = true,
    backoff = "1h"
)]
async fn critical_wait() {
    panic!("waits after this");
}

#[tokio::test(start_paused = true)]
async fn any_end_of_a_critical_worker_before_the_request_is_the_end_of_all() {
    let supervisor = Supervisor::new();
    supervisor.spawn(critical_panic());
    let error = supervisor.wait().await.unwrap_err();
    assert!(error.failure().unwrap().is_panic());
    assert!(error.failure().unwrap().location().is_some());
    let text = format!("{error:?}");
    assert!(
        text.contains("out of ideas\n    at tests/supervisor.rs:"),
        "{text}"
    );

    let supervisor = Supervisor::new();
    supervisor.spawn(critical_return());
    let error = supervisor.wait().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "critical worker `critical return` finished"
    );
    assert!(error.failure().is_none() && error.source().is_none());

    // Dropped by the code around it, in the middle of a wait.
    let supervisor = Supervisor::new();
    supervisor.spawn(async {
        tokio::select! {
            () = critical_wait() => {}
            () = sleep(Duration::from_secs(60)) => {}
        }
    });
    let error = supervisor.wait().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "critical worker `critical wait` was cancelled"
    );
    assert_eq!(error.failure().unwrap().message(), "waits after this");
}

#[tokio::test(start_paused = true)]
async fn a_critical_worker_may_end_once_the_shutdown_was_requested() {
    #[supervised(name = "critical at the end", critical = true)]
    async fn critical_at_the_end() -> Result<(), String> {
        supervise::shutdown_requested().await;
        Err("could not say goodbye".into())
    }
    let supervisor = Supervisor::new();
    supervisor.spawn(critical_at_the_end());
    supervisor.spawn(critical_wait());
    sleep(Duration::from_secs(1)).await;
    supervisor.shutdown();
    supervisor.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_critical_worker_outside_of_any_supervisor_says_once_that_nothing_will_shut_down() {
    #[supervised(name = "alone", critical = true)]
    async fn alone() {}
    let (record, _guard) = record();
    alone().await;
    tokio::spawn(alone()).await.unwrap();
    Supervisor::new().spawn(alone()).await.unwrap();
    let lines = record.with_message("a critical worker outside of any supervisor");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].level, tracing::Level::ERROR);
    assert_eq!(lines[0].field("worker"), Some("alone"));
}

#[tokio::test(start_paused = true)]
async fn the_first_critical_worker_that_ends_is_the_one_that_is_named() {
    let supervisor = Supervisor::new();
    supervisor.spawn(async { tokio::join!(critical_return(), critical_panic()) });
    let error = supervisor.wait().await.unwrap_err();
    assert_eq!(error.critical(), Some("critical return"));
}

// Children.

#[tokio::test(start_paused = true)]
async fn children_are_stopped_before_it() {
    static RUNS: Runs = Runs::new();
    async fn stops(takes: u64, order: u32) {
        supervise::shutdown_requested().await;
        sleep(Duration::from_secs(takes)).await;
        assert_eq!(RUNS.next(), order);
    }
    let root = Supervisor::new();
    let (early, late) = (root.child(), root.child());
    let handles = [
        root.spawn(stops(0, 4)),
        late.spawn(stops(3, 3)),
        early.spawn(stops(1, 2)),
        early.child().spawn(stops(1, 1)),
    ];
    yield_now().await;
    let start = Instant::now();
    root.shutdown();
    assert!(early.is_shutting_down() && late.is_shutting_down());
    root.wait().await.unwrap();
    for handle in handles {
        handle.await.unwrap();
    }
    // One after another where one is in another, else together.
    assert_eq!(start.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_shutdown_of_a_child_is_not_that_of_the_parent_but_its_critical_end_is() {
    let root = Supervisor::new();
    let kept = root.spawn(pending::<()>());
    let child = root.child();
    child.spawn(pending::<()>());
    child.shutdown();
    child.wait().await.unwrap();
    assert!(!root.is_shutting_down());

    let child = root.child();
    child.spawn(critical_panic());
    let error = child.wait().await.unwrap_err();
    assert_eq!(error.critical(), Some("critical panic"));
    let error = root.wait().await.unwrap_err();
    assert_eq!(error.critical(), Some("critical panic"));
    assert!(kept.await.unwrap_err().is_cancelled());
}

#[tokio::test(start_paused = true)]
async fn a_supervisor_that_is_awaited_inside_a_worker_decides_by_itself() {
    #[supervised(
        name = "propagates nothing",
        restart = true,
        max_restarts = 1,
        backoff = "1s"
    )]
    async fn group(runs: &'static Runs) -> Result<(), supervise::ShutdownError> {
        if runs.next() > 1 {
            return Ok(());
        }
        let supervisor = Supervisor::new();
        supervisor.spawn(critical_panic());
        supervisor.wait_until(supervise::shutdown_requested()).await
    }
    static RUNS: Runs = Runs::new();
    let root = Supervisor::new();
    let kept = root.spawn(minute());
    root.spawn(group(&RUNS)).await.unwrap().unwrap();
    assert_eq!(RUNS.count(), 2);
    kept.await.unwrap();
    root.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn children_that_are_gone_leave_nothing_behind() {
    let root = Supervisor::new();
    for _ in 0..10_000 {
        root.child().spawn(ready(())).await.unwrap();
    }
    root.wait().await.unwrap();
}

// Dropped.

#[tokio::test(start_paused = true)]
async fn a_supervisor_dropped_without_wait_says_so_and_its_workers_run_on() {
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    let worker = supervisor.spawn(minute());
    let clone = supervisor.clone();
    drop(supervisor);
    assert!(record.with_message("supervisor dropped").is_empty());
    drop(clone);
    let lines = record.with_message("supervisor dropped");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].field("tasks"), Some("1"));
    worker.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_happens_whether_or_not_anybody_waits() {
    let supervisor = Supervisor::new().grace_period(Duration::from_secs(2));
    let deaf = supervisor.spawn(async {
        let _ = supervise::is_shutting_down();
        pending::<()>().await;
    });
    yield_now().await;
    let start = Instant::now();
    supervisor.shutdown();
    drop(supervisor);
    assert!(deaf.await.unwrap_err().is_cancelled());
    assert_eq!(start.elapsed().as_secs(), 2);

    // Nor does it depend on one who gave up waiting.
    let supervisor = Supervisor::new().grace_period(Duration::from_secs(2));
    let deaf = supervisor.spawn(async {
        let _ = supervise::is_shutting_down();
        pending::<()>().await;
    });
    yield_now().await;
    let start = Instant::now();
    tokio::select! {
        _ = supervisor.wait_until(ready(())) => unreachable!("2 s are longer"),
        () = sleep(Duration::from_secs(1)) => {}
    }
    assert!(deaf.await.unwrap_err().is_cancelled());
    assert_eq!(start.elapsed().as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_critical_end_stops_the_others_even_if_the_supervisor_was_dropped() {
    let supervisor = Supervisor::new();
    let sibling = supervisor.spawn(pending::<()>());
    supervisor.spawn(critical_panic());
    drop(supervisor);
    assert!(sibling.await.unwrap_err().is_cancelled());
}
