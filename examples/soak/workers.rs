//! The workers: each form, each policy.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use supervise::{Backoff, MaxRestarts, Policy, Restart, Worker, supervised};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::fate::{ALL, KEEPING, RETURNED, SILENT, TICKS, TIMED};
use crate::job::{Broken, Job};
use crate::member::Member;
use crate::pool::Pool;

/// How many there are of each.
pub const MEMBERS: u64 = WORKERS / POOLS.len() as u64;

pub const WORKERS: u64 = 10_000;

pub static POOLS: [&Pool; 16] = [
    &ON_FAILURE,
    &ON_PANIC,
    &ALWAYS,
    &NEVER,
    &AT_MOST,
    &AT_MOST_WITHIN,
    &HEALTHY,
    &TIMEOUT,
    &EVERY,
    &EVERY_TIMEOUT,
    &KEPT,
    &METHOD,
    &CLOSURE,
    &CLOSURE_ALWAYS,
    &CLOSURE_EVERY,
    &CLOSURE_AT_MOST,
];

const LONG: Duration = Duration::from_secs(2);
const SHORT: Duration = Duration::from_millis(400);

static ON_FAILURE: Pool = Pool::new("on failure", LONG, ALL);

#[supervised(name = "on failure", restart = true, backoff = "10ms..1s")]
async fn on_failure(job: Job) -> Result<(), Broken> {
    job.work().await
}

static ON_PANIC: Pool = Pool::new("on panic", LONG, RETURNED);

#[supervised(name = "on panic", restart = "on_panic", backoff = "10ms..1s")]
async fn on_panic(job: Job) -> Result<(), Broken> {
    job.work().await
}

static ALWAYS: Pool = Pool::new("always", LONG, SILENT);

#[supervised(name = "always", restart = "always", backoff = "20ms..500ms")]
async fn always(job: Job) {
    job.toil().await;
}

static NEVER: Pool = Pool::new("never", LONG, RETURNED);

#[supervised(name = "never")]
async fn never(job: Job) -> Result<(), Broken> {
    job.work().await
}

static AT_MOST: Pool = Pool::new("at most", LONG, RETURNED);

#[supervised(
    name = "at most",
    restart = true,
    backoff = "10ms..100ms",
    max_restarts = 3
)]
async fn at_most(job: Job) -> Result<(), Broken> {
    job.work().await
}

static AT_MOST_WITHIN: Pool = Pool::new("at most within", LONG, RETURNED);

#[supervised(
    name = "at most within",
    restart = true,
    backoff = "50ms",
    max_restarts = "2 in 3s"
)]
async fn at_most_within(job: Job) -> Result<(), Broken> {
    job.work().await
}

static HEALTHY: Pool = Pool::new("healthy", LONG, ALL);

#[supervised(
    name = "healthy",
    restart = true,
    backoff = "10ms..200ms",
    healthy_after = "1s"
)]
async fn healthy(job: Job) -> Result<(), Broken> {
    job.work().await
}

static TIMEOUT: Pool = Pool::new("timeout", SHORT, TIMED);

#[supervised(
    name = "timeout",
    restart = "always",
    backoff = "100ms..1s",
    timeout = "1s"
)]
async fn timeout(job: Job) -> Result<(), Broken> {
    job.work().await
}

static EVERY: Pool = Pool::new("every", SHORT, TICKS).periodic();

#[supervised(name = "every", every = "1s")]
async fn every(job: Job) -> Result<(), Broken> {
    job.work().await
}

static EVERY_TIMEOUT: Pool = Pool::new("every, timeout", SHORT, TIMED).periodic();

#[supervised(
    name = "every, timeout",
    every = "1s",
    timeout = "600ms",
    backoff = "10ms..1s"
)]
async fn every_timeout(job: Job) -> Result<(), Broken> {
    job.work().await
}

static KEPT: Pool = Pool::new("kept", LONG, KEEPING);

#[supervised(name = "kept", restart = true, backoff = "10ms..1s")]
async fn kept(#[keep] job: Job) -> Result<(), Broken> {
    job.work().await
}

