//! tokio-graceful-shutdown: a tree of subsystems. It restarts nothing by itself;
//! what does here is the loop that its example of restarts has.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::task::yield_now;
use tokio::time::sleep;
use tokio_graceful_shutdown::{ErrorAction, SubsystemBuilder, SubsystemHandle, Toplevel};
use tokio_util::sync::CancellationToken;

use super::crew::{Crew, Member};
use super::{Body, Peer};
use crate::Fallible;
use crate::storm::{crash, jittered};

pub struct GracefulShutdown;

const GRACE: Duration = Duration::from_secs(30);

/// Runs `body` in a subsystem of its own until it returns `Ok`.
async fn keep_alive(
    subsystem: &mut SubsystemHandle,
    body: impl Body,
    wait: impl Fn() -> Duration,
) -> Fallible {
    loop {
        let run = body.run();
        let nested =
            SubsystemBuilder::new("worker", async move |_: &mut SubsystemHandle| run.await)
                .on_failure(ErrorAction::CatchAndLocalShutdown)
                .on_panic(ErrorAction::CatchAndLocalShutdown);
        let Err(error) = subsystem.start(nested).join().await else {
            return Ok(());
        };
        tracing::error!("worker failed: {error:?}");
        if subsystem.is_shutdown_requested() {
            return Ok(());
        }
        match wait() {
            Duration::ZERO => yield_now().await,
            wait => sleep(wait).await,
        }
    }
}

impl Peer for GracefulShutdown {
    const NAME: &'static str = "tokio-graceful-shutdown";

    fn one(runtime: &Runtime, body: impl Body) -> Fallible {
        runtime.block_on(async {
            let root: Toplevel = Toplevel::new(async move |root: &mut SubsystemHandle| {
                let kept = async move |subsystem: &mut SubsystemHandle| {
                    keep_alive(subsystem, body, || Duration::ZERO).await
                };
                root.start(SubsystemBuilder::new("keep alive", kept));
            });
            Ok(root.handle_shutdown_requests(GRACE).await?)
        })
    }

    fn crew(runtime: &Runtime, workers: u32) -> Fallible {
        runtime.block_on(async {
            let crew = Crew::new(workers);
            let token = CancellationToken::new();
            let all = Arc::clone(&crew);
            let start = async move |root: &mut SubsystemHandle| {
                for number in 0..workers {
                    let crew = Arc::clone(&all);
                    let member = async move |subsystem: &mut SubsystemHandle| -> Fallible {
                        let _member = Member::of(crew);
                        subsystem.on_shutdown_requested().await;
                        Ok(())
                    };
                    root.start(SubsystemBuilder::new(number.to_string(), member));
                }
            };
            let root: Toplevel = Toplevel::new_with_shutdown_token(start, token.clone());
            let root = tokio::spawn(root.handle_shutdown_requests(GRACE));
            crew.complete().await;
            token.cancel();
            root.await??;
            Ok(())
        })
    }

    fn storm(runtime: &Runtime, workers: u32) -> Fallible {
        let _runtime = runtime.enter();
        let root: Toplevel = Toplevel::new(async move |root: &mut SubsystemHandle| {
            for number in 0..workers {
                let kept = async |subsystem: &mut SubsystemHandle| {
                    keep_alive(subsystem, crash, jittered).await
                };
                root.start(SubsystemBuilder::new(number.to_string(), kept));
            }
        });
        tokio::spawn(root.handle_shutdown_requests(GRACE));
        Ok(())
    }
}
