//! The children of a run on a thread.

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use supervise::{Supervisor, spawn_child, supervised};
use supervise_tests::{Runs, starts, status};
use tokio::runtime::Builder;
use tokio::task;

use crate::eventually;

/// Counts those that are alive.
struct Alive(&'static AtomicU32);

impl Alive {
    fn new(counter: &'static AtomicU32) -> Self {
        counter.fetch_add(1, SeqCst);
        Self(counter)
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn children_are_gone_before_the_next_run_and_after_the_last() {
    static ALIVE: AtomicU32 = AtomicU32::new(0);
    #[supervised(blocking, name = "thread parent", restart = true, backoff = "0s")]
    fn parent(runs: &Runs) {
        assert_eq!(ALIVE.load(SeqCst), 0);
        for _ in 0..10 {
            let alive = Alive::new(&ALIVE);
            spawn_child(async move {
                let _alive = alive;
                pending::<()>().await;
            });
        }
        runs.panic_twice();
    }
    task::spawn_blocking(|| parent(&Runs::new())).await.unwrap();
    assert_eq!(status("thread parent").starts, 3);
    task::spawn_blocking(|| eventually("all are gone", || ALIVE.load(SeqCst) == 0))
        .await
        .unwrap();
}

#[test]
fn a_wait_lasts_until_a_child_is_gone_that_blocks_its_thread() {
    static GO: AtomicBool = AtomicBool::new(false);
    static BLOCKS: AtomicBool = AtomicBool::new(false);
    #[supervised(blocking, name = "waits for its child", restart = true, backoff = "0s")]
    fn parent(runs: &Runs) {
        if runs.next() == 1 {
            spawn_child(async {
                BLOCKS.store(true, SeqCst);
                eventually("it may go", || GO.load(SeqCst));
            });
            eventually("the child blocks its thread", || BLOCKS.load(SeqCst));
            panic!("with a child");
        }
        assert!(GO.load(SeqCst));
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let parent = runtime.spawn_blocking(|| parent(&Runs::new()));
    eventually("it waits", || {
        starts("waits for its child") == 1 && status("waits for its child").waiting == 1
    });
    thread::sleep(Duration::from_millis(20));
    assert_eq!(starts("waits for its child"), 1);
    GO.store(true, SeqCst);
    runtime.block_on(parent).unwrap();
    assert_eq!(starts("waits for its child"), 2);
}

#[test]
fn the_shutdown_does_not_wait_for_a_next_run_because_of_a_child() {
    static GO: AtomicBool = AtomicBool::new(false);
    static BLOCKS: AtomicBool = AtomicBool::new(false);
    #[supervised(
        blocking,
        name = "stopped with a child",
        restart = true,
        backoff = "0s"
    )]
    fn parent() -> Result<(), String> {
        spawn_child(async {
            BLOCKS.store(true, SeqCst);
            eventually("it may go", || GO.load(SeqCst));
        });
        eventually("the child blocks its thread", || BLOCKS.load(SeqCst));
        Err("the last".into())
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let supervisor = Supervisor::new();
    let handle = {
        let _entered = runtime.enter();
        supervisor.spawn_blocking(parent)
    };
    let name = "stopped with a child";
    eventually("it waits", || {
        starts(name) == 1 && status(name).waiting == 1
    });
    supervisor.shutdown();
    eventually("it has returned", || status(name).waiting == 0);
    GO.store(true, SeqCst);
    assert_eq!(runtime.block_on(handle).unwrap(), Err("the last".into()));
    runtime.block_on(supervisor.wait()).unwrap();
}