static METHOD: Pool = Pool::new("method", LONG, KEEPING);

struct Service(Job);

impl Service {
    #[supervised(name = "method", restart = true, backoff = "10ms..1s")]
    async fn start(&self) -> Result<(), Broken> {
        self.0.work().await
    }
}

const BACKOFF: Backoff = Backoff::doubling(Duration::from_millis(10), Duration::from_secs(1));
const RESTART: Policy = Policy::new().restart(Restart::OnFailure).backoff(BACKOFF);

static CLOSURE: Pool = Pool::new("closure", LONG, ALL);
static CLOSURE_WORKER: Worker = Worker::new("closure").policy(RESTART);

static CLOSURE_ALWAYS: Pool = Pool::new("closure always", SHORT, TIMED);
static CLOSURE_ALWAYS_WORKER: Worker = Worker::new("closure always").policy(
    RESTART
        .restart(Restart::Always)
        .timeout(Duration::from_secs(1)),
);

static CLOSURE_EVERY: Pool = Pool::new("closure every", SHORT, TICKS).periodic();
static CLOSURE_EVERY_WORKER: Worker = Worker::new("closure every")
    .policy(RESTART)
    .every(Duration::from_secs(1));

static CLOSURE_AT_MOST: Pool = Pool::new("closure at most", LONG, SILENT);
static CLOSURE_AT_MOST_WORKER: Worker =
    Worker::new("closure at most").policy(RESTART.max_restarts(MaxRestarts::since_healthy(2)));

/// Starts all of them.
pub fn start(seed: u32) -> Vec<JoinHandle<()>> {
    let mut staff = Staff {
        seed: seed.into(),
        tasks: Vec::new(),
    };
    staff.hire(&ON_FAILURE, on_failure);
    staff.hire(&ON_PANIC, on_panic);
    staff.hire(&ALWAYS, always);
    staff.hire(&NEVER, never);
    staff.hire(&AT_MOST, at_most);
    staff.hire(&AT_MOST_WITHIN, at_most_within);
    staff.hire(&HEALTHY, healthy);
    staff.hire(&TIMEOUT, timeout);
    staff.hire(&EVERY, every);
    staff.hire(&EVERY_TIMEOUT, every_timeout);
    staff.hire(&KEPT, kept);
    staff.hire(&METHOD, |job| async { Service(job).start().await });
    for (pool, worker) in [
        (&CLOSURE, &CLOSURE_WORKER),
        (&CLOSURE_ALWAYS, &CLOSURE_ALWAYS_WORKER),
        (&CLOSURE_EVERY, &CLOSURE_EVERY_WORKER),
    ] {
        staff.hire(pool, |job| {
            worker.supervise(move || {
                let job = job.clone();
                async move { job.work().await }
            })
        });
    }
    staff.hire(&CLOSURE_AT_MOST, |job| {
        CLOSURE_AT_MOST_WORKER.supervise(move || {
            let job = job.clone();
            async move { job.toil().await }
        })
    });
    staff.tasks
}

struct Staff {
    seed: u64,
    tasks: Vec<JoinHandle<()>>,
}

impl Staff {
    /// Starts the workers of a pool. One that gives up or finishes is called
    /// again.
    fn hire<C>(&mut self, pool: &'static Pool, call: impl Fn(Job) -> C + Copy + Send + 'static)
    where
        C: Future + Send,
    {
        for _ in 0..MEMBERS {
            let number = self.tasks.len() as u64;
            let member = Arc::new(Member::new(pool, self.seed * WORKERS + number));
            #[expect(
                clippy::disallowed_methods,
                reason = "its panic is found when it is joined"
            )]
            self.tasks.push(tokio::spawn(async move {
                // Else all ticks of a pool were one.
                sleep(member.stagger()).await;
                loop {
                    let mut call = pin!(call(Job::new(&member)));
                    let leaving = member.call();
                    call.as_mut().await;
                    drop(leaving);
                    member.returned();
                }
            }));
        }
    }
}
