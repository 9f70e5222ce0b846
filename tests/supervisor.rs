//! The supervisor: what it takes, when it ends, and what it says then.

use std::future::{pending, ready};
use std::time::Duration;

use supervise::{Supervisor, supervised};
use supervise_tests::Runs;
use supervise_tests::record::record;
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

// Children.

#[supervised(name = "critical child", critical = true)]
async fn critical_panic() {
    panic!("out of ideas");
}

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
    assert_eq!(error.critical(), Some("critical child"));
    let error = root.wait().await.unwrap_err();
    assert_eq!(error.critical(), Some("critical child"));
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

#[supervised(name = "takes its time")]
async fn takes_its_time(time: Duration) {
    supervise::shutdown_requested().await;
    sleep(time).await;
}

#[tokio::test(start_paused = true)]
async fn a_child_has_the_first_half_of_the_grace_period_and_its_error_is_the_parents() {
    let root = Supervisor::new();
    let last = root.spawn(takes_its_time(Duration::from_secs(4)));
    // Nobody but its worker has the child.
    root.child().spawn(takes_its_time(Duration::MAX));
    yield_now().await;
    let start = Instant::now();
    root.shutdown();
    let error = root.wait().await.unwrap_err();
    assert_eq!(start.elapsed().as_secs(), 9);
    assert_eq!(error.unstopped().len(), 1);
    last.await.unwrap();

    // A longer one is cut short by the parent's.
    let root = Supervisor::new();
    let child = root.child().grace_period(Duration::from_secs(60));
    child.spawn(takes_its_time(Duration::MAX));
    root.spawn(takes_its_time(Duration::MAX));
    yield_now().await;
    let start = Instant::now();
    root.shutdown();
    let error = root.wait().await.unwrap_err();
    assert_eq!(start.elapsed().as_secs(), 10);
    assert_eq!(error.unstopped().len(), 2);

    // One that stops by itself has its own, and what it says is not the parent's.
    let root = Supervisor::new();
    let child = root.child().grace_period(Duration::from_secs(60));
    child.spawn(takes_its_time(Duration::MAX));
    yield_now().await;
    let start = Instant::now();
    child.shutdown();
    child.wait().await.unwrap_err();
    assert_eq!(start.elapsed().as_secs(), 60);
    root.shutdown();
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

#[test]
fn without_io_no_signal_comes_which_is_said_and_all_else_goes_on() {
    let (record, _guard) = record();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let supervisor = Supervisor::new();
        supervisor.spawn(sleep(Duration::from_millis(1)));
        supervisor.wait().await.unwrap();
    });
    assert_eq!(record.with_message("no signal will shut down").len(), 1);
}

#[test]
fn all_of_it_can_be_sent_and_shared() {
    fn shared<T: Send + Sync + Unpin + 'static>() {}
    fn sent(_: impl Send) {}
    shared::<Supervisor>();
    shared::<supervise::Handle<u32>>();
    shared::<supervise::ShutdownError>();
    let supervisor = Supervisor::new();
    sent(supervisor.wait());
    sent(supervisor.wait_until(pending::<()>()));
    sent(supervise::shutdown_requested());
    sent(async {
        Supervisor::new()
            .spawn(pending::<()>())
            .stop()
            .await
            .unwrap();
    });
}
