//! One worker that fails at its first poll, again and again, without backoff.
//! The unit is one restart.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use supervise::{Supervisor, supervised};
use tokio::runtime::Runtime;
use tokio::task::yield_now;
use tracing::Instrument;

use super::Scenario;
use crate::Fallible;
use crate::handwritten::{at_once, supervise};
use crate::measure::{Budget::AtMost, Goal, Measure};

pub const AFTER_PANIC: Scenario = Scenario {
    name: "restart after panic",
    runs: [
        |runtime, restarts| run(runtime, restarts, respawned(panicking)),
        |runtime, restarts| run(runtime, restarts, by_hand(panicking)),
        |runtime, restarts| run(runtime, restarts, spawned(panicking_with_attribute())),
    ],
    units: [1_000, 3_000],
    subscriber: false,
    goals: &[
        Goal::budgeted(Measure::Instructions, AtMost(40_000.0)),
        Goal::budgeted(Measure::Allocations, AtMost(2.0)),
        Goal::unbudgeted(Measure::Time),
    ],
};

pub const AFTER_ERR: Scenario = Scenario {
    name: "restart after Err",
    runs: [
        |runtime, restarts| run(runtime, restarts, respawned(failing)),
        |runtime, restarts| run(runtime, restarts, by_hand(failing)),
        |runtime, restarts| run(runtime, restarts, spawned(failing_with_attribute())),
    ],
    goals: &[
        Goal::budgeted(Measure::Instructions, AtMost(2_500.0)),
        // Two of them are the worker's own: its error.
        Goal::unbudgeted(Measure::Allocations),
        Goal::unbudgeted(Measure::Time),
    ],
    ..AFTER_PANIC
};

pub const METHOD_AFTER_PANIC: Scenario = AFTER_PANIC.form(
    "restart of a method after panic",
    |runtime, restarts| run(runtime, restarts, spawned(OBJECT.panicking())),
    FORM_AFTER_PANIC,
);

pub const METHOD_AFTER_ERR: Scenario = AFTER_ERR.form(
    "restart of a method after Err",
    |runtime, restarts| run(runtime, restarts, spawned(OBJECT.failing())),
    FORM_AFTER_ERR,
);

pub const KEEP_AFTER_PANIC: Scenario = AFTER_PANIC.form(
    "restart with #[keep] after panic",
    |runtime, restarts| run(runtime, restarts, spawned(panicking_and_keeping(Queue))),
    FORM_AFTER_PANIC,
);

pub const KEEP_AFTER_ERR: Scenario = AFTER_ERR.form(
    "restart with #[keep] after Err",
    |runtime, restarts| run(runtime, restarts, spawned(failing_and_keeping(Queue))),
    FORM_AFTER_ERR,
);

pub const UNDER_SUPERVISOR_AFTER_PANIC: Scenario = AFTER_PANIC.form(
    "restart under a supervisor after panic",
    |runtime, restarts| {
        run(runtime, restarts, async {
            Supervisor::new().spawn(panicking_with_attribute()).await?
        })
    },
    FORM_AFTER_PANIC,
);

pub const UNDER_SUPERVISOR_AFTER_ERR: Scenario = AFTER_ERR.form(
    "restart under a supervisor after Err",
    |runtime, restarts| {
        run(runtime, restarts, async {
            Supervisor::new().spawn(failing_with_attribute()).await?
        })
    },
    FORM_AFTER_ERR,
);

/// By hand it is a line with two fields in a span; ours has more to tell. There
/// is no budget: the subscriber's share is the largest.
pub const WITH_SUBSCRIBER_AFTER_PANIC: Scenario = AFTER_PANIC.with_subscriber(
    "restart with a subscriber after panic",
    |runtime, restarts| run(runtime, restarts, by_hand_in_span(panicking)),
);

pub const WITH_SUBSCRIBER_AFTER_ERR: Scenario = AFTER_ERR.with_subscriber(
    "restart with a subscriber after Err",
    |runtime, restarts| run(runtime, restarts, by_hand_in_span(failing)),
);

const FORM_AFTER_PANIC: &[Goal] = &[
    Goal::budgeted(Measure::Instructions, AtMost(40_000.0)),
    Goal::budgeted(Measure::Allocations, AtMost(2.0)),
];

const FORM_AFTER_ERR: &[Goal] = &[
    Goal::budgeted(Measure::Instructions, AtMost(2_500.0)),
    Goal::unbudgeted(Measure::Allocations),
];

/// How many runs are still to fail. Not an argument: each run would be given
/// its copy, which is a cost of arguments, not of restarts.
static FAILURES: AtomicU32 = AtomicU32::new(0);

fn fails() -> bool {
    let left = FAILURES.load(Relaxed);
    FAILURES.store(left.saturating_sub(1), Relaxed);
    left > 0
}

fn run(runtime: &Runtime, restarts: u32, worker: impl Future<Output = Fallible>) -> Fallible {
    counted(restarts, || runtime.block_on(worker))
}

/// Has what `run` runs fail that often, and sees to it that it did.
pub fn counted(restarts: u32, run: impl FnOnce() -> Fallible) -> Fallible {
    FAILURES.store(restarts, Relaxed);
    run()?;
    match FAILURES.load(Relaxed) {
        0 => Ok(()),
        left => Err(format!("{left} of {restarts} restarts did not happen").into()),
    }
}

/// All that bare tokio has: a panic ends the task, so a restart is a new one.
async fn respawned<F>(worker: impl Fn() -> F + Send + 'static) -> Fallible
where
    F: Future<Output = Fallible> + Send + 'static,
{
    let respawns = async move { while !matches!(tokio::spawn(worker()).await, Ok(Ok(()))) {} };
    Ok(tokio::spawn(respawns).await?)
}

async fn by_hand<F>(worker: impl Fn() -> F + Send + 'static) -> Fallible
where
    F: Future<Output = Fallible> + Send + 'static,
{
    Ok(tokio::spawn(supervise("failing", at_once, worker)).await?)
}

async fn by_hand_in_span<F>(worker: impl Fn() -> F + Send + 'static) -> Fallible
where
    F: Future<Output = Fallible> + Send + 'static,
{
    let span = tracing::info_span!("worker", worker = "failing");
    let worker = supervise("failing", at_once, worker);
    Ok(tokio::spawn(worker.instrument(span)).await?)
}

async fn spawned(worker: impl Future<Output = Fallible> + Send + 'static) -> Fallible {
    tokio::spawn(worker).await?
}

pub async fn panicking() -> Fallible {
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

pub async fn failing() -> Fallible {
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

struct Object;

static OBJECT: Object = Object;

impl Object {
    #[supervised(restart = true, backoff = "0s")]
    async fn panicking(&self) -> Fallible {
        assert!(!fails(), "boom");
        yield_now().await;
        Ok(())
    }

    #[supervised(restart = true, backoff = "0s")]
    async fn failing(&self) -> Fallible {
        if fails() {
            return Err("boom".into());
        }
        yield_now().await;
        Ok(())
    }
}

/// What no run may have to itself: it can't be cloned.
struct Queue;

#[supervised(name = "panicking and keeping", restart = true, backoff = "0s")]
async fn panicking_and_keeping(#[keep] _queue: Queue) -> Fallible {
    assert!(!fails(), "boom");
    yield_now().await;
    Ok(())
}

#[supervised(name = "failing and keeping", restart = true, backoff = "0s")]
async fn failing_and_keeping(#[keep] _queue: Queue) -> Fallible {
    if fails() {
        return Err("boom".into());
    }
    yield_now().await;
    Ok(())
}
