//! Many workers of one supervisor, which tells them to stop; by hand, and bare,
//! it is a cancellation token that each of them has. The unit is one worker.
//!
//! The same for two numbers of workers: if each of four times as many costs
//! what it cost before, the shutdown takes time linear in their number.

use std::sync::Arc;
use std::time::Duration;

use supervise::supervised;
use tokio_util::sync::CancellationToken;

use super::Scenario;
use super::start_stop::{Crew, start_and_stop, under_supervisor};
use crate::Fallible;
use crate::handwritten::supervise;
use crate::measure::{Goal, Measure};

pub const OF_25_000: Scenario = Scenario {
    name: "shutdown of 25,000",
    runs: [
        |runtime, workers| {
            let token = CancellationToken::new();
            let start = |crew| tokio::spawn(with_token(crew, token.clone()));
            start_and_stop(runtime, workers, start, |_| token.cancel())
        },
        |runtime, workers| {
            let token = CancellationToken::new();
            let start = |crew| tokio::spawn(by_hand(crew, token.clone()));
            start_and_stop(runtime, workers, start, |_| token.cancel())
        },
        |runtime, workers| {
            under_supervisor(runtime, workers, asking, |supervisor, _| {
                supervisor.shutdown();
            })
        },
    ],
    units: [12_500, 25_000],
    subscriber: false,
    goals: &[
        Goal::unbudgeted(Measure::Instructions),
        Goal::unbudgeted(Measure::Allocations),
        Goal::unbudgeted(Measure::Bytes),
    ],
};

pub const OF_100_000: Scenario = Scenario {
    name: "shutdown of 100,000",
    units: [50_000, 100_000],
    ..OF_25_000
};

async fn with_token(crew: Arc<Crew>, token: CancellationToken) -> Fallible {
    crew.arrived();
    token.cancelled().await;
    Ok(())
}

/// Between two runs as well: whoever waits for a restart is to stop, too.
async fn by_hand(crew: Arc<Crew>, token: CancellationToken) -> Fallible {
    let worker = || with_token(Arc::clone(&crew), token.clone());
    let supervised = supervise("asking", Duration::ZERO, worker);
    token.run_until_cancelled(supervised).await;
    Ok(())
}

#[supervised(name = "asking", restart = true, backoff = "0s")]
async fn asking(crew: Arc<Crew>) -> Fallible {
    crew.arrived();
    supervise::shutdown_requested().await;
    Ok(())
}
