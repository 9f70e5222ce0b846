//! A pool whose members come, fail, and are stopped, restarted and dropped by
//! chance, and tasks beside it.

use std::future::pending;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use supervise::{Handle, Supervisor, supervised};
use tokio::task::{JoinHandle, yield_now};
use tokio::time::sleep;

pub struct Crowd {
    pub name: &'static str,
    /// Members, whether or not they were ever polled.
    spawned: AtomicU64,
    gone: AtomicU64,
}

pub static CROWD: Crowd = Crowd {
    name: "crowd",
    spawned: AtomicU64::new(0),
    gone: AtomicU64::new(0),
};

/// No more at once.
const MOST: u64 = 100;

impl Crowd {
    pub fn spawned(&self) -> u64 {
        self.spawned.load(SeqCst)
    }

    pub fn gone(&self) -> u64 {
        self.gone.load(SeqCst)
    }

    fn is_full(&self) -> bool {
        self.spawned() - self.gone() >= MOST
    }
}

#[supervised(
    name = "crowd",
    restart = "always",
    backoff = "1ms..2ms",
    timeout = "2ms",
    max_restarts = 4
)]
async fn member(number: u64) -> io::Result<()> {
    let mut random = Rng::new();
    if number % 2 == 0 {
        let _ = supervise::is_shutting_down();
    }
    for _ in 0..random.u8(..4) {
        yield_now().await;
    }
    match random.u8(..8) {
        0 => Ok(()),
        1..3 => Err(io::Error::other("an error")),
        3..5 => panic!("a panic"),
        5 => pending().await,
        _ => {
            sleep(Duration::from_millis(1)).await;
            Ok(())
        }
    }
}

/// One that counts itself, until after the worker in it is gone.
fn counted(number: u64) -> impl Future<Output = ()> + Send {
    struct Gone;
    impl Drop for Gone {
        fn drop(&mut self) {
            CROWD.gone.fetch_add(1, SeqCst);
        }
    }
    CROWD.spawned.fetch_add(1, SeqCst);
    let gone = Gone;
    async move {
        let _gone = gone;
        let _ = member(number).await;
    }
}

async fn task(number: u64) {
    yield_now().await;
    assert!(number % 3 > 0, "in a task");
}

/// Does one thing after the other until it is `over`.
pub fn act(mut random: Rng, root: &Supervisor, known: &[Handle<()>], over: impl Fn() -> bool) {
    let (mut handles, mut tasks) = (Vec::<Handle<()>>::new(), Vec::<JoinHandle<()>>::new());
    let mut children = vec![root.child()];
    while !over() {
        let number = random.u64(..1 << 20);
        let supervisor = &children[random.usize(..children.len())];
        match random.u8(..16) {
            0 if children.len() < 4 => children.push(root.child()),
            1 => {
                let child = children.swap_remove(random.usize(..children.len()));
                child.shutdown();
                children.push(root.child());
            }
            2..6 if !CROWD.is_full() => handles.push(supervisor.spawn(counted(number))),
            6 if !CROWD.is_full() => tasks.push(tokio::spawn(counted(number))),
            7 => tasks.push(supervise::spawn(task(number))),
            8 if !tasks.is_empty() => {
                let task = tasks.swap_remove(random.usize(..tasks.len()));
                task.abort();
            }
            9 | 10 if !handles.is_empty() => {
                handles[random.usize(..handles.len())].restart();
            }
            11 if !handles.is_empty() => {
                let handle = handles.swap_remove(random.usize(..handles.len()));
                drop(handle.stop());
            }
            12 => {
                known[random.usize(..known.len())].restart();
            }
            _ => thread::sleep(Duration::from_micros(random.u64(..200))),
        }
        handles.truncate(50);
        tasks.truncate(50);
    }
}
