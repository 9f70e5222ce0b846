//! One spawned task, from outside.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::task::{JoinError, JoinHandle};
use tokio::time::Instant;

use crate::registry::Entry;
use crate::shutdown::group::{DROP_TIME, after};
use crate::shutdown::stop::changed_before;
use crate::shutdown::task::{Progress, Task};
use crate::status::WorkerStatus;
use crate::supervisor::error::{ShutdownError, Unstopped};

/// What [`Supervisor::spawn`](crate::Supervisor::spawn) returns: stops one
/// worker, restarts it, tells how it is; awaited, it is ready with the worker's
/// value.
///
/// As a `JoinHandle`, it can be dropped: the worker runs on.
///
/// # Examples
///
/// ```
/// use std::future::pending;
/// use supervise::{Supervisor, TaskState, supervised};
///
/// #[supervised(name = "cache", restart = true)]
/// async fn cache() {
///     pending().await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), supervise::ShutdownError> {
/// let supervisor = Supervisor::new();
/// let cache = supervisor.spawn(cache());
/// # tokio::task::yield_now().await;
/// assert_eq!(cache.status().state, TaskState::Running);
///
/// cache.restart();
/// cache.stop().await?;
/// assert!(cache.await.unwrap_err().is_cancelled());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Handle<T> {
    join: JoinHandle<T>,
    task: Arc<Task>,
    name: fn() -> String,
}

impl<T> Handle<T> {
    pub(crate) fn new(join: JoinHandle<T>, task: Arc<Task>, name: fn() -> String) -> Self {
        Self { join, task, name }
    }

    /// Stops this one, as a shutdown would: at once if it never asked
    /// ([`shutdown_requested`](crate::shutdown_requested)) or waits for a
    /// restart, else within the grace period of its supervisor. It is requested
    /// by the call; the future is ready when the worker is gone.
    ///
    /// Nobody minds that a critical worker ends this way. To stop what has ended
    /// or was stopped before is fine. Who drops the future does not take the
    /// request back, but then nobody ends the grace period.
    ///
    /// # Errors
    ///
    /// It did not stop within the grace period: it was dropped then, or blocks
    /// its thread and can't be.
    pub fn stop(&self) -> impl Future<Output = Result<(), ShutdownError>> + Send + use<T> {
        let task = Arc::clone(&self.task);
        let names = self.task.entries();
        task.request();
        async move {
            let told = Instant::now();
            if is_gone_by(after(told, task.group.grace()), &task).await {
                return Ok(());
            }
            let overran = task.drop_now(|| ());
            let dropped = if overran { Instant::now() } else { told };
            let is_gone = is_gone_by(after(dropped, DROP_TIME), &task).await;
            // A closure can't be dropped: it has come to its end.
            if is_gone && (!overran || task.has_thread()) {
                return Ok(());
            }
            let still_running = !is_gone;
            let names = if still_running {
                task.names()
            } else {
                names.iter().map(|entry| entry.name).collect()
            };
            let unstopped = names.into_iter().map(|worker| Unstopped {
                worker,
                still_running,
            });
            ShutdownError::of(None, unstopped.collect())
        }
    }

    /// Restarts it now, whether it runs or waits: a run is cut off, a wait cut
    /// short. It takes nothing from its `max_restarts`, and the waits after it
    /// begin with the first again.
    ///
    /// Returns whether it will be: a worker with `restart = false`, one that is
    /// being stopped or has ended, and what is no worker can't be, nor one that has
    /// a thread ([`spawn_blocking`](crate::Supervisor::spawn_blocking)) and does not
    /// wait. A run that is
    /// polled by something that wakes it by itself, such as
    /// `FuturesUnordered`, is cut off when it is next polled.
    #[expect(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn restart(&self) -> bool {
        self.task.restart()
    }

    /// How it is.
    #[must_use]
    pub fn status(&self) -> TaskStatus {
        let entry = self.task.entries().first().copied();
        TaskStatus {
            name: entry.map_or_else(self.name, |entry| entry.name.to_owned()),
            state: match self.task.progress() {
                Progress::New => TaskState::New,
                Progress::Running => TaskState::Running,
                Progress::Waiting => TaskState::Waiting,
                Progress::Scheduled => TaskState::Scheduled,
                Progress::Stopping => TaskState::Stopping,
                Progress::Ended => TaskState::Ended,
            },
            worker: entry.map(Entry::status),
        }
    }
}

async fn is_gone_by(deadline: Instant, task: &Arc<Task>) -> bool {
    while !task.has_ended() && Instant::now() < deadline {
        changed_before(deadline, task.ended()).await;
    }
    task.has_ended()
}

/// Ready when the task is gone, with the value of the future. An error says, as
/// tokio does, that it was dropped (`is_cancelled`) or that a panic went on
/// beyond all workers in it (`is_panic`).
impl<T> Future for Handle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.join).poll(cx)
    }
}

/// How a spawned task is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TaskStatus {
    /// The name of the worker; of what is none, or before its first run, the
    /// name of the function that the future came from.
    pub name: String,
    /// What it is doing.
    pub state: TaskState,
    /// The numbers of all workers with that name; `None` before the first run.
    pub worker: Option<WorkerStatus>,
}

/// What a spawned task is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaskState {
    /// It has not begun.
    New,
    /// It runs.
    Running,
    /// It waits for its restart after a failure.
    Waiting,
    /// It pauses before its next run without having failed.
    Scheduled,
    /// It was told to stop.
    Stopping,
    /// It is gone.
    Ended,
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::New => "new",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Scheduled => "scheduled",
            Self::Stopping => "stopping",
            Self::Ended => "ended",
        })
    }
}
