//! Workers whose process goes on, with what no restart undoes.

use std::future::pending;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use supervise::supervised;
use supervise_tests::Runs;

/// An `Err` needs no unwinding.
pub async fn error() {
    let error = fails().await;
    // And a task that is no worker, and is counted, too.
    let nothing = supervise::spawn(async {}).await;
    println!("{error:?}, {nothing:?}");
}

#[supervised(name = "unlucky", restart = true, max_restarts = 2, backoff = "1ms")]
async fn fails() -> io::Result<()> {
    Err(io::Error::other("no luck"))
}

static BLOCKS: AtomicBool = AtomicBool::new(false);

/// Its timeout does not help: it is looked at when the body yields.
#[supervised(name = "blocked", timeout = "10ms", restart = true)]
pub async fn blocked() {
    BLOCKS.store(true, SeqCst);
    loop {
        thread::sleep(Duration::from_secs(1));
    }
}

pub fn wait_until_it_blocks() {
    while !BLOCKS.load(SeqCst) {
        thread::yield_now();
    }
    // Longer than its timeout.
    thread::sleep(Duration::from_millis(50));
}

/// How many children are there, and what was counted of all panics.
pub async fn detached_children() {
    let present = Arc::new(());
    parent(present.clone()).await;
    let children = Arc::strong_count(&present) - 1;
    let counted: u64 = supervise::workers().iter().map(|w| w.panics).sum();
    println!("{children} children, {counted} panics counted");
}

#[supervised(name = "parent", restart = true, max_restarts = 5, backoff = "1ms")]
async fn parent(present: Arc<()>) {
    static RUNS: Runs = Runs::new();
    tokio::spawn(stays(present.clone()));
    let child = tokio::spawn(async { panic!("in a child") });
    // Its panic comes before that of the parent.
    while !child.is_finished() {
        tokio::task::yield_now().await;
    }
    RUNS.panic_twice();
}

async fn stays(_present: Arc<()>) {
    pending::<()>().await;
}

pub async fn poisoned_mutex() {
    increment(Arc::default()).await;
}

#[supervised(name = "poisoned", restart = true, max_restarts = 3, backoff = "1ms")]
async fn increment(state: Arc<Mutex<u32>>) {
    let mut state = state.lock().unwrap();
    *state += 1;
    assert!(*state > 1, "in the first run, with the lock");
}

/// Moves one from the left to the right.
pub async fn half_written() {
    let sides = Arc::new([AtomicU32::new(1), AtomicU32::new(0)]);
    transfer(sides.clone()).await;
}

#[supervised(name = "transfer", restart = true, max_restarts = 5, backoff = "1ms")]
async fn transfer(sides: Arc<[AtomicU32; 2]>) {
    let [left, right] = &*sides;
    if left.load(SeqCst) == 0 {
        println!("{left:?} on the left, {right:?} on the right");
        return;
    }
    left.fetch_sub(1, SeqCst);
    assert_eq!(right.load(SeqCst), 1, "in the middle");
    right.fetch_add(1, SeqCst);
}
