//! One worker that fails at its first poll, again and again, without backoff.
//! The unit is one restart.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use supervise::supervised;
use tokio::runtime::Runtime;
use tokio::task::yield_now;

use super::Scenario;
use crate::Fallible;
use crate::handwritten::supervise;
use crate::measure::{Budget::AtMost, Goal, Measure};
use crate::variant::Variant;

pub const AFTER_PANIC: Scenario = Scenario {
    name: "restart after panic",
    run: |runtime, variant, restarts| {
        run(runtime, restarts, async {
            match variant {
                Variant::Bare => tokio::spawn(respawned(panicking)).await?,
                Variant::Handwritten => {
                    tokio::spawn(supervise("panicking", Duration::ZERO, panicking)).await?;
                }
                Variant::Supervised => tokio::spawn(panicking_with_attribute()).await??,
            }
            Ok(())
        })
    },
    units: [1_000, 3_000],
    goals: &[
        Goal::budgeted(Measure::Instructions, AtMost(45_000.0)),
        Goal::budgeted(Measure::Allocations, AtMost(2.0)),
        Goal::unbudgeted(Measure::Time),
    ],
};

pub const AFTER_ERR: Scenario = Scenario {
    name: "restart after Err",
    run: |runtime, variant, restarts| {
        run(runtime, restarts, async {
            match variant {
                Variant::Bare => tokio::spawn(respawned(failing)).await?,
                Variant::Handwritten => {
                    tokio::spawn(supervise("failing", Duration::ZERO, failing)).await?;
                }
                Variant::Supervised => tokio::spawn(failing_with_attribute()).await??,
            }
            Ok(())
        })
    },
    units: [1_000, 3_000],
    goals: &[
        Goal::budgeted(Measure::Instructions, AtMost(2_500.0)),
        // Two of them are the worker's own: its error.
        Goal::unbudgeted(Measure::Allocations),
        Goal::unbudgeted(Measure::Time),
    ],
};

/// How many runs are still to fail. Not an argument: each run would be given
/// its copy, which is a cost of arguments, not of restarts.
static FAILURES: AtomicU32 = AtomicU32::new(0);

fn fails() -> bool {
    let left = FAILURES.load(Relaxed);
    FAILURES.store(left.saturating_sub(1), Relaxed);
    left > 0
}

fn run(runtime: &Runtime, restarts: u32, worker: impl Future<Output = Fallible>) -> Fallible {
    FAILURES.store(restarts, Relaxed);
    runtime.block_on(worker)?;
    match FAILURES.load(Relaxed) {
        0 => Ok(()),
        left => Err(format!("{left} of {restarts} restarts did not happen").into()),
    }
}

/// All that bare tokio has: a panic ends the task, so a restart is a new one.
async fn respawned<F>(worker: impl Fn() -> F)
where
    F: Future<Output = Fallible> + Send + 'static,
{
    while !matches!(tokio::spawn(worker()).await, Ok(Ok(()))) {}
}

async fn panicking() -> Fallible {
    assert!(!fails(), "boom");
    yield_now().await;
    Ok(())
}

#[supervised(name = "panicking", restart = true, backoff = "0s")]
async fn panicking_with_attribute() -> Fallible {
    assert!(!fails(), "boom");
    yield_now().await;
    Ok(())
}

async fn failing() -> Fallible {
    if fails() {
        return Err("boom".into());
    }
    yield_now().await;
    Ok(())
}

#[supervised(name = "failing", restart = true, backoff = "0s")]
async fn failing_with_attribute() -> Fallible {
    if fails() {
        return Err("boom".into());
    }
    yield_now().await;
    Ok(())
}
