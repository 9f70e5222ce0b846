//! Workers in workers, workers in children, and children of the clean-up.

use std::fmt;
use std::future::pending;
use std::panic::panic_any;
use std::time::Duration;

use supervise::{Backoff, Policy, Reason, Restart, Worker, spawn_child, supervised};
use supervise_tests::{Runs, status};
use tokio::time::sleep;

use crate::{Present, alive, settle};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn the_children_of_an_inner_run_end_with_it_and_not_with_the_outer() {
    #[supervised(name = "inner parent", restart = true, backoff = "1s")]
    async fn inner(of_inner: &Present, runs: &Runs) {
        assert_eq!(of_inner.count(), 0);
        spawn_child(of_inner.parent());
        settle().await;
        runs.panic_twice();
        sleep(SECOND).await;
    }
    #[supervised(name = "outer parent", restart = true)]
    async fn outer(of_outer: &Present, of_inner: &Present) {
        spawn_child(of_outer.child());
        inner(of_inner, &Runs::new()).await;
        settle().await;
        assert_eq!((of_outer.count(), of_inner.count()), (1, 0));
    }
    let (of_outer, of_inner) = (Present::default(), Present::default());
    outer(&of_outer, &of_inner).await;
    settle().await;
    assert_eq!((of_outer.count(), alive()), (0, 0));
    assert_eq!(status("inner parent").panics, 2);
    assert_eq!(status("outer parent").panics, 0);
}

#[tokio::test(start_paused = true)]
async fn a_worker_in_a_child_is_restarted_there_and_ends_with_the_run() {
    #[supervised(name = "worker of a child", restart = true, backoff = "1s")]
    async fn inner(present: Present) {
        assert_eq!(present.count(), 0);
        spawn_child(present.parent());
        sleep(SECOND * 10).await;
        panic!("with a child");
    }
    #[supervised(name = "parent of a worker", restart = true, backoff = "1s")]
    async fn outer(present: &Present, runs: &Runs) {
        assert_eq!(present.count(), 0);
        spawn_child(inner(present.clone()));
        sleep(SECOND * 25).await;
        assert_eq!(present.count(), 2);
        runs.panic_twice();
    }
    let present = Present::default();
    outer(&present, &Runs::new()).await;
    settle().await;
    assert_eq!((present.count(), alive()), (0, 0));
    let (inner, outer) = (status("worker of a child"), status("parent of a worker"));
    assert_eq!((outer.starts, outer.panics), (3, 2));
    // Each was in its third run when its parent's ended.
    assert_eq!((inner.starts, inner.panics, inner.running), (9, 6, 0));
    assert_eq!(inner.exits[Reason::Cancelled], 3);
}

/// Spawns a child where the run that it is part of has ended already.
struct SpawnsLate<'a>(&'a Present);

impl Drop for SpawnsLate<'_> {
    fn drop(&mut self) {
        spawn_child(self.0.child());
    }
}

impl fmt::Display for SpawnsLate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        spawn_child(self.0.child());
        f.write_str("late")
    }
}

/// Owns what it borrows, for a payload.
struct SpawnsLateOwned(Present);

impl Drop for SpawnsLateOwned {
    fn drop(&mut self) {
        spawn_child(self.0.child());
    }
}

#[tokio::test(start_paused = true)]
async fn a_child_of_the_clean_up_after_a_run_is_gone_before_the_next() {
    let policy = Policy::new()
        .restart(Restart::OnFailure)
        .backoff(Backoff::constant(Duration::ZERO));
    let (present, runs) = (Present::default(), Runs::new());
    let worker = Worker::new("late children").policy(policy);
    let end = worker.supervise(async || {
        assert_eq!((present.count(), alive()), (0, 0));
        let run = runs.next();
        let _in_the_body = SpawnsLate(&present);
        match run {
            1 => Err(SpawnsLate(&present)),
            2 => panic_any(SpawnsLateOwned(present.clone())),
            3 => {
                spawn_child(present.child());
                Err(SpawnsLate(&present))
            }
            _ => Ok(()),
        }
    });
    assert!(end.await.is_ok());
    settle().await;
    assert_eq!((runs.count(), present.count(), alive()), (4, 0, 0));
    assert_eq!(status("late children").panics, 1);
}

#[tokio::test(start_paused = true)]
async fn a_child_that_panics_when_it_is_dropped_is_counted_and_stops_nothing() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in dropping a child");
        }
    }
    async fn bomb(_bomb: Bomb) {
        pending::<()>().await;
    }
    #[supervised(name = "parent of a bomb", restart = true, backoff = "1s")]
    async fn parent(present: &Present, runs: &Runs) {
        assert_eq!(present.count(), 0);
        spawn_child(present.child());
        spawn_child(bomb(Bomb));
        settle().await;
        runs.panic_twice();
    }
    parent(&Present::default(), &Runs::new()).await;
    settle().await;
    assert_eq!(alive(), 0);
    let parent = status("parent of a bomb");
    assert_eq!((parent.starts, parent.panics), (3, 2));
    let name = "a_child_that_panics_when_it_is_dropped_is_counted_and_stops_nothing::bomb";
    let child = status(name);
    assert_eq!((child.starts, child.panics, child.running), (3, 3, 0));
    assert_eq!(child.exits[Reason::Cancelled], 3);
}

#[tokio::test(start_paused = true)]
async fn two_workers_of_one_task_have_children_of_their_own() {
    #[supervised(name = "joined parent", restart = true, backoff = "1s")]
    async fn parent(present: &Present, runs: &Runs, time: Duration) {
        assert_eq!(present.count(), 0);
        spawn_child(present.child());
        sleep(time).await;
        assert_eq!(present.count(), 1);
        runs.panic_twice();
    }
    let presents = (Present::default(), Present::default());
    let runs = (Runs::new(), Runs::new());
    tokio::join!(
        parent(&presents.0, &runs.0, SECOND * 2),
        parent(&presents.1, &runs.1, SECOND * 5),
    );
    settle().await;
    assert_eq!(alive(), 0);
    assert_eq!(status("joined parent").panics, 4);
}
