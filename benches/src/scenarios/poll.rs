//! One worker that is polled again and again. The unit is one poll: a trip
//! through the scheduler and through all that is around the body.

use std::convert::Infallible;
use std::future::poll_fn;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use supervise::{Backoff, Policy, Restart, Supervisor, Worker, supervised};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::interval;
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

pub const CLOSURE: Scenario = POLL.form(
    "poll of a closure",
    |runtime, polls| spawned(runtime, CLOSURE_WORKER.supervise(move || plain(polls))),
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

/// What a poll costs where the body is as large as in services: the compiler leaves it
/// a function of its own, and most of the time is spent in it.
pub const LARGER_BODY: Scenario = Scenario {
    name: "poll of a larger body",
    runs: [
        |runtime, jobs| spawned(runtime, plain_gathering(jobs)),
        |runtime, jobs| {
            let worker = supervise("gathering", at_once, move || plain_gathering(jobs));
            Ok(runtime.block_on(async { tokio::spawn(worker).await })?)
        },
        |runtime, jobs| spawned(runtime, gathering_with_attribute(jobs)),
    ],
    goals: &[Goal::budgeted(Measure::Instructions, TimesBare(1.10))],
    ..POLL
};

pub const LARGER_BODY_UNDER_SUPERVISOR: Scenario = LARGER_BODY.form(
    "poll of a larger body under a supervisor",
    |runtime, jobs| {
        runtime.block_on(async {
            let supervisor = Supervisor::new();
            supervisor.spawn(gathering_with_attribute(jobs)).await?
        })
    },
    LARGER_BODY.goals,
);

static CLOSURE_WORKER: Worker = Worker::new("polled closure").policy(
    Policy::new()
        .restart(Restart::OnFailure)
        .backoff(Backoff::constant(Duration::ZERO)),
);

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

async fn plain_gathering(jobs: u32) -> Fallible {
    gather(jobs).await
}

#[supervised(name = "gathering", restart = true, backoff = "0s")]
async fn gathering_with_attribute(jobs: u32) -> Fallible {
    gather(jobs).await
}

/// A worker as services have them: jobs of a queue are gathered, and written when
/// there are enough of them or when it is time. Each job wakes it, by the queue, and
/// is one poll.
async fn gather(jobs: u32) -> Fallible {
    let (sender, mut queue) = channel(1);
    let mut source = Source {
        sender: Some(sender),
        left: jobs,
    };
    // Longer than any run takes.
    let mut ticks = interval(Duration::from_secs(1_000));
    let mut gathered = [0; 64];
    let mut filled = 0;
    loop {
        tokio::select! {
            biased;
            job = queue.recv() => {
                let Some(job) = job else { break };
                gathered[filled] = job;
                filled += 1;
                if filled == gathered.len() {
                    write(&gathered);
                    filled = 0;
                }
            }
            _ = ticks.tick() => {
                write(&gathered[..filled]);
                filled = 0;
            }
            never = source.send() => match never {},
        }
    }
    write(&gathered[..filled]);
    Ok(())
}

fn write(gathered: &[u32]) {
    black_box(gathered);
}

/// Has the next job ready whenever the worker waits for one.
struct Source {
    sender: Option<Sender<u32>>,
    left: u32,
}

impl Source {
    async fn send(&mut self) -> Infallible {
        poll_fn(|_| {
            match &self.sender {
                Some(sender) if self.left > 0 => {
                    // There is room: the worker has taken the one before.
                    let _ = sender.try_send(self.left);
                    self.left -= 1;
                }
                _ => self.sender = None,
            }
            Poll::Pending
        })
        .await
    }
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
