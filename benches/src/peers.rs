//! The crates that one would pick instead. One file each, and its line in `ways`.
//!
//! They are given the same bodies; how they start, stop and restart a worker is
//! theirs. See README.md for what can't be compared.

mod bastion;
mod crew;
mod graceful_shutdown;
mod kameo;
mod ractor_supervisor;
mod supervised;
mod task_supervisor;

use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::Notify;

use crate::Fallible;
use crate::job::Job;
use crate::scenarios::shutdown::BY_TOKEN as START_STOP;
use crate::scenarios::{poll, restart};
use crate::storm::STORM;
use crate::ways::Way;

/// A crate that supervises workers.
trait Peer {
    const NAME: &'static str;
    /// Its threads are not the runtime's: they spin and steal, and no two counts of
    /// their instructions are the same.
    const OWN_THREADS: bool = false;
    /// Fewer where it sleeps before each restart.
    const RESTARTS: [u32; 2] = [1_000, 3_000];

    /// Has one worker run until its body returns `Ok`; restarts it as soon as it
    /// can.
    fn one(runtime: &Runtime, body: impl Body) -> Fallible;

    /// Starts workers, waits until all are up, stops them, and waits until all are
    /// gone.
    fn crew(runtime: &Runtime, workers: u32) -> Fallible;

    /// Starts workers that fail for ever, and has each restarted about a second
    /// after its failure.
    fn storm(runtime: &Runtime, workers: u32) -> Fallible;
}

/// What a worker does in each of its runs.
trait Body: Clone + Send + Sync + 'static {
    type Run: Future<Output = Fallible> + Send + 'static;

    fn run(&self) -> Self::Run;
}

impl<B, F> Body for B
where
    B: Fn() -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Fallible> + Send + 'static,
{
    type Run = F;

    fn run(&self) -> F {
        self()
    }
}

pub fn ways() -> [Way; 6] {
    [
        way::<task_supervisor::TaskSupervisor>(),
        way::<graceful_shutdown::GracefulShutdown>(),
        way::<supervised::Supervised>(),
        way::<ractor_supervisor::RactorSupervisor>(),
        way::<kameo::Kameo>(),
        way::<bastion::Bastion>(),
    ]
}

fn way<P: Peer>() -> Way {
    let job = |scenario, units, run| Job {
        scenario,
        way: P::NAME,
        run,
        units,
        subscriber: false,
    };
    Way {
        name: P::NAME,
        countable: !P::OWN_THREADS,
        poll: job(poll::POLL.name, poll::POLL.units, |runtime, polls| {
            P::one(runtime, move || poll::plain(polls))
        }),
        start_stop: job(START_STOP.name, START_STOP.units, P::crew),
        after_panic: job(
            restart::AFTER_PANIC.name,
            P::RESTARTS,
            |runtime, restarts| restart::counted(restarts, || P::one(runtime, restart::panicking)),
        ),
        after_err: job(restart::AFTER_ERR.name, P::RESTARTS, |runtime, restarts| {
            restart::counted(restarts, || P::one(runtime, restart::failing))
        }),
        storm: job(STORM, [0, 10_000], P::storm),
    }
}

/// The same body, which also tells when it has returned `Ok`, to those whose crate
/// does not.
fn telling(body: impl Body) -> (impl Body, Arc<Notify>) {
    let done = Arc::new(Notify::new());
    let told = Arc::clone(&done);
    let body = move || {
        let (run, told) = (body.run(), Arc::clone(&told));
        async move {
            run.await?;
            told.notify_one();
            Ok(())
        }
    };
    (body, done)
}
