//! Many workers that start, wait until they are told to stop, and return. The
//! unit is one worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use supervise::supervised;
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::Scenario;
use crate::Fallible;
use crate::measure::Budget::{AtMost, OverBare, TimesBare};
use crate::measure::{Goal, Measure};
use crate::variant::Variant;

pub const START_STOP: Scenario = Scenario {
    name: "start and stop",
    run,
    units: [2_000, 6_000],
    goals: &[
        Goal::budgeted(Measure::Instructions, TimesBare(1.45)),
        Goal::budgeted(Measure::Allocations, AtMost(1.0)),
        Goal::budgeted(Measure::Bytes, OverBare(128.0)),
        Goal::unbudgeted(Measure::Time),
    ],
};

/// What the workers share, and how they are told to stop.
struct Crew {
    missing: AtomicU32,
    complete: Notify,
    stop: Notify,
}

impl Crew {
    fn new(workers: u32) -> Self {
        Self {
            missing: AtomicU32::new(workers),
            complete: Notify::new(),
            stop: Notify::new(),
        }
    }

    async fn serve(&self) {
        if self.missing.fetch_sub(1, Relaxed) == 1 {
            self.complete.notify_one();
        }
        self.stop.notified().await;
    }
}

async fn plain(crew: Arc<Crew>) -> Fallible {
    crew.serve().await;
    Ok(())
}

#[supervised(name = "started", restart = true, backoff = "0s")]
async fn with_attribute(crew: Arc<Crew>) -> Fallible {
    crew.serve().await;
    Ok(())
}

fn start(variant: Variant, crew: Arc<Crew>) -> JoinHandle<Fallible> {
    match variant {
        Variant::Bare => tokio::spawn(plain(crew)),
        Variant::Handwritten => tokio::spawn(by_hand(crew)),
        Variant::Supervised => tokio::spawn(with_attribute(crew)),
    }
}

fn by_hand(crew: Arc<Crew>) -> impl Future<Output = Fallible> {
    let worker = move || plain(Arc::clone(&crew));
    let supervised = crate::handwritten::supervise("started", Duration::ZERO, worker);
    futures_util::FutureExt::map(supervised, Ok)
}

fn run(runtime: &Runtime, variant: Variant, workers: u32) -> Fallible {
    runtime.block_on(async {
        let crew = Arc::new(Crew::new(workers));
        let crew_of = |_| start(variant, Arc::clone(&crew));
        let handles: Vec<_> = (0..workers).map(crew_of).collect();
        crew.complete.notified().await;
        crew.stop.notify_waiters();
        for handle in handles {
            handle.await??;
        }
        Ok(())
    })
}
