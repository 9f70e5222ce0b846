//! Many workers of one supervisor, which tells them to stop. The unit is one
//! worker, as where all stop by a signal of their own: that is what the other
//! variants do here.
//!
//! The same for two numbers of workers: if each of four times as many costs
//! what it cost before, the shutdown takes time linear in their number.

use std::sync::Arc;

use supervise::supervised;

use super::Scenario;
use super::start_stop::{self, Crew, under_supervisor};
use crate::Fallible;
use crate::measure::{Budget::TimesBare, Goal, Measure};

pub const OF_25_000: Scenario = Scenario {
    name: "shutdown of 25,000",
    runs: [
        start_stop::bare,
        start_stop::handwritten,
        |runtime, workers| {
            under_supervisor(runtime, workers, asking, |supervisor, _| {
                supervisor.shutdown();
            })
        },
    ],
    units: [12_500, 25_000],
    subscriber: false,
    goals: &[
        Goal::budgeted(Measure::Instructions, TimesBare(1.7)),
        Goal::unbudgeted(Measure::Allocations),
        Goal::unbudgeted(Measure::Bytes),
    ],
};

pub const OF_100_000: Scenario = Scenario {
    name: "shutdown of 100,000",
    units: [50_000, 100_000],
    ..OF_25_000
};

#[supervised(name = "asking", restart = true, backoff = "0s")]
async fn asking(crew: Arc<Crew>) -> Fallible {
    crew.arrived();
    supervise::shutdown_requested().await;
    Ok(())
}
