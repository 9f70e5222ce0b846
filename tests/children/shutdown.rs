//! Children and the shutdown: what they ask for, their worker has asked for.

use std::future::pending;
use std::time::Duration;

use supervise::{
    Reason, Supervisor, TaskState, is_shutting_down, shutdown_requested, spawn_child, supervised,
};
use supervise_tests::{Runs, starts, status, stop};
use tokio::time::sleep;

use crate::{Present, settle};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_child_that_asked_gives_its_task_the_grace_period() {
    static FLUSHED: Runs = Runs::new();
    async fn flushes() {
        shutdown_requested().await;
        sleep(SECOND * 2).await;
        FLUSHED.next();
    }
    #[supervised(name = "child asks", restart = true)]
    async fn parent() {
        // A grandchild.
        spawn_child(async { spawn_child(flushes()).await })
            .await
            .unwrap()
            .unwrap();
    }
    let supervisor = Supervisor::new();
    supervisor.spawn(parent());
    sleep(SECOND).await;
    assert_eq!(stop(&supervisor).await, 2_000);
    supervisor.wait().await.unwrap();
    assert_eq!(FLUSHED.count(), 1);
    assert_eq!(status("child asks").exits[Reason::Finished], 1);
}

#[tokio::test(start_paused = true)]
async fn a_task_is_dropped_at_once_if_neither_it_nor_a_child_asked() {
    #[supervised(name = "nobody asks", restart = true)]
    async fn parent(present: Present) {
        spawn_child(present.parent());
        spawn_child(child_that_never_asks());
        pending::<()>().await;
    }
    async fn child_that_never_asks() {
        pending::<()>().await;
    }
    let (supervisor, present) = (Supervisor::new(), Present::default());
    supervisor.spawn(parent(present.clone()));
    sleep(SECOND).await;
    assert_eq!(stop(&supervisor).await, 0);
    supervisor.wait().await.unwrap();
    assert_eq!(present.count(), 0);
    let test = "a_task_is_dropped_at_once_if_neither_it_nor_a_child_asked";
    let child = status(&format!("{test}::child_that_never_asks"));
    assert_eq!((child.exits[Reason::Shutdown], child.running), (1, 0));
    assert_eq!(status("nobody asks").exits[Reason::Shutdown], 1);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_waits_is_not_held_up_by_what_a_child_of_an_earlier_run_asked_for() {
    #[supervised(name = "child had asked", restart = true, backoff = "1h")]
    async fn parent() {
        spawn_child(async { shutdown_requested().await });
        settle().await;
        panic!("and now it waits");
    }
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(parent());
    sleep(SECOND).await;
    assert_eq!(handle.status().state, TaskState::Waiting);
    assert_eq!(stop(&supervisor).await, 0);
    supervisor.wait().await.unwrap();
    assert_eq!(starts("child had asked"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_child_that_asked_and_does_not_stop_is_dropped_with_its_worker() {
    #[supervised(name = "child overruns", restart = true)]
    async fn parent(present: Present) {
        let guard = present.guard();
        spawn_child(async move {
            let _guard = guard;
            assert!(!is_shutting_down());
            pending::<()>().await;
        });
        pending::<()>().await;
    }
    let (supervisor, present) = (Supervisor::new(), Present::default());
    supervisor.spawn(parent(present.clone()));
    sleep(SECOND).await;
    assert_eq!(stop(&supervisor).await, 10_000);
    let error = supervisor.wait().await.unwrap_err();
    // The child is part of it.
    assert_eq!(
        error.to_string(),
        "dropped when the grace period was over: `child overruns`"
    );
    assert_eq!(present.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_spawned_during_the_shutdown_belongs_to_the_run_as_ever() {
    static DONE: Runs = Runs::new();
    #[supervised(name = "child of the end")]
    async fn parent(present: Present) {
        shutdown_requested().await;
        spawn_child(present.child());
        spawn_child(async {
            sleep(SECOND).await;
            DONE.next();
        })
        .await
        .unwrap();
    }
    let (supervisor, present) = (Supervisor::new(), Present::default());
    supervisor.spawn(parent(present.clone()));
    sleep(SECOND).await;
    assert_eq!(stop(&supervisor).await, 1_000);
    supervisor.wait().await.unwrap();
    assert_eq!((DONE.count(), present.count()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_handle_stops_the_children_too_and_restarts_the_worker_not_them() {
    static INNER: Runs = Runs::new();
    static OUTER: Runs = Runs::new();
    #[supervised(name = "worker in a child", restart = true, backoff = "1h")]
    async fn inner() {
        INNER.next();
        panic!("and now it waits");
    }
    #[supervised(name = "worker around it", restart = true)]
    async fn outer() {
        OUTER.next();
        spawn_child(inner());
        pending::<()>().await;
    }
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(outer());
    settle().await;
    assert_eq!((OUTER.count(), INNER.count()), (1, 1));
    assert_eq!(status("worker in a child").waiting, 1);
    let shown = handle.status();
    assert_eq!(
        (shown.name.as_str(), shown.state),
        ("worker around it", TaskState::Running)
    );

    assert!(handle.restart());
    settle().await;
    assert_eq!((OUTER.count(), INNER.count()), (2, 2));
    assert_eq!(status("worker in a child").waiting, 1);

    handle.stop().await.unwrap();
    settle().await;
    let inner = status("worker in a child");
    assert_eq!((inner.waiting, inner.running), (0, 0));
    supervisor.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_runs_once_is_not_restarted_for_the_one_in_its_child() {
    #[supervised(name = "restartable child", restart = true)]
    async fn inner() {
        pending::<()>().await;
    }
    #[supervised(name = "runs once")]
    async fn outer() {
        spawn_child(inner());
        pending::<()>().await;
    }
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(outer());
    settle().await;
    assert_eq!(status("restartable child").running, 1);
    assert!(!handle.restart());
    handle.stop().await.unwrap();
    assert_eq!(starts("restartable child"), 1);
}
