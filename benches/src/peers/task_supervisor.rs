//! task-supervisor: a task that supervises the others. Before each restart it
//! sleeps, for a millisecond at least.

use std::sync::Arc;
use std::time::Duration;

use task_supervisor::{CancellationToken, SupervisedTask, SupervisorBuilder, TaskResult};
use tokio::runtime::Runtime;

use super::crew::{Crew, Member};
use super::{Body, Peer, telling};
use crate::Fallible;
use crate::storm::{WAIT, crash};

pub struct TaskSupervisor;

#[derive(Clone)]
struct One<B>(B);

impl<B: Body> SupervisedTask for One<B> {
    async fn run(self, _: CancellationToken) -> TaskResult {
        self.0.run().await
    }
}

#[derive(Clone)]
struct OfCrew(Arc<Crew>);

impl SupervisedTask for OfCrew {
    async fn run(self, token: CancellationToken) -> TaskResult {
        Member::until_cancelled(self.0, token).await
    }
}

impl Peer for TaskSupervisor {
    const NAME: &'static str = "task-supervisor";
    const RESTARTS: [u32; 2] = [300, 900];

    fn one(runtime: &Runtime, body: impl Body) -> Fallible {
        let (body, done) = telling(body);
        runtime.block_on(async {
            let supervisor = SupervisorBuilder::new()
                .with_unlimited_restarts()
                .with_base_restart_delay(Duration::ZERO)
                .with_max_restart_delay(Duration::ZERO)
                .with_restart_jitter(0.0)
                .with_task("worker", One(body))
                .spawn();
            done.notified().await;
            Ok(supervisor.shutdown().await?)
        })
    }

    fn crew(runtime: &Runtime, workers: u32) -> Fallible {
        runtime.block_on(async {
            let crew = Crew::new(workers);
            let mut supervisor =
                SupervisorBuilder::new().with_stop_timeout(Duration::from_secs(30));
            for number in 0..workers {
                let member = OfCrew(Arc::clone(&crew));
                supervisor = supervisor.with_task(&number.to_string(), member);
            }
            let supervisor = supervisor.spawn();
            crew.complete().await;
            supervisor.shutdown().await?;
            crew.gone().await;
            Ok(())
        })
    }

    fn storm(runtime: &Runtime, workers: u32) -> Fallible {
        let _runtime = runtime.enter();
        let mut supervisor = SupervisorBuilder::new()
            .with_unlimited_restarts()
            .with_base_restart_delay(WAIT)
            .with_max_restart_delay(WAIT)
            .with_restart_jitter(0.2);
        for number in 0..workers {
            supervisor = supervisor.with_task(&number.to_string(), One(crash));
        }
        // It would stop them when it is dropped.
        std::mem::forget(supervisor.spawn());
        Ok(())
    }
}
