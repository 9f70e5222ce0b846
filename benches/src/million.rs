//! A million supervised workers start, panic once, are restarted, and stop. Every
//! one of them is counted, and so is the memory.

use std::future::pending;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Instant;

use supervise::{Reason, Supervisor, supervised};
use tokio::sync::Notify;

use crate::Fallible;
use crate::alloc::live;
use crate::job::number;
use crate::process::runtime;
use crate::resident;

const WORKERS: u32 = 1_000_000;

/// How many are up in their first run, and in their second.
static UP: [AtomicU32; 2] = [AtomicU32::new(0), AtomicU32::new(0)];
/// The last of them is.
static ALL_UP: Notify = Notify::const_new();
/// Ends the first runs.
static FAIL: Notify = Notify::const_new();

#[supervised(name = "one of a million", restart = true, backoff = "1s")]
async fn worker() {
    let restarted = supervise::current().is_some_and(|run| run.last_end.is_some());
    if UP[usize::from(restarted)].fetch_add(1, Relaxed) + 1 == WORKERS {
        ALL_UP.notify_one();
    }
    if restarted {
        supervise::shutdown_requested().await;
    } else {
        FAIL.notified().await;
        panic!("boom");
    }
}

pub fn run() -> Fallible {
    let runtime = runtime()?;
    runtime.block_on(async {
        // What the process and its first worker need once is not theirs.
        let before = live();
        let mut step = Step::first();
        let supervisor = Supervisor::new();
        for _ in 0..WORKERS {
            supervisor.spawn(worker());
        }
        ALL_UP.notified().await;
        step.done("started", before);
        FAIL.notify_waiters();
        ALL_UP.notified().await;
        step.done("panicked once, waited, restarted", before);
        supervisor.shutdown();
        // `wait` would receive signals, for which this runtime has no driver.
        supervisor.wait_until(pending::<()>()).await?;
        drop(supervisor);
        step.done("stopped", before);
        all_counted()
    })
}

/// What takes its time.
struct Step {
    began: Instant,
}

impl Step {
    fn first() -> Self {
        println!("{WORKERS} workers under a supervisor, on one thread:\n");
        println!("| step | seconds | heap bytes per worker | resident bytes per worker |");
        println!("|---|---|---|---|");
        let began = Instant::now();
        Self { began }
    }

    fn done(&mut self, what: &str, before: usize) {
        let seconds = self.began.elapsed().as_secs_f64();
        let heap = per_worker(live().saturating_sub(before));
        let resident =
            resident::now().map_or_else(|| "-".to_owned(), |bytes| figure(per_worker(bytes)));
        println!("| {what} | {seconds:.1} | {} | {resident} |", figure(heap));
        self.began = Instant::now();
    }
}

fn figure(bytes: f64) -> String {
    format!("{bytes:.0}")
}

fn per_worker(bytes: usize) -> f64 {
    number(bytes) / f64::from(WORKERS)
}

/// # Errors
///
/// What was counted of the million and what should have been.
fn all_counted() -> Fallible {
    let workers = supervise::workers();
    let status = workers.first().ok_or("nobody knows of any worker")?;
    let all = u64::from(WORKERS);
    let counted = [
        ("starts", status.starts, 2 * all),
        ("panics", status.panics, all),
        (
            "restarts after a panic",
            status.restarts[Reason::Panic],
            all,
        ),
        ("finished", status.exits[Reason::Finished], all),
        ("running", status.running, 0),
        ("waiting", status.waiting, 0),
    ];
    println!();
    for (what, counted, expected) in counted {
        println!("{what}: {counted}");
        if counted != expected {
            return Err(format!("{what}: {counted} instead of {expected}").into());
        }
    }
    Ok(())
}
