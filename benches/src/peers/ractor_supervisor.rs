//! ractor-supervisor, the part of it for plain futures. No signal reaches them: to
//! stop one is to drop it. It sleeps 10 ms before each restart, where it handles its
//! messages, so all its workers together are restarted less than 100 times a second.

use std::sync::Arc;
use std::time::Duration;

use ractor_supervisor::{
    ChildBackoffFn, Restart, TaskOptions, TaskSupervisor, TaskSupervisorOptions,
};
use tokio::runtime::Runtime;

use super::crew::{Crew, Member};
use super::{Body, Peer, telling};
use crate::Fallible;
use crate::storm::{crash, jittered};

pub struct RactorSupervisor;

fn options() -> TaskSupervisorOptions {
    TaskSupervisorOptions {
        max_children: None,
        max_restarts: usize::MAX,
        // All restarts in it are looked at, at each restart: let it be few.
        max_window: Duration::from_secs(1),
        reset_after: None,
    }
}

impl Peer for RactorSupervisor {
    const NAME: &'static str = "ractor-supervisor";
    const RESTARTS: [u32; 2] = [50, 150];

    fn one(runtime: &Runtime, body: impl Body) -> Fallible {
        let (body, done) = telling(body);
        runtime.block_on(async {
            let (supervisor, ended) = TaskSupervisor::spawn("one".into(), options()).await?;
            let options = TaskOptions::new()
                .name("worker".into())
                .restart_policy(Restart::Transient);
            let run = move || body.run();
            TaskSupervisor::spawn_task(supervisor.clone(), run, options).await?;
            done.notified().await;
            supervisor.stop(None);
            ended.await?;
            Ok(())
        })
    }

    fn crew(runtime: &Runtime, workers: u32) -> Fallible {
        runtime.block_on(async {
            let crew = Crew::new(workers);
            let (supervisor, ended) = TaskSupervisor::spawn("crew".into(), options()).await?;
            for number in 0..workers {
                let crew = Arc::clone(&crew);
                let options = TaskOptions::new()
                    .name(number.to_string())
                    .restart_policy(Restart::Permanent);
                let run = move || Member::until_dropped(Arc::clone(&crew));
                TaskSupervisor::spawn_task(supervisor.clone(), run, options).await?;
            }
            crew.complete().await;
            supervisor.stop(None);
            ended.await?;
            crew.gone().await;
            Ok(())
        })
    }

    fn storm(runtime: &Runtime, workers: u32) -> Fallible {
        runtime.spawn(async move {
            let (supervisor, _) = TaskSupervisor::spawn("storm".into(), options()).await?;
            for number in 0..workers {
                let options = TaskOptions::new()
                    .name(number.to_string())
                    .restart_policy(Restart::Permanent)
                    .backoff_fn(ChildBackoffFn::new(|_, _, _, _| Some(jittered())));
                TaskSupervisor::spawn_task(supervisor.clone(), crash, options).await?;
            }
            Fallible::Ok(())
        });
        Ok(())
    }
}
