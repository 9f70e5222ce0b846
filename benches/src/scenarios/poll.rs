//! One worker that is polled again and again. The unit is one poll: a trip
//! through the scheduler and through all that is around the body.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use supervise::{Supervisor, supervised};
use tokio::runtime::Runtime;

use super::Scenario;
use crate::Fallible;
use crate::measure::{Budget::TimesBare, Goal, Measure};
use crate::variant::Variant;

pub const POLL: Scenario = Scenario {
    name: "poll",
    run,
    units: [100_000, 300_000],
    goals: &[
        Goal::budgeted(Measure::Instructions, TimesBare(1.10)),
        Goal::unbudgeted(Measure::Allocations),
        Goal::unbudgeted(Measure::Time),
    ],
};

/// What is around the body is found by the task's id: a poll has one byte to look at.
pub const UNDER_SUPERVISOR: Scenario = Scenario {
    name: "poll under a supervisor",
    run: |runtime, variant, polls| match variant {
        Variant::Supervised => {
            let spawned = async { Supervisor::new().spawn(with_attribute(polls)).await? };
            runtime.block_on(spawned)
        }
        without => run(runtime, without, polls),
    },
    ..POLL
};

/// Wakes itself at each poll. Cheaper than `yield_now`, which also sends the
/// runtime to its timers and would hide the worker's own cost behind that.
struct Polls(u32);

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

async fn plain(polls: u32) -> Fallible {
    Polls(polls).await;
    Ok(())
}

#[supervised(name = "polled", restart = true, backoff = "0s")]
async fn with_attribute(polls: u32) -> Fallible {
    Polls(polls).await;
    Ok(())
}

fn run(runtime: &Runtime, variant: Variant, polls: u32) -> Fallible {
    runtime.block_on(async {
        match variant {
            Variant::Bare => tokio::spawn(plain(polls)).await?,
            Variant::Handwritten => {
                let worker =
                    crate::handwritten::supervise("polled", Duration::ZERO, move || plain(polls));
                Ok(tokio::spawn(worker).await?)
            }
            Variant::Supervised => tokio::spawn(with_attribute(polls)).await?,
        }
    })
}
