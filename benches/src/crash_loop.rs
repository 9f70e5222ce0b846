//! What others on its thread notice of a worker that fails again and again,
//! without any wait.

use std::future::poll_fn;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::task::Poll;
use std::time::Duration;

use supervise::supervised;
use tokio::runtime::Runtime;
use tokio::task::{AbortHandle, yield_now};
use tokio::time::{Instant, sleep_until};

use crate::Fallible;
use crate::handwritten::{at_once, supervise};
use crate::measure::Budget::{AtMost, TimesBare};
use crate::process::runtime;
use crate::table::Row;
use crate::variant::Variant;

/// Of the ticker whose delay is measured, beside each variant in turn.
const ROUNDS: usize = 31;
const TICKS: usize = 100;

const PERIOD: Duration = Duration::from_millis(1);
/// That of tokio's timers: nothing is late before that.
const RESOLUTION: Duration = Duration::from_millis(1);

/// Of the neighbour that is always ready.
const TURNS: u32 = 3_000;

pub fn rows() -> Fallible<[Row; 3]> {
    let runtime = runtime()?;
    Ok([delay(&runtime)?, late(&runtime)?, turns(&runtime)?])
}

/// `bare` has no crash loop beside it. Whatever else the machine does only adds to
/// a delay: of all rounds the quietest tells what is its own.
fn delay(runtime: &Runtime) -> Fallible<Row> {
    let mut quietest = [f64::INFINITY; Variant::ALL.len()];
    for round in 0..ROUNDS {
        for turn in 0..quietest.len() {
            let which = (round + turn) % quietest.len();
            let delay = beside(runtime, Variant::ALL[which], ticks(microseconds_late))?;
            quietest[which] = quietest[which].min(delay);
        }
    }
    Ok(Row {
        what: "delay of a ticker beside a crash loop, p99: µs".into(),
        values: quietest.map(Some),
        budget: Some(TimesBare(2.0)),
    })
}

/// The same without a clock on the wall: the runs that begin once a tick's time has
/// come. Every fourth restart gives way to timers.
fn late(runtime: &Runtime) -> Fallible<Row> {
    let late = |variant| beside(runtime, variant, ticks(runs_late));
    Ok(Row {
        what: "runs of a crash loop that a tick due beside it waits for, p99".into(),
        values: [
            None,
            Some(late(Variant::Handwritten)?),
            Some(late(Variant::Supervised)?),
        ],
        budget: Some(AtMost(4.0)),
    })
}

/// Who is always ready has a turn after each run.
fn turns(runtime: &Runtime) -> Fallible<Row> {
    let most = |variant| beside(runtime, variant, most_runs_between_turns()).map(f64::from);
    Ok(Row {
        what: "runs of a crash loop between two turns of a neighbour, at most".into(),
        values: [
            None,
            Some(most(Variant::Handwritten)?),
            Some(most(Variant::Supervised)?),
        ],
        budget: Some(AtMost(1.0)),
    })
}

/// Runs `neighbour` beside the crash loop of that variant.
fn beside<T>(
    runtime: &Runtime,
    variant: Variant,
    neighbour: impl Future<Output = T> + Send + 'static,
) -> Fallible<T>
where
    T: Send + 'static,
{
    runtime.block_on(async {
        let crash_loop = start(variant);
        // Both are tasks: what is in `block_on` itself has turns of its own.
        let measured = tokio::spawn(neighbour).await?;
        if let Some(crash_loop) = crash_loop {
            crash_loop.abort();
        }
        Ok(measured)
    })
}

/// Runs of the crash loop.
static RUNS: AtomicU32 = AtomicU32::new(0);
/// Those of them that began when the next tick was late.
static LATE: AtomicU32 = AtomicU32::new(0);
/// Nanoseconds from the first time that anybody asked.
static DUE: AtomicU64 = AtomicU64::new(u64::MAX);

/// An instant as a number.
fn clock(instant: Instant) -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let nanoseconds = instant.saturating_duration_since(*START).as_nanos();
    u64::try_from(nanoseconds).unwrap_or(u64::MAX)
}

fn began() {
    RUNS.fetch_add(1, Relaxed);
    if clock(Instant::now()) > DUE.load(Relaxed) {
        LATE.fetch_add(1, Relaxed);
    }
}

async fn crashing() -> Fallible {
    began();
    panic!("boom")
}

#[supervised(name = "crash loop", restart = true, backoff = "0s")]
async fn crashing_with_attribute() -> Fallible {
    began();
    panic!("boom")
}

fn start(variant: Variant) -> Option<AbortHandle> {
    match variant {
        Variant::Bare => None,
        Variant::Handwritten => {
            let crash_loop = supervise("crash loop", at_once, crashing);
            Some(tokio::spawn(crash_loop).abort_handle())
        }
        Variant::Supervised => Some(tokio::spawn(crashing_with_attribute()).abort_handle()),
    }
}

/// Of what `late` tells of each tick, what 99 of 100 are not above.
async fn ticks(late: fn(Instant) -> f64) -> f64 {
    let mut all = Vec::with_capacity(TICKS);
    for _ in 0..TICKS {
        let due = Instant::now() + PERIOD;
        LATE.store(0, Relaxed);
        DUE.store(clock(due + RESOLUTION), Relaxed);
        sleep_until(due).await;
        all.push(late(due));
    }
    all.sort_by(f64::total_cmp);
    all[all.len() * 99 / 100]
}

fn microseconds_late(due: Instant) -> f64 {
    due.elapsed().as_secs_f64() * 1e6
}

fn runs_late(_due: Instant) -> f64 {
    LATE.load(Relaxed).into()
}

async fn most_runs_between_turns() -> u32 {
    // The loop has begun.
    yield_now().await;
    let (mut most, mut turns, mut before) = (0, 0, RUNS.load(Relaxed));
    poll_fn(|cx| {
        let runs = RUNS.load(Relaxed);
        most = most.max(runs - before);
        before = runs;
        turns += 1;
        if turns == TURNS {
            return Poll::Ready(most);
        }
        // Not as `yield_now`, whose turn comes when all are done.
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}
