//! bastion, last released in 2022. It has an executor, threads and timers of its
//! own, whatever the runtime is. A group is restarted as a whole, so each worker is
//! a group.

use std::sync::Arc;

use bastion::prelude::*;
use tokio::runtime::Runtime;

use super::crew::{Crew, Member};
use super::{Body, Peer, telling};
use crate::Fallible;
use crate::storm::{WAIT, crash};

pub struct Bastion;

fn groups(workers: u32, restart: ActorRestartStrategy, body: impl Body) -> Fallible<SupervisorRef> {
    bastion::Bastion::init();
    let strategy = RestartStrategy::default()
        .with_restart_policy(RestartPolicy::Always)
        .with_actor_restart_strategy(restart);
    let supervisor = bastion::Bastion::supervisor(move |mut supervisor| {
        supervisor = supervisor.with_restart_strategy(strategy.clone());
        for _ in 0..workers {
            let body = body.clone();
            supervisor = supervisor.children(move |children| {
                children.with_exec(move |_: BastionContext| {
                    let run = body.run();
                    async move { run.await.map_err(drop) }
                })
            });
        }
        supervisor
    });
    bastion::Bastion::start();
    supervisor.map_err(|()| "bastion started no supervisor".into())
}

impl Peer for Bastion {
    const NAME: &'static str = "bastion";
    const OWN_THREADS: bool = true;

    fn one(runtime: &Runtime, body: impl Body) -> Fallible {
        let (body, done) = telling(body);
        let supervisor = groups(1, ActorRestartStrategy::Immediate, body)?;
        runtime.block_on(done.notified());
        stopped(&supervisor)
    }

    fn crew(runtime: &Runtime, workers: u32) -> Fallible {
        let crew = Crew::new(workers);
        let member = Arc::clone(&crew);
        let body = move || Member::until_dropped(Arc::clone(&member));
        let supervisor = groups(workers, ActorRestartStrategy::Immediate, body)?;
        runtime.block_on(crew.complete());
        stopped(&supervisor)?;
        runtime.block_on(crew.gone());
        Ok(())
    }

    /// Without jitter, which it has not.
    fn storm(_: &Runtime, workers: u32) -> Fallible {
        let wait = ActorRestartStrategy::ExponentialBackOff {
            timeout: WAIT,
            multiplier: 0.0,
        };
        groups(workers, wait, crash)?;
        Ok(())
    }
}

fn stopped(supervisor: &SupervisorRef) -> Fallible {
    supervisor
        .stop()
        .map_err(|()| "bastion did not stop its supervisor".into())
}
