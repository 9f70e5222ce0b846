//! What the tasks of a supervisor spawn is part of its shutdown.

use std::future::{Future, pending, ready};
use std::pin::Pin;
use std::sync::mpsc;
use std::time::Duration;

use supervise::{Reason, Supervisor, shutdown_requested, supervised};
use supervise_tests::record::record;
use supervise_tests::{Runs, starts, status, stop};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};
use tracing::Level;

use crate::{alive, ended, is_listed};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn what_is_spawned_at_any_depth_is_waited_for_and_what_tokio_spawns_is_not() {
    static ENDED: Runs = Runs::new();
    fn spawns(depth: u32) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            if depth > 1 {
                // Its handle is dropped.
                supervise::spawn(spawns(depth - 1));
            }
            sleep(depth * SECOND).await;
            ENDED.next();
        })
    }
    let supervisor = Supervisor::new();
    let start = Instant::now();
    supervisor.spawn(async {
        supervise::spawn(spawns(3));
        tokio::spawn(sleep(60 * SECOND));
    });
    supervisor.wait().await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 3);
    assert_eq!(ENDED.count(), 3);
    assert_eq!(alive(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_supervisor_nobody_waits_for_it_or_stops_it() {
    async fn alone() -> &'static str {
        tokio::select! {
            () = shutdown_requested() => "asked to",
            () = sleep(60 * SECOND) => "by itself",
        }
    }
    let supervisor = Supervisor::new();
    supervisor.spawn(shutdown_requested());
    let handle = supervise::spawn(alone());
    yield_now().await;
    assert_eq!(stop(&supervisor).await, 0);
    assert_eq!(handle.await.unwrap(), "by itself");
}

#[tokio::test(start_paused = true)]
async fn what_never_asked_is_dropped_at_once_and_what_has_is_given_time() {
    async fn never_asks() {
        pending::<()>().await;
    }
    async fn asks() {
        shutdown_requested().await;
        sleep(SECOND).await;
    }
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    let both = supervisor.spawn(async {
        (
            supervise::spawn(never_asks()),
            supervise::spawn(async { asks().await }),
            supervise::spawn(asks()),
        )
    });
    let (never_asked, asked, _) = both.await.unwrap();
    yield_now().await;
    assert_eq!(stop(&supervisor).await, 1_000);
    assert!(never_asked.await.unwrap_err().is_cancelled());
    asked.await.unwrap();
    supervisor.wait().await.unwrap();

    let name = "what_never_asked_is_dropped_at_once_and_what_has_is_given_time";
    let lines = record.with_message("task stopped: dropped at its await");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].level, Level::INFO);
    assert_eq!(
        lines[0].field("worker"),
        Some(&*format!("{name}::never_asks"))
    );
    let task = ended(&format!("{name}::never_asks"));
    assert_eq!(task.exits[Reason::Shutdown], 1);
    assert_eq!(ended(&format!("{name}::asks")).exits[Reason::Finished], 1);
    assert_eq!(alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_overruns_the_grace_period_is_dropped_and_named() {
    async fn overruns() {
        shutdown_requested().await;
        pending::<()>().await;
    }
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    supervisor.spawn(async { drop(supervise::spawn(overruns())) });
    sleep(SECOND).await;
    assert_eq!(stop(&supervisor).await, 10_000);
    let name = "what_overruns_the_grace_period_is_dropped_and_named::overruns";
    let error = supervisor.wait().await.unwrap_err();
    assert_eq!(error.unstopped()[0].worker, name);
    assert!(!error.unstopped()[0].still_running);
    let lines = record.with_message("task dropped: it did not stop");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].level, Level::WARN);
    assert_eq!(ended(name).exits[Reason::Shutdown], 1);
    assert_eq!(alive(), 0);
}

