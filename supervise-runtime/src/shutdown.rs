//! The shutdown, as the code inside a worker sees it.

pub(crate) mod group;
pub(crate) mod refusal;
pub(crate) mod stop;
pub(crate) mod task;
pub(crate) mod tasks;
#[cfg(feature = "tokio-util")]
mod watch;

use std::future::{Future, poll_fn};
use std::mem;
use std::sync::Arc;
use std::task::Poll;

use crate::children;
use crate::shutdown::task::{Task, Waiter};

/// Ready once the supervisor of this task has been told to shut down, or its
/// [`Handle`](crate::Handle) to stop it.
///
/// It can be called at any depth, and nothing has to be passed down to there: a
/// task of a [`Supervisor`](crate::Supervisor) is found by its id. Anywhere else
/// it is never ready: outside of a supervisor, and in what its tasks spawn by
/// tokio's `spawn` or the standard library's, and not by [`spawn`](crate::spawn)
/// and its like.
///
/// *Calling it is asking for it.* At the request, a task in which nothing has
/// called this before, in any run, is dropped the next time it yields; one in
/// which something has is given the grace period. To call it after the request
/// does not help.
///
/// # Examples
///
/// ```
/// use supervise::{Supervisor, supervised};
/// use tokio::sync::mpsc::{self, Receiver};
///
/// #[supervised(name = "consume", restart = true)]
/// async fn consume(#[keep] jobs: Receiver<u32>) {
///     loop {
///         tokio::select! {
///             Some(job) = jobs.recv() => println!("{job}"),
///             () = supervise::shutdown_requested() => break println!("flushed"),
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), supervise::ShutdownError> {
/// # let (_jobs, receiver) = mpsc::channel(1);
/// let supervisor = Supervisor::new();
/// supervisor.spawn(consume(receiver));
/// # tokio::task::yield_now().await;
/// supervisor.shutdown();
/// supervisor.wait().await
/// # }
/// ```
pub fn shutdown_requested() -> impl Future<Output = ()> + Send + Sync + use<> {
    let mut waiter = ask().map(Waiter::new);
    let mut is_first = true;
    poll_fn(move |cx| {
        if mem::take(&mut is_first) && waiter.is_none() {
            waiter = ask().map(Waiter::new);
        }
        match &mut waiter {
            Some(waiter) => waiter.poll(cx.waker(), Task::is_requested),
            None => Poll::Pending,
        }
    })
}

/// Whether the supervisor of this task has been told to shut down, or its
/// [`Handle`](crate::Handle) to stop it; outside of a supervisor, `false`.
///
/// Calling it is asking for the shutdown, as it is for [`shutdown_requested`].
///
/// # Examples
///
/// ```
/// # async fn send(_: u32) {}
/// # async fn drain() {
/// for record in 0..1_000 {
///     if supervise::is_shutting_down() {
///         break;
///     }
///     send(record).await;
/// }
/// # }
/// ```
#[must_use = "asking promises to stop"]
pub fn is_shutting_down() -> bool {
    ask().is_some_and(|task| task.is_requested())
}

/// The task that asks.
fn ask() -> Option<Arc<Task>> {
    let task = tasks::current()?;
    task.ask(children::run());
    Some(task)
}

/// A token that is cancelled when [`shutdown_requested`] is ready: for code that
/// knows tokens. Calling this is asking, too.
///
/// Outside of a supervisor it is never cancelled.
///
/// # Examples
///
/// ```
/// use tokio_util::sync::CancellationToken;
///
/// async fn library_code(stop: CancellationToken) {
///     stop.cancelled().await;
/// }
///
/// # async fn worker() {
/// library_code(supervise::shutdown_token()).await;
/// # }
/// ```
#[cfg(feature = "tokio-util")]
#[must_use]
pub fn shutdown_token() -> tokio_util::sync::CancellationToken {
    ask().map_or_else(Default::default, |task| task.token())
}
