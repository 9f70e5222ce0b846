//! One periodic worker. The unit is one tick, from the timer to the wait for the
//! next.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use supervise::supervised;
use tokio::runtime::Runtime;
use tokio::time::{MissedTickBehavior, interval};

use super::Scenario;
use crate::Fallible;
use crate::handwritten;
use crate::measure::{Goal, Measure};

pub const TICK: Scenario = Scenario {
    name: "periodic tick",
    runs: [
        |runtime, ticks| run(runtime, ticks, bare()),
        |runtime, ticks| run(runtime, ticks, by_hand()),
        |runtime, ticks| run(runtime, ticks, with_attribute()),
    ],
    units: [200, 600],
    subscriber: false,
    // No time: most of it is the clock's.
    goals: &[
        Goal::unbudgeted(Measure::Instructions),
        Goal::unbudgeted(Measure::Allocations),
    ],
};

/// The shortest that tokio's timer can keep.
const PERIOD: Duration = Duration::from_millis(1);

/// How many ticks are still to come.
static TICKS: AtomicU32 = AtomicU32::new(0);

/// The last one fails, which ends the worker.
fn tick() -> Fallible {
    match TICKS.fetch_sub(1, Relaxed) {
        1 => Err("the last tick".into()),
        _ => Ok(()),
    }
}

async fn bare() -> Fallible {
    let mut slots = slots();
    loop {
        slots.tick().await;
        tick()?;
    }
}

/// Each tick is a run, and contained as one.
async fn by_hand() -> Fallible {
    let mut slots = slots();
    loop {
        slots.tick().await;
        handwritten::tick("periodic", async { tick() }).await?;
    }
}

#[supervised(name = "periodic", every = "1ms", restart = false)]
async fn with_attribute() -> Fallible {
    tick()
}

fn slots() -> tokio::time::Interval {
    let mut slots = interval(PERIOD);
    slots.set_missed_tick_behavior(MissedTickBehavior::Skip);
    slots
}

fn run(
    runtime: &Runtime,
    ticks: u32,
    worker: impl Future<Output = Fallible> + Send + 'static,
) -> Fallible {
    TICKS.store(ticks, Relaxed);
    let ended = runtime.block_on(async { tokio::spawn(worker).await })?;
    match TICKS.load(Relaxed) {
        0 if ended.is_err() => Ok(()),
        left => Err(format!("{left} of {ticks} ticks did not come").into()),
    }
}
