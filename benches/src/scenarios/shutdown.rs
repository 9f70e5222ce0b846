//! Many workers of one supervisor, which tells them to stop; by hand, and bare,
//! it is a cancellation token that each of them has. The unit is one worker.
//!
//! The same for two numbers of workers: if each of many more costs
//! what it cost before, the shutdown takes time linear in their number.

use std::sync::Arc;

use supervise::supervised;
use tokio::runtime::Runtime;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

use super::Scenario;
use super::start_stop::{Crew, start_and_stop, under_supervisor};
use crate::Fallible;
use crate::handwritten::{at_once, supervise};
use crate::measure::{Goal, Measure};

/// Without a supervisor.
pub const BY_TOKEN: Scenario = Scenario {
    name: "start and stop by a token",
    runs: [
        |runtime, workers| {
            by_token(runtime, workers, |crew, token| {
                tokio::spawn(with_token(crew, token))
            })
        },
        |runtime, workers| {
            by_token(runtime, workers, |crew, token| {
                tokio::spawn(by_hand(crew, token))
            })
        },
        |runtime, workers| {
            by_token(runtime, workers, |crew, token| {
                tokio::spawn(with_attribute(crew, token))
            })
        },
    ],
    units: [2_000, 6_000],
    subscriber: false,
    goals: &[
        Goal::unbudgeted(Measure::Instructions),
        Goal::unbudgeted(Measure::Allocations),
        Goal::unbudgeted(Measure::Bytes),
    ],
};

pub const OF_6_000: Scenario = BY_TOKEN.form(
    "shutdown of 6,000",
    |runtime, workers| {
        under_supervisor(runtime, workers, asking, |supervisor, _| {
            supervisor.shutdown();
        })
    },
    BY_TOKEN.goals,
);

pub const OF_100_000: Scenario = Scenario {
    name: "shutdown of 100,000",
    units: [50_000, 100_000],
    ..OF_6_000
};

fn by_token<H>(
    runtime: &Runtime,
    workers: u32,
    start: impl Fn(Arc<Crew>, CancellationToken) -> H,
) -> Fallible
where
    H: Future<Output = Result<Fallible, JoinError>>,
{
    let token = CancellationToken::new();
    let start = |crew| start(crew, token.clone());
    start_and_stop(runtime, workers, start, |_| token.cancel())
}

async fn with_token(crew: Arc<Crew>, token: CancellationToken) -> Fallible {
    crew.arrived();
    token.cancelled().await;
    Ok(())
}

/// Between two runs as well: whoever waits for a restart is to stop, too.
async fn by_hand(crew: Arc<Crew>, token: CancellationToken) -> Fallible {
    let worker = || with_token(Arc::clone(&crew), token.clone());
    let supervised = supervise("asking", at_once, worker);
    token.run_until_cancelled(supervised).await;
    Ok(())
}

#[supervised(name = "told by a token", restart = true, backoff = "0s")]
async fn with_attribute(crew: Arc<Crew>, token: CancellationToken) -> Fallible {
    crew.arrived();
    token.cancelled().await;
    Ok(())
}

#[supervised(name = "asking", restart = true, backoff = "0s")]
async fn asking(crew: Arc<Crew>) -> Fallible {
    crew.arrived();
    supervise::shutdown_requested().await;
    Ok(())
}
