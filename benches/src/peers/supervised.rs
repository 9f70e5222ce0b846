//! supervised, the crate of that name on crates.io. It logs nothing, and its waits
//! are all the same; before each restart it sleeps, for a millisecond at least.

use std::sync::Arc;
use std::time::Duration;

use supervised::{
    Context, IntoServiceError, RestartPolicy, ServiceError, ServiceOutcome, SupervisorBuilder,
    service_fn,
};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::crew::{Crew, Member};
use super::{Body, Peer};
use crate::Fallible;
use crate::storm::{WAIT, crash};

pub struct Supervised;

/// A boxed error is none for it.
struct Failed(Box<dyn std::error::Error + Send + Sync>);

impl IntoServiceError for Failed {
    fn into_service_error(self) -> ServiceError {
        ServiceError::new(self.0.to_string())
    }
}

impl Peer for Supervised {
    const NAME: &'static str = "supervised (the crate)";
    const RESTARTS: [u32; 2] = [300, 900];

    fn one(runtime: &Runtime, body: impl Body) -> Fallible {
        runtime.block_on(async {
            let worker = service_fn("worker", move |_: Context<()>| {
                let run = body.run();
                async move { run.await.map_err(Failed) }
            });
            let supervisor = SupervisorBuilder::new(())
                .default_restart_policy(RestartPolicy::always(Duration::ZERO))
                .add(worker)
                .build();
            tokio::spawn(supervisor.run()).await??;
            Ok(())
        })
    }

    fn crew(runtime: &Runtime, workers: u32) -> Fallible {
        runtime.block_on(async {
            let crew = Crew::new(workers);
            let token = CancellationToken::new();
            let told = token.clone();
            let stop = service_fn("stop", move |_: Context<()>| {
                let told = told.clone();
                async move {
                    told.cancelled().await;
                    ServiceOutcome::requested_shutdown()
                }
            });
            let mut supervisor = SupervisorBuilder::new(())
                .shutdown_timeout(Duration::from_secs(30))
                .add(stop);
            for _ in 0..workers {
                let crew = Arc::clone(&crew);
                supervisor = supervisor.add(service_fn("worker", move |context: Context<()>| {
                    let run = Member::until_cancelled(Arc::clone(&crew), context.token().clone());
                    async move { run.await.map_err(Failed) }
                }));
            }
            let supervisor = tokio::spawn(supervisor.build().run());
            crew.complete().await;
            token.cancel();
            supervisor.await??;
            Ok(())
        })
    }

    fn storm(runtime: &Runtime, workers: u32) -> Fallible {
        let mut supervisor =
            SupervisorBuilder::new(()).default_restart_policy(RestartPolicy::always(WAIT));
        for _ in 0..workers {
            supervisor = supervisor.add(service_fn("worker", |_: Context<()>| async {
                crash().await.map_err(Failed)
            }));
        }
        runtime.spawn(supervisor.build().run());
        Ok(())
    }
}
