//! Ten thousand workers that fail at random, and what must come of it: nothing
//! but numbers and log lines.
//!
//! ```text
//! cargo run --release --example soak                # a minute of failures
//! cargo run --release --example soak -- 10 7        # ten seconds, seed 7
//! ```
//!
//! The workers are of both forms and of all policies. Their runs panic with
//! texts and with other values, return errors, hang until they are timed out,
//! and panic once more while the argument, the error or the panic's value is
//! dropped, formatted or cloned. The program counts what it causes, drops all
//! workers in the middle of it, and checks that
//!
//! - each number in `supervise::workers()` and in the Prometheus registry is
//!   exactly the one that it has caused, no worker is left, and each panic is
//!   one log line;
//! - the live heap is no larger in the last third of the time than in the first,
//!   and is back where it was once the workers are gone;
//! - a task that has nothing to do with them wakes each millisecond, as late as
//!   without failures. For that the workers are calm in every other turn: they
//!   sleep as before and do not fail, but for those that hang already.
//!
//! A minute of failures takes two, of which one is calm. What it prints is for
//! people; the exit code tells whether all of it holds.

mod fate;
mod heap;
mod job;
mod lines;
mod member;
mod numbers;
mod pool;
mod report;
mod ticker;
mod workers;

use std::env;
use std::num::NonZeroU32;
use std::process::ExitCode;
use std::sync::Barrier;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use tokio::runtime::{self, Runtime};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::job::CALM;
use crate::member::FAILED_ONCE;
use crate::pool::Pool;
use crate::report::{Measured, Mistakes, Turn};
use crate::ticker::Ticker;
use crate::workers::{POOLS, WORKERS};

const THREADS: usize = 2;

fn main() -> ExitCode {
    let Some(plan) = Plan::parse(env::args().skip(1)) else {
        eprintln!("usage: soak [SECONDS [SEED]]");
        return ExitCode::FAILURE;
    };
    println!(
        "{WORKERS} workers of {} names, {} s of failures and as much of calm, seed {}",
        POOLS.len(),
        plan.seconds,
        plan.seed
    );
    lines::count();
    supervise::log_panics_only();
    let measured = runtime().block_on(soak(&plan));
    let mistakes = measured.and_then(|measured| report::print(&plan, &measured));
    match mistakes {
        Ok(()) => ExitCode::SUCCESS,
        Err(mistakes) => {
            println!("\nNot as it should be:");
            for mistake in mistakes {
                println!("- {mistake}");
            }
            ExitCode::FAILURE
        }
    }
}

struct Plan {
    seconds: u32,
    seed: u32,
}

impl Plan {
    fn parse(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let mut number = |default| words.next().map_or(Ok(default), |word| word.parse());
        let seconds = number(NonZeroU32::new(60)?).ok()?;
        let seed = number(NonZeroU32::MIN).ok()?;
        let (seconds, seed) = (seconds.get(), seed.get());
        words.next().is_none().then_some(Self { seconds, seed })
    }

    /// Seconds of a turn: a dozen turns, or as many as there are seconds.
    fn turn(&self) -> u32 {
        (self.seconds / 12).max(1)
    }
}

/// Its threads have room for all spans when this returns.
fn runtime() -> Runtime {
    static STARTED: Barrier = Barrier::new(THREADS + 1);
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_time()
        .on_thread_start(|| {
            lines::make_room_for_spans();
            STARTED.wait();
        })
        .build()
        .unwrap();
    STARTED.wait();
    runtime
}

async fn soak(plan: &Plan) -> Result<Measured, Mistakes> {
    let turns = plan.seconds / plan.turn();
    let room = usize::try_from(plan.seconds * 2).unwrap();
    let mut heap = Vec::with_capacity(room);
    let [mut failing, mut calm] = [(); 2].map(|()| Vec::with_capacity(room));
    let ticker = Ticker::start(Duration::from_secs(60 + u64::from(plan.turn())));

    // What is allocated once is allocated by others: symbols for the first
    // stack at each place, numbers for each name.
    let start = heap::live();
    let others = workers::start(plan.seed);
    all_have_failed(WORKERS).await?;
    stop(others).await?;

    let before = heap::live();
    let tasks = workers::start(plan.seed.wrapping_add(1));
    all_have_failed(2 * WORKERS).await?;
    let warm = heap::live();
    ticker.take();
    for _ in 0..turns {
        for turns in [&mut failing, &mut calm] {
            let failures = failures();
            for _ in 0..plan.turn() {
                sleep(Duration::from_secs(1)).await;
                heap.push(heap::live());
            }
            turns.push(Turn {
                failures: self::failures() - failures,
                late: ticker.take(),
            });
            CALM.fetch_not(SeqCst);
        }
    }

    stop(tasks).await?;
    let after = heap::live();
    ticker.stop().await;
    Ok(Measured {
        start,
        before,
        warm,
        heap,
        after,
        failing,
        calm,
    })
}

/// Waits until each worker has failed, and each name in each of its ways.
async fn all_have_failed(workers: u64) -> Result<(), Mistakes> {
    let start = Instant::now();
    while FAILED_ONCE.load(SeqCst) < workers || !POOLS.iter().all(|pool| pool.has_seen_all()) {
        if start.elapsed() > Duration::from_secs(60) {
            return Err(vec!["Some workers have not failed within a minute.".into()]);
        }
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Drops all at once, whatever they are about.
async fn stop(workers: Vec<JoinHandle<()>>) -> Result<(), Mistakes> {
    for worker in &workers {
        worker.abort();
    }
    let mut escaped = 0;
    for worker in workers {
        escaped += u32::from(!worker.await.is_err_and(|error| error.is_cancelled()));
    }
    match escaped {
        0 => Ok(()),
        _ => Err(vec![format!("A panic came out of {escaped} workers.")]),
    }
}

fn failures() -> u64 {
    POOLS.into_iter().map(Pool::failures).sum()
}