#[test]
fn what_blocks_its_thread_is_named_and_not_waited_for() {
    async fn blocks(until: mpsc::Receiver<()>) {
        let _ = until.recv();
        ready(()).await;
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let supervisor = Supervisor::new().grace_period(Duration::from_millis(20));
    let (release, until) = mpsc::channel();
    let error = runtime.block_on(async {
        supervisor.spawn(async { drop(supervise::spawn(blocks(until))) });
        sleep(Duration::from_millis(20)).await;
        supervisor.wait_until(ready(())).await.unwrap_err()
    });
    let name = "what_blocks_its_thread_is_named_and_not_waited_for::blocks";
    assert_eq!(error.unstopped()[0].worker, name);
    assert!(error.unstopped()[0].still_running);
    drop(release);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_spawned_in_a_worker_is_the_supervisors_too() {
    #[supervised(name = "spawned by a worker", restart = true)]
    async fn inner() {
        pending::<()>().await;
    }
    #[supervised(name = "spawns a worker")]
    async fn outer() {
        supervise::spawn(inner());
    }
    let supervisor = Supervisor::new();
    supervisor.spawn(outer()).await.unwrap();
    yield_now().await;
    assert_eq!(status("spawned by a worker").running, 1);
    assert_eq!(stop(&supervisor).await, 0);
    assert_eq!(ended("spawned by a worker").exits[Reason::Shutdown], 1);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_critical_worker_that_a_task_has_spawned_is_that_of_all() {
    #[supervised(name = "critical and spawned", critical = true)]
    async fn critical() {
        panic!("out of ideas");
    }
    let supervisor = Supervisor::new();
    supervisor.spawn(async {
        supervise::spawn(critical());
        pending::<()>().await;
    });
    let error = supervisor.wait().await.unwrap_err();
    assert_eq!(error.critical(), Some("critical and spawned"));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_aborted_or_panics_is_waited_for_no_longer() {
    let supervisor = Supervisor::new();
    let handles = supervisor.spawn(async {
        (
            supervise::spawn(pending::<()>()),
            supervise::spawn(async { panic!("alone") }),
        )
    });
    let (aborted, _) = handles.await.unwrap();
    yield_now().await;
    aborted.abort();
    supervisor.wait().await.unwrap();
    assert!(!supervisor.is_shutting_down());
    assert_eq!(ended("Pending<()>").exits[Reason::Cancelled], 1);
    assert_eq!(alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn to_stop_a_task_by_its_handle_stops_nothing_that_it_has_spawned() {
    async fn goes_on() -> bool {
        let is_asked = async { shutdown_requested().await };
        tokio::time::timeout(60 * SECOND, is_asked).await.is_ok()
    }
    let supervisor = Supervisor::new();
    let (told, spawned) = oneshot::channel();
    let handle = supervisor.spawn(async {
        let _ = told.send(supervise::spawn(goes_on()));
        pending::<()>().await;
    });
    let spawned = spawned.await.unwrap();
    handle.stop().await.unwrap();
    assert!(!spawned.await.unwrap());
}

// After the request.

#[tokio::test(start_paused = true)]
async fn what_is_spawned_while_the_children_stop_runs_until_it_is_told() {
    async fn never_asks() {
        pending::<()>().await;
    }
    async fn asks() {
        shutdown_requested().await;
        sleep(SECOND).await;
    }
    let root = Supervisor::new();
    let parents = root.spawn(async {
        sleep(2 * SECOND).await;
        supervise::spawn(never_asks());
        supervise::spawn(asks());
        shutdown_requested().await;
    });
    let childs = root.child().spawn(async {
        shutdown_requested().await;
        sleep(3 * SECOND).await;
    });
    sleep(SECOND).await;
    assert_eq!(stop(&root).await, 4_000);
    root.wait().await.unwrap();
    // It has not asked by the request.
    parents.await.unwrap();
    childs.await.unwrap();
    let name = "what_is_spawned_while_the_children_stop_runs_until_it_is_told";
    let task = ended(&format!("{name}::never_asks"));
    assert_eq!(task.exits[Reason::Shutdown], 1);
    assert_eq!(ended(&format!("{name}::asks")).exits[Reason::Finished], 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_spawned_by_what_is_being_stopped_has_the_rest_of_the_grace_period() {
    async fn flushes() {
        assert!(supervise::is_shutting_down());
        shutdown_requested().await;
        sleep(5 * SECOND).await;
    }
    async fn overruns() {
        pending::<()>().await;
    }
    let supervisor = Supervisor::new();
    supervisor.spawn(async {
        shutdown_requested().await;
        sleep(3 * SECOND).await;
        supervise::spawn(async { drop(supervise::spawn(flushes())) });
    });
    yield_now().await;
    assert_eq!(stop(&supervisor).await, 8_000);
    supervisor.wait().await.unwrap();
    let name = "what_is_spawned_by_what_is_being_stopped_has_the_rest_of_the_grace_period";
    assert_eq!(
        ended(&format!("{name}::flushes")).exits[Reason::Finished],
        1
    );

    let supervisor = Supervisor::new();
    supervisor.spawn(async {
        shutdown_requested().await;
        sleep(3 * SECOND).await;
        supervise::spawn(overruns());
    });
    yield_now().await;
    assert_eq!(stop(&supervisor).await, 10_000);
    let error = supervisor.wait().await.unwrap_err();
    assert_eq!(error.unstopped()[0].worker, format!("{name}::overruns"));
    assert_eq!(
        ended(&format!("{name}::overruns")).exits[Reason::Shutdown],
        1
    );
    assert_eq!(alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_spawned_by_what_is_being_stopped_never_begins_and_holds_up_nobody() {
    #[supervised(name = "too late to begin", restart = true)]
    async fn too_late() {
        unreachable!("it never runs");
    }
    /// Does so in a `select!` with the request, as the documentation says.
    async fn flushes_instead() {
        tokio::select! {
            () = too_late() => unreachable!("it never runs"),
            () = shutdown_requested() => sleep(2 * SECOND).await,
        }
    }
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    supervisor.spawn(async {
        shutdown_requested().await;
        supervise::spawn(too_late());
        sleep(SECOND).await;
    });
    yield_now().await;
    assert_eq!(stop(&supervisor).await, 1_000);
    supervisor.wait().await.unwrap();
    let lines = record.with_message("worker not started");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].field("worker"), Some("too late to begin"));
    assert!(record.with_message("task dropped").is_empty());
    assert_eq!(starts("too late to begin"), 0);
    assert!(!is_listed("::too_late"));

    let supervisor = Supervisor::new();
    let spawns = supervisor.spawn(async {
        shutdown_requested().await;
        supervise::spawn(flushes_instead()).await
    });
    yield_now().await;
    assert_eq!(stop(&supervisor).await, 2_000);
    spawns.await.unwrap().unwrap();
    supervisor.wait().await.unwrap();
    assert_eq!(alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_spawned_after_the_grace_period_never_begins_and_the_log_says_so() {
    struct SpawnsWhenDropped;
    impl Drop for SpawnsWhenDropped {
        fn drop(&mut self) {
            supervise::spawn(never_begins());
        }
    }
    async fn never_begins() {
        ready(()).await;
        unreachable!("it never runs");
    }
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    supervisor.spawn(async {
        let _spawns = SpawnsWhenDropped;
        shutdown_requested().await;
        pending::<()>().await;
    });
    yield_now().await;
    assert_eq!(stop(&supervisor).await, 10_000);
    let name = "what_is_spawned_after_the_grace_period_never_begins_and_the_log_says_so";
    let lines = record.with_message("worker not started");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].level, Level::WARN);
    assert_eq!(
        lines[0].field("worker"),
        Some(&*format!("{name}::never_begins"))
    );
    assert!(!is_listed("never_begins_and_the_log_says_so::never_begins"));
    assert_eq!(supervisor.wait().await.unwrap_err().unstopped().len(), 1);
    assert_eq!(alive(), 0);
}
