//! Panics in what is dropped: told, counted, and nothing is left running.

use std::future::{Future, pending, ready};
use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Poll};

use supervise::{Reason, Supervisor, supervised};
use supervise_tests::record::record;
use tokio::runtime::Builder;
use tokio::task::yield_now;

use crate::{ended, is_listed};

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("in the destructor");
    }
}

/// Stays until it is dropped, or ends with its bomb.
async fn stays(_bomb: Bomb) {
    pending::<()>().await;
}

/// A future that is still there when it has ended.
struct Keeps(Bomb);

impl Future for Keeps {
    type Output = u8;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u8> {
        let _ = &self.0;
        Poll::Ready(7)
    }
}

#[tokio::test]
async fn of_a_task_that_has_finished_the_value_is_not_lost() {
    async fn finishes(_bomb: Bomb) -> u8 {
        ready(7).await
    }
    let (record, _guard) = record();
    assert_eq!(supervise::spawn(Keeps(Bomb)).await.unwrap(), 7);
    let task = ended("Keeps");
    assert_eq!((task.panics, task.exits[Reason::Finished]), (1, 1));
    assert_eq!(record.with_message("panic in dropping a task").len(), 1);

    // That of an `async fn` drops its arguments as it returns.
    let lost = supervise::spawn(finishes(Bomb)).await;
    assert!(lost.unwrap_err().is_panic());
    let task = ended("of_a_task_that_has_finished_the_value_is_not_lost::finishes");
    assert_eq!((task.panics, task.exits[Reason::Panic]), (1, 1));
}

#[tokio::test]
async fn of_a_task_that_is_aborted_before_or_after_its_first_poll_it_leaves_none_running() {
    async fn aborted(bomb: Bomb) {
        stays(bomb).await;
    }
    let (record, _guard) = record();
    let name = "of_a_task_that_is_aborted_before_or_after_its_first_poll_it_leaves_none_running";
    for (polls, times) in [(0, 1), (1, 2)] {
        let handle = supervise::spawn(aborted(Bomb));
        for _ in 0..polls {
            yield_now().await;
        }
        handle.abort();
        assert!(handle.await.unwrap_err().is_cancelled());
        let task = ended(&format!("{name}::aborted"));
        assert_eq!((task.panics, task.exits[Reason::Cancelled]), (times, times));
    }
    assert_eq!(record.with_message("panic in dropping a task").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn of_a_task_that_a_shutdown_drops_before_its_first_poll_it_leaves_none_running() {
    async fn never_polled(bomb: Bomb) {
        stays(bomb).await;
    }
    let supervisor = Supervisor::new();
    supervisor.spawn(never_polled(Bomb));
    supervisor.shutdown();
    supervisor.wait().await.unwrap();
    let name = "of_a_task_that_a_shutdown_drops_before_its_first_poll_it_leaves_none_running";
    let task = ended(&format!("{name}::never_polled"));
    assert_eq!((task.panics, task.exits[Reason::Shutdown]), (1, 1));
}

#[supervised(name = "with a bomb beside it")]
async fn with_a_bomb_beside_it() {
    pending::<()>().await;
}

#[tokio::test]
async fn beside_a_worker_it_is_the_tasks_own_and_leaves_none_running() {
    async fn beside(bomb: Bomb) {
        tokio::join!(with_a_bomb_beside_it(), stays(bomb));
    }
    let handle = supervise::spawn(beside(Bomb));
    yield_now().await;
    handle.abort();
    assert!(handle.await.unwrap_err().is_cancelled());
    let worker = ended("with a bomb beside it");
    assert_eq!(worker.exits[Reason::Cancelled], 1);
    let task = ended("beside_a_worker_it_is_the_tasks_own_and_leaves_none_running::beside");
    assert_eq!((task.panics, task.exits.total()), (1, 1));
}

#[test]
fn of_a_closure_that_never_begins_it_leaves_none_running() {
    fn closure(bomb: Bomb) -> impl FnOnce() + Send {
        move || drop(bomb)
    }
    let runtime = Builder::new_current_thread()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    let (release, until) = mpsc::channel::<()>();
    runtime.block_on(async {
        tokio::task::spawn_blocking(move || until.recv());
        let handle = supervise::spawn_blocking(closure(Bomb));
        handle.abort();
        drop(release);
        assert!(handle.await.unwrap_err().is_cancelled());
    });
    let name = "of_a_closure_that_never_begins_it_leaves_none_running::closure";
    let task = ended(name);
    assert_eq!((task.panics, task.exits[Reason::Cancelled]), (1, 1));
}

#[test]
fn outside_of_a_runtime_it_is_told_and_counted_and_leaves_none_running() {
    async fn nowhere_to_go(bomb: Bomb) {
        stays(bomb).await;
    }
    let lost = supervise::spawn_thread(|| drop(supervise::spawn(nowhere_to_go(Bomb)))).join();
    assert!(lost.is_err());
    let name = "outside_of_a_runtime_it_is_told_and_counted_and_leaves_none_running";
    assert_eq!(ended(&format!("{name}::nowhere_to_go")).panics, 1);
    assert!(is_listed(name));
}
