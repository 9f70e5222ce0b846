//! One worker that is polled again and again. The unit is one poll: a trip
//! through the scheduler and through all that is around the body.

use std::pin::Pin;
use std::task::{Context, Poll};

use supervise::{Supervisor, supervised};
use tokio::runtime::Runtime;
use tracing::Instrument;

use super::Scenario;
use crate::Fallible;
use crate::handwritten::{at_once, supervise};
use crate::measure::{Budget::TimesBare, Goal, Measure};

pub const POLL: Scenario = Scenario {
    name: "poll",
    runs: [bare, handwritten, |runtime, polls| {
        spawned(runtime, with_attribute(polls))
    }],
    units: [100_000, 300_000],
    subscriber: false,
    goals: &[
        Goal::budgeted(Measure::Instructions, TimesBare(1.10)),
        Goal::unbudgeted(Measure::Allocations),
        Goal::unbudgeted(Measure::Time),
    ],
};

/// What is around the body is found by the task's id: a poll has one byte to look at.
pub const UNDER_SUPERVISOR: Scenario = POLL.form(
    "poll under a supervisor",
    |runtime, polls| {
        runtime.block_on(async { Supervisor::new().spawn(with_attribute(polls)).await? })
    },
    POLL.goals,
);

pub const METHOD: Scenario = POLL.form(
    "poll of a method",
    |runtime, polls| spawned(runtime, OBJECT.method(polls)),
    FORM,
);

pub const KEEP: Scenario = POLL.form(
    "poll with #[keep]",
    |runtime, polls| spawned(runtime, keeping(Polls(polls))),
    FORM,
);

/// What the subscriber costs at each poll, which enters and leaves the worker's
/// span, is not ours to limit: it is the same by hand.
pub const WITH_SUBSCRIBER: Scenario =
    POLL.with_subscriber("poll with a subscriber", |runtime, polls| {
        let span = tracing::info_span!("worker", worker = "polled");
        let worker = supervise("polled", at_once, move || plain(polls));
        Ok(runtime.block_on(async { tokio::spawn(worker.instrument(span)).await })?)
    });

const FORM: &[Goal] = &[
    Goal::budgeted(Measure::Instructions, TimesBare(1.10)),
    Goal::unbudgeted(Measure::Allocations),
];

/// Wakes itself at each poll. Cheaper than `yield_now`, which also sends the
/// runtime to its timers and would hide the worker's own cost behind that.
pub struct Polls(u32);

impl Future for Polls {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

pub async fn plain(polls: u32) -> Fallible {
    Polls(polls).await;
    Ok(())
}

#[supervised(name = "polled", restart = true, backoff = "0s")]
async fn with_attribute(polls: u32) -> Fallible {
    Polls(polls).await;
    Ok(())
}

struct Object;

static OBJECT: Object = Object;

impl Object {
    #[supervised(restart = true, backoff = "0s")]
    async fn method(&self, polls: u32) -> Fallible {
        Polls(polls).await;
        Ok(())
    }
}

#[supervised(name = "keeping polled", restart = true, backoff = "0s")]
async fn keeping(#[keep] polls: Polls) -> Fallible {
    polls.await;
    Ok(())
}

fn bare(runtime: &Runtime, polls: u32) -> Fallible {
    spawned(runtime, plain(polls))
}

fn handwritten(runtime: &Runtime, polls: u32) -> Fallible {
    let worker = supervise("polled", at_once, move || plain(polls));
    Ok(runtime.block_on(async { tokio::spawn(worker).await })?)
}

fn spawned(runtime: &Runtime, worker: impl Future<Output = Fallible> + Send + 'static) -> Fallible {
    runtime.block_on(async { tokio::spawn(worker).await? })
}
