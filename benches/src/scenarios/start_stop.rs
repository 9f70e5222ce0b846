//! Many workers that start, wait until they are told to stop, and return. The
//! unit is one worker.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use supervise::{Supervisor, supervised};
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::task::JoinError;
use tracing::Instrument;

use super::Scenario;
use crate::Fallible;
use crate::handwritten::{at_once, supervise};
use crate::measure::Budget::{AtMost, OverBare, TimesBare};
use crate::measure::{Goal, Measure};

pub const START_STOP: Scenario = Scenario {
    name: "start and stop",
    runs: [bare, handwritten, |runtime, workers| {
        start_and_stop(
            runtime,
            workers,
            |crew| tokio::spawn(with_attribute(crew)),
            Crew::stop,
        )
    }],
    units: [2_000, 6_000],
    subscriber: false,
    goals: &[
        Goal::budgeted(Measure::Instructions, TimesBare(1.33)),
        Goal::budgeted(Measure::Allocations, AtMost(1.0)),
        Goal::budgeted(Measure::Bytes, OverBare(128.0)),
        Goal::unbudgeted(Measure::Time),
    ],
};

/// They stop as the others do: how a supervisor stops them is in `shutdown.rs`.
pub const UNDER_SUPERVISOR: Scenario = START_STOP.form(
    "start and stop under a supervisor",
    |runtime, workers| under_supervisor(runtime, workers, with_attribute, |_, crew| crew.stop()),
    &[
        Goal::budgeted(Measure::Instructions, TimesBare(1.68)),
        Goal::unbudgeted(Measure::Allocations),
        Goal::budgeted(Measure::Bytes, OverBare(256.0)),
        Goal::unbudgeted(Measure::Time),
    ],
);

pub const METHOD: Scenario = START_STOP.form(
    "start and stop of a method",
    |runtime, workers| {
        start_and_stop(
            runtime,
            workers,
            |crew| tokio::spawn(OBJECT.method(crew)),
            Crew::stop,
        )
    },
    FORM,
);

pub const KEEP: Scenario = START_STOP.form(
    "start and stop with #[keep]",
    |runtime, workers| {
        start_and_stop(
            runtime,
            workers,
            |crew| tokio::spawn(keeping(Member(crew))),
            Crew::stop,
        )
    },
    FORM,
);

/// A span per worker, made and closed.
pub const WITH_SUBSCRIBER: Scenario =
    START_STOP.with_subscriber("start and stop with a subscriber", |runtime, workers| {
        start_and_stop(
            runtime,
            workers,
            |crew| {
                let span = tracing::info_span!("worker", worker = "started");
                tokio::spawn(by_hand(crew).instrument(span))
            },
            Crew::stop,
        )
    });

const FORM: &[Goal] = &[
    Goal::budgeted(Measure::Instructions, TimesBare(1.33)),
    Goal::budgeted(Measure::Allocations, AtMost(1.0)),
    Goal::budgeted(Measure::Bytes, OverBare(128.0)),
];

/// What the workers share, and how they are told to stop.
pub struct Crew {
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

    /// A worker has started.
    pub fn arrived(&self) {
        if self.missing.fetch_sub(1, Relaxed) == 1 {
            self.complete.notify_one();
        }
    }

    /// Waits until all have.
    async fn complete(&self) {
        self.complete.notified().await;
    }

    fn stop(&self) {
        self.stop.notify_waiters();
    }

    async fn serve(&self) {
        self.arrived();
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

fn by_hand(crew: Arc<Crew>) -> impl Future<Output = Fallible> {
    let worker = move || plain(Arc::clone(&crew));
    let supervised = supervise("started", at_once, worker);
    futures_util::FutureExt::map(supervised, Ok)
}

struct Object;

static OBJECT: Object = Object;

impl Object {
    #[supervised(restart = true, backoff = "0s")]
    async fn method(&self, crew: Arc<Crew>) -> Fallible {
        crew.serve().await;
        Ok(())
    }
}

/// What no run may have to itself: it can't be cloned.
struct Member(Arc<Crew>);

#[supervised(name = "keeping started", restart = true, backoff = "0s")]
async fn keeping(#[keep] member: Member) -> Fallible {
    member.0.serve().await;
    Ok(())
}

fn bare(runtime: &Runtime, workers: u32) -> Fallible {
    start_and_stop(
        runtime,
        workers,
        |crew| tokio::spawn(plain(crew)),
        Crew::stop,
    )
}

fn handwritten(runtime: &Runtime, workers: u32) -> Fallible {
    start_and_stop(
        runtime,
        workers,
        |crew| tokio::spawn(by_hand(crew)),
        Crew::stop,
    )
}

pub fn start_and_stop<H>(
    runtime: &Runtime,
    workers: u32,
    start: impl Fn(Arc<Crew>) -> H,
    stop: impl FnOnce(&Crew),
) -> Fallible
where
    H: Future<Output = Result<Fallible, JoinError>>,
{
    runtime.block_on(async {
        let crew = Arc::new(Crew::new(workers));
        let handles: Vec<_> = (0..workers).map(|_| start(Arc::clone(&crew))).collect();
        crew.complete().await;
        stop(&crew);
        for handle in handles {
            handle.await??;
        }
        Ok(())
    })
}

/// By a supervisor, which has the tasks and waits for them: nobody keeps a
/// handle.
pub fn under_supervisor<F>(
    runtime: &Runtime,
    workers: u32,
    worker: impl Fn(Arc<Crew>) -> F,
    stop: impl FnOnce(&Supervisor, &Crew),
) -> Fallible
where
    F: Future<Output = Fallible> + Send + 'static,
{
    runtime.block_on(async {
        let crew = Arc::new(Crew::new(workers));
        let supervisor = Supervisor::new();
        for _ in 0..workers {
            supervisor.spawn(worker(Arc::clone(&crew)));
        }
        crew.complete().await;
        stop(&supervisor, &crew);
        // `wait` would receive signals, for which this runtime has no driver.
        Ok(supervisor.wait_until(pending::<()>()).await?)
    })
}
