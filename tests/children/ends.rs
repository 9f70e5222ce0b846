//! Every way a run can end.

use std::convert::identity;
use std::future::pending;
use std::io;
use std::time::Duration;

use supervise::{
    Backoff, Policy, Reason, Restart, Supervisor, Worker, is_shutting_down, spawn_child, supervised,
};
use supervise_tests::{Runs, status};
use tokio::time::{Instant, sleep};

use crate::{Present, alive, settle};

const SECOND: Duration = Duration::from_secs(1);

/// Three, of which one is a child of another, alive before it goes on.
async fn spawn_three(present: &Present) {
    spawn_child(present.child());
    spawn_child(present.parent());
    settle().await;
    assert_eq!((present.count(), alive()), (3, 3));
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Panic,
    Error,
    Timeout,
    Return,
}

async fn next_run_finds_none(name: &'static str, end: End) {
    let restart = if end == End::Return {
        Restart::Always
    } else {
        Restart::OnFailure
    };
    let mut policy = Policy::new()
        .restart(restart)
        .backoff(Backoff::constant(Duration::ZERO));
    if end == End::Timeout {
        policy = policy.timeout(SECOND);
    }
    let (present, runs) = (Present::default(), Runs::new());
    assert_eq!(alive(), 0);
    let worker = Worker::new(name).policy(policy);
    let body = async || {
        assert_eq!((present.count(), alive()), (0, 0));
        spawn_three(&present).await;
        if runs.next() >= 4 {
            return pending().await;
        }
        match end {
            End::Panic => panic!("with children"),
            End::Error => Err(io::ErrorKind::BrokenPipe),
            End::Timeout => pending().await,
            End::Return => Ok(()),
        }
    };
    tokio::select! {
        _ = worker.supervise(body) => unreachable!("it never ends"),
        () = sleep(SECOND * 7 / 2) => {}
    }
    assert_eq!(runs.count(), 4);
    settle().await;
    assert_eq!((present.count(), alive()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn the_run_after_a_failure_or_a_return_finds_no_child_of_the_last_one() {
    next_run_finds_none("children panic", End::Panic).await;
    next_run_finds_none("children error", End::Error).await;
    next_run_finds_none("children timeout", End::Timeout).await;
    next_run_finds_none("children return", End::Return).await;
    assert_eq!(status("children panic").restarts[Reason::Panic], 3);
    assert_eq!(status("children error").restarts[Reason::Error], 3);
    assert_eq!(status("children timeout").restarts[Reason::Timeout], 3);
    assert_eq!(status("children return").restarts[Reason::Finished], 3);
}

#[tokio::test(start_paused = true)]
async fn children_of_a_tick_end_with_it() {
    #[supervised(name = "children of ticks", every = "1m")]
    async fn tick(present: &Present) {
        assert_eq!(present.count(), 0);
        spawn_three(present).await;
    }
    let present = Present::default();
    tokio::select! {
        () = tick(&present) => unreachable!("it never ends"),
        () = sleep(SECOND * 150) => {}
    }
    let worker = status("children of ticks");
    assert_eq!((worker.starts, worker.panics), (3, 0));
    assert_eq!(present.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_done_takes_its_children_along() {
    #[supervised(
        name = "children done",
        restart = true,
        backoff = "0s",
        max_restarts = 1
    )]
    async fn done(present: &Present, fails: bool) -> io::Result<()> {
        spawn_three(present).await;
        if fails {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(())
    }
    let present = Present::default();
    done(&present, false).await.unwrap();
    settle().await;
    assert_eq!((present.count(), alive()), (0, 0));
    done(&present, true).await.unwrap_err();
    settle().await;
    assert_eq!((present.count(), alive()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_last_panic_that_goes_on_takes_the_children_along() {
    #[supervised(name = "children resumed", on_give_up = "panic")]
    async fn resumed(present: Present) {
        spawn_child(present.child());
        settle().await;
        panic!("the last");
    }
    let present = Present::default();
    let task = tokio::spawn(resumed(present.clone()));
    assert!(task.await.unwrap_err().is_panic());
    settle().await;
    assert_eq!((present.count(), alive()), (0, 0));
}

#[supervised(name = "children cancelled", restart = true)]
async fn never_ends(present: Present) {
    spawn_child(present.parent());
    pending::<()>().await;
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_aborted_or_dropped_takes_its_children_along() {
    let present = Present::default();
    let task = tokio::spawn(never_ends(present.clone()));
    settle().await;
    assert_eq!((present.count(), alive()), (2, 3));
    task.abort();
    settle().await;
    assert_eq!((present.count(), alive()), (0, 0));

    tokio::select! {
        () = never_ends(present.clone()) => unreachable!("it never ends"),
        () = settle() => assert_eq!(present.count(), 2),
    }
    settle().await;
    assert_eq!((present.count(), alive()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_restart_by_hand_begins_without_the_children_of_the_run_it_cut_off() {
    static RUNS: Runs = Runs::new();
    #[supervised(name = "children by hand", restart = true)]
    async fn by_hand(present: Present) {
        RUNS.next();
        assert_eq!(present.count(), 0);
        spawn_child(present.parent());
        pending::<()>().await;
    }
    let (supervisor, present) = (Supervisor::new(), Present::default());
    let handle = supervisor.spawn(by_hand(present.clone()));
    settle().await;
    for run in 2..5 {
        assert!(handle.restart());
        settle().await;
        assert_eq!((RUNS.count(), present.count()), (run, 2));
    }
    assert_eq!(status("children by hand").panics, 0);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_ends_with_all_children_gone() {
    #[supervised(name = "children asked", restart = true)]
    async fn asks(present: Present) {
        spawn_child(present.parent());
        while !is_shutting_down() {
            sleep(SECOND).await;
        }
        assert_eq!(identity(present.count()), 4);
    }
    let (supervisor, present) = (Supervisor::new(), Present::default());
    supervisor.spawn(never_ends(present.clone()));
    supervisor.spawn(asks(present.clone()));
    sleep(SECOND / 2).await;
    assert_eq!((present.count(), alive()), (4, 6));
    let start = Instant::now();
    supervisor.shutdown();
    supervisor.wait().await.unwrap();
    assert_eq!(start.elapsed(), SECOND / 2);
    assert_eq!(present.count(), 0);
    settle().await;
    assert_eq!(alive(), 0);
}
