//! kameo: actors. A worker of it handles messages and has no loop; the bodies run
//! where an actor starts, whose failures it supervises as well. It has no backoff:
//! in a storm the workers sleep by themselves.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use kameo::actor::{Actor, ActorRef, Spawn};
use kameo::error::Infallible;
use kameo::supervision::RestartPolicy;
use tokio::runtime::Runtime;
use tokio::time::sleep;

use super::crew::{Crew, Member};
use super::{Body, Peer, telling};
use crate::Fallible;
use crate::storm::{crash, jittered};

pub struct Kameo;

struct Supervisor;

impl Actor for Supervisor {
    type Args = ();
    type Error = Infallible;

    async fn on_start((): (), _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

struct OfCrew {
    _member: Member,
}

impl Actor for OfCrew {
    type Args = Arc<Crew>;
    type Error = Infallible;

    async fn on_start(crew: Arc<Crew>, _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(Self {
            _member: Member::of(crew),
        })
    }
}

#[derive(Debug)]
struct Failed;

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("boom")
    }
}

struct One<B>(PhantomData<B>);

impl<B: Body> Actor for One<B> {
    type Args = B;
    type Error = Failed;

    async fn on_start(body: B, _: ActorRef<Self>) -> Result<Self, Failed> {
        match body.run().await {
            Ok(()) => Ok(Self(PhantomData)),
            Err(_) => Err(Failed),
        }
    }
}

async fn late_crash() -> Fallible {
    sleep(jittered()).await;
    crash().await
}

/// Never too many.
const LIMIT: (u32, Duration) = (u32::MAX, Duration::from_secs(1));

impl Peer for Kameo {
    const NAME: &'static str = "kameo";

    fn one(runtime: &Runtime, body: impl Body) -> Fallible {
        let (body, done) = telling(body);
        runtime.block_on(async {
            let supervisor = Supervisor::spawn(());
            let worker = One::supervise(&supervisor, body)
                .restart_limit(LIMIT.0, LIMIT.1)
                .spawn()
                .await;
            done.notified().await;
            supervisor.stop_gracefully().await?;
            supervisor.wait_for_shutdown().await;
            worker.wait_for_shutdown().await;
            Ok(())
        })
    }

    fn crew(runtime: &Runtime, workers: u32) -> Fallible {
        runtime.block_on(async {
            let crew = Crew::new(workers);
            let supervisor = Supervisor::spawn(());
            let mut actors = Vec::with_capacity(workers as usize);
            for _ in 0..workers {
                let actor = OfCrew::supervise(&supervisor, Arc::clone(&crew))
                    .restart_policy(RestartPolicy::Permanent)
                    .spawn()
                    .await;
                actors.push(actor);
            }
            crew.complete().await;
            supervisor.stop_gracefully().await?;
            supervisor.wait_for_shutdown().await;
            drop(actors);
            crew.gone().await;
            Ok(())
        })
    }

    fn storm(runtime: &Runtime, workers: u32) -> Fallible {
        runtime.spawn(async move {
            let supervisor = Supervisor::spawn(());
            for _ in 0..workers {
                let worker = One::supervise(&supervisor, late_crash)
                    .restart_limit(LIMIT.0, LIMIT.1)
                    .spawn()
                    .await;
                std::mem::forget(worker);
            }
            std::mem::forget(supervisor);
        });
        Ok(())
    }
}
