//! Children, their run and its end on several threads at once.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use supervise::{Backoff, Policy, Restart, Supervisor, Worker, spawn_child};
use supervise_tests::{Runs, status};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::{Guard, Present};

fn two_threads() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).enable_time().build().unwrap()
}

async fn gone(tasks: usize) {
    for _ in 0..1_000 {
        if Handle::current().metrics().num_alive_tasks() == tasks {
            return;
        }
        sleep(Duration::from_millis(1)).await;
    }
    panic!("{} tasks", Handle::current().metrics().num_alive_tasks());
}

/// Has so many generations after it, each of which ends at some time.
async fn grows(present: Present, generations: u32, _guard: Guard) {
    for _ in 0..fastrand::u32(..4) {
        yield_now().await;
    }
    for _ in 0..2 {
        if generations > 0 {
            spawn_child(next_generation(&present, generations - 1));
        }
        if fastrand::bool() {
            yield_now().await;
        }
    }
}

fn next_generation(
    present: &Present,
    generations: u32,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(grows(present.clone(), generations, present.guard()))
}

#[test]
fn a_run_may_end_while_its_children_spawn_theirs_and_end() {
    const RUNS: u32 = 2_000;
    let policy = Policy::new()
        .restart(Restart::OnFailure)
        .backoff(Backoff::constant(Duration::ZERO));
    two_threads().block_on(async {
        let worker = Worker::new("growing").policy(policy);
        let (present, runs) = (Present::default(), Arc::new(Runs::new()));
        let body = {
            let runs = Arc::clone(&runs);
            let present = present.clone();
            move || {
                let (present, runs) = (present.clone(), Arc::clone(&runs));
                async move {
                    // All of the last run's are gone, on whatever thread they were.
                    assert_eq!(present.count(), 0);
                    spawn_child(grows(present.clone(), 3, present.guard()));
                    for _ in 0..fastrand::u32(..6) {
                        yield_now().await;
                    }
                    if runs.next() < RUNS {
                        return Err("another");
                    }
                    Ok(())
                }
            }
        };
        tokio::spawn(worker.supervise(body)).await.unwrap().unwrap();
        gone(0).await;
        assert_eq!((runs.count(), present.count()), (RUNS, 0));
        assert_eq!(status("growing").panics, 0);
    });
}

#[test]
fn a_shutdown_may_come_while_children_are_spawned() {
    for _ in 0..200 {
        two_threads().block_on(async {
            let (supervisor, present) = (Supervisor::new(), Present::default());
            let parent = present.clone();
            let worker = Worker::new("stopped while growing");
            supervisor.spawn(worker.supervise(move || {
                let present = parent.clone();
                async move {
                    loop {
                        spawn_child(grows(present.clone(), 2, present.guard()));
                        yield_now().await;
                    }
                }
            }));
            for _ in 0..fastrand::u32(..40) {
                yield_now().await;
            }
            supervisor.shutdown();
            supervisor.wait().await.unwrap();
            assert_eq!(present.count(), 0);
            gone(0).await;
        });
    }
    assert_eq!(status("stopped while growing").running, 0);
}

/// Uses all that a spawn uses, where tokio's spawn drops it.
struct SpawnsInDrop(Arc<AtomicBool>);

impl Drop for SpawnsInDrop {
    fn drop(&mut self) {
        supervise::spawn(async {}).abort();
        assert!(supervise::current().is_none());
        assert!(!supervise::workers().is_empty());
        self.0.store(true, SeqCst);
    }
}

#[test]
fn nothing_is_held_when_tokio_drops_a_future_that_it_is_to_spawn() {
    let over = Runtime::new().unwrap();
    let handle = over.handle().clone();
    drop(over);
    let dropped = Arc::new(AtomicBool::new(false));
    let worker = Worker::new("spawns too late");
    two_threads().block_on(worker.supervise(async || {
        let _entered = handle.enter();
        let in_drop = SpawnsInDrop(Arc::clone(&dropped));
        drop(spawn_child(async move {
            let _in_drop = in_drop;
        }));
    }));
    assert!(dropped.load(SeqCst));
}
