//! A crate in which nothing is spawned bare: every form of the attribute, and
//! every way to spawn.

use std::future::{Future, pending, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::thread;

use supervise::{Policy, Restart, Supervisor, Worker, supervised};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::mpsc::Receiver;
use tokio::task::{JoinSet, LocalSet};

#[supervised]
async fn once() {}

#[supervised(name = "restarted", restart = true, max_restarts = "5 in 10m", critical = true)]
async fn restarted(text: String, (left, right): (u32, u32), shared: &str) -> io::Result<usize> {
    Ok(text.len() + shared.len() + ready(left.min(right)).await as usize)
}

#[supervised(restart = "always", backoff = "1s..1m", healthy_after = "10s", timeout = "1m")]
async fn always<T: Clone + Send + Into<u64>>(value: T, step: impl Into<u64> + Clone) -> u64 {
    value.into() + ready(step.into()).await
}

#[supervised(every = "1m", give_up_if = is_final, on_give_up = "return")]
async fn tick(paths: Arc<[String]>) -> io::Result<()> {
    ready(paths.first().map(std::fs::metadata)).await.transpose()?;
    Ok(())
}

fn is_final(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

#[supervised(restart = true)]
async fn consume(#[keep] jobs: Receiver<u32>) -> Option<u32> {
    jobs.recv().await
}

#[supervised(blocking, restart = true)]
fn drain(#[keep] jobs: std::sync::mpsc::Receiver<u32>) -> Option<u32> {
    jobs.recv().ok()
}

#[supervised(restart = "on_panic", on_give_up = "panic")]
async fn forever() -> ! {
    pending().await
}

#[supervised]
fn boxed(count: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move { ready(count).await })
}

/// Has methods.
#[derive(Clone, Debug, Default)]
pub struct Service {
    policy: Policy,
    count: u32,
}

/// Has them by a trait.
pub trait Serve {
    /// Serves.
    fn serve(&mut self) -> impl Future<Output = u32> + Send;
}

impl Serve for Service {
    #[supervised(restart = true)]
    async fn serve(&mut self) -> u32 {
        self.count += 1;
        ready(self.count).await
    }
}

impl Service {
    #[supervised(policy = self.policy)]
    async fn by_reference(&self) -> u32 {
        ready(self.count).await
    }

    #[supervised(restart = true)]
    async fn by_arc(self: Arc<Self>) -> u32 {
        ready(self.count).await
    }

    #[supervised(restart = true)]
    async fn kept(#[keep] self) -> u32 {
        ready(self.count).await
    }
}

static CLOSURE: Worker = Worker::new("closure").policy(Policy::new().restart(Restart::OnFailure));

fn block() {}

/// Starts them all.
///
/// # Errors
///
/// As the workers.
pub async fn start(service: Service, jobs: Receiver<u32>) -> io::Result<()> {
    let supervisor = Supervisor::new();
    supervisor.spawn(once());
    supervisor.spawn(tick(Arc::default()));
    supervisor.spawn_blocking(block);
    let (_, drained) = std::sync::mpsc::channel();
    supervisor.spawn_blocking(|| drain(drained));
    supervise::spawn(consume(jobs));
    supervise::spawn_child(boxed(1));
    supervise::spawn_local(Arc::new(service.clone()).by_arc());
    supervise::spawn_blocking(block);
    supervise::spawn_thread(block);
    let mut joined = JoinSet::new();
    joined.spawn(always(1_u32, 2_u32));
    let mut closures = JoinSet::new();
    closures.spawn(CLOSURE.supervise(|| ready(())));
    while joined.join_next().await.is_some() {}
    while closures.join_next().await.is_some() {}
    restarted("text".into(), (1, 2), "shared").await?;
    service.by_reference().await;
    service.clone().serve().await;
    service.kept().await;
    thread::scope(|scope| scope.spawn(block).join().is_ok());
    forever().await
}

/// On what the lint says to enter.
pub fn enter(handle: &Handle, runtime: &Runtime, local: &LocalSet) {
    {
        let _guard = handle.enter();
        supervise::spawn(once());
        supervise::spawn_blocking(block);
    }
    {
        let _guard = runtime.enter();
        supervise::spawn(once());
    }
    let _guard = local.enter();
    supervise::spawn_local(once());
}
