//! What is spawned and is no worker.

use std::future::pending;
use std::time::Duration;

use supervise::{Supervisor, shutdown_requested, supervised};
use supervise_tests::scene::scene;
use supervise_tests::stop;
use tokio::task::yield_now;
use tokio::time::sleep;

#[tokio::test]
async fn a_task_finishes_is_cancelled_or_panics() {
    async fn finishes() {
        yield_now().await;
    }
    async fn pends() {
        pending::<()>().await;
    }
    async fn panics() {
        yield_now().await;
        panic!("in a task");
    }
    let (told, _guard) = scene();
    supervise::spawn(finishes()).await.unwrap();
    let pends = supervise::spawn(pends());
    yield_now().await;
    pends.abort();
    assert!(pends.await.is_err());
    assert!(supervise::spawn(panics()).await.is_err());
    told.is([
        r#"DEBUG supervise: task finished worker="a_task_finishes_is_cancelled_or_panics::finishes""#,
        r#"DEBUG supervise: task cancelled worker="a_task_finishes_is_cancelled_or_panics::pends""#,
        r#"ERROR supervise::panic: task panicked worker="a_task_finishes_is_cancelled_or_panics::panics" exception.type="panic" exception.message="in a task" code.file.path="tests/log/tasks.rs" code.line.number=* exception.stacktrace=0: *"#,
    ]);
}

#[tokio::test]
async fn a_task_panics_when_it_is_dropped() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in the destructor");
        }
    }
    async fn with(_bomb: Bomb) {
        pending::<()>().await;
    }
    let (told, _guard) = scene();
    let task = supervise::spawn(with(Bomb));
    yield_now().await;
    task.abort();
    assert!(task.await.is_err());
    told.is([
        r#"ERROR supervise::panic: panic in dropping a task worker="a_task_panics_when_it_is_dropped::with" exception.type="panic" exception.message="in the destructor" code.file.path="tests/log/tasks.rs" code.line.number=* exception.stacktrace=*"#,
        r#"DEBUG supervise: task cancelled worker="a_task_panics_when_it_is_dropped::with""#,
    ]);
}

#[tokio::test(start_paused = true)]
async fn a_task_is_stopped_by_a_shutdown_or_stops_or_overruns() {
    async fn never_asks() {
        pending::<()>().await;
    }
    async fn overruns() {
        shutdown_requested().await;
        pending::<()>().await;
    }
    async fn stops() {
        tokio::select! {
            () = shutdown_requested() => {}
            () = pending() => {}
        }
    }
    let (told, _guard) = scene();
    let supervisor = Supervisor::new();
    supervisor.spawn(never_asks());
    supervisor.spawn(overruns());
    supervisor.spawn(stops());
    sleep(Duration::from_secs(1)).await;
    stop(&supervisor).await;
    for line in [
        r#" INFO supervise: shutting down cause="`shutdown` was called" tasks=3"#,
        r#" INFO supervise: task stopped: dropped at its await, as nothing in it had asked for the shutdown (`shutdown_requested`) worker="a_task_is_stopped_by_a_shutdown_or_stops_or_overruns::never_asks""#,
        r#" WARN supervise: task dropped: it did not stop within the grace period worker="a_task_is_stopped_by_a_shutdown_or_stops_or_overruns::overruns""#,
        r#"DEBUG supervise: task finished worker="a_task_is_stopped_by_a_shutdown_or_stops_or_overruns::stops""#,
    ] {
        told.has(line);
    }
}

#[tokio::test(start_paused = true)]
async fn a_child_is_stopped_with_its_parent_that_stops_by_itself() {
    async fn child() {
        pending::<()>().await;
    }
    #[supervised(name = "stops with its child")]
    async fn parent() {
        supervise::spawn_child(child());
        shutdown_requested().await;
    }
    let (told, _guard) = scene();
    let supervisor = Supervisor::new();
    supervisor.spawn(parent());
    sleep(Duration::from_secs(1)).await;
    stop(&supervisor).await;
    told.is([
        r#"DEBUG worker{worker="stops with its child" run=1}: supervise: worker started worker="stops with its child" run=1"#,
        r#" INFO supervise: shutting down cause="`shutdown` was called" tasks=2"#,
        r#" INFO worker{worker="stops with its child" run=1}: supervise: worker finished worker="stops with its child" run=1 uptime=1*s"#,
        r#" INFO supervise: task stopped worker="a_child_is_stopped_with_its_parent_that_stops_by_itself::child""#,
    ]);
}
