//! `tokio::spawn` and its like, so that no task is silent: what was spawned is
//! contained, logged and counted, and stops with the supervisor of whoever
//! spawned it.

#![expect(
    clippy::disallowed_methods,
    reason = "what is spawned here is contained"
)]

mod called;
mod child;
pub(crate) mod report;
mod spawned;
mod unit;

use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::thread;

use tokio::task::{self, JoinHandle};

pub(crate) use self::called::Called;
use self::child::Child;
pub(crate) use self::spawned::Spawned;
use self::unit::{Alone, Joined, cancelled};
use crate::shutdown::task::{Role, Task};
use crate::{capture, children, name};

/// `tokio::spawn` for a future whose panic is not to be silent.
///
/// It has the signature of `tokio::spawn`, and the task lives as long: the handle
/// can be awaited, which tells of a panic as ever, dropped, or used to abort it.
/// Beyond that,
///
/// - its panic is logged and counted, as that of a *task*, under the name of the
///   function that the future came from; and so is its end;
/// - what enters a supervised run at its first poll is that worker, and nothing
///   else is logged or counted. A panic that the worker has told is not told
///   again;
/// - spawned by a task of a [`Supervisor`](crate::Supervisor), at any depth, it is
///   one of that supervisor's tasks: told and dropped at the shutdown as any, and
///   waited for. What a task spawns that is being stopped has the rest of the
///   grace period; after that, nothing that is spawned begins.
///
/// An `Err` that the future returns can't be seen: that takes a worker
/// ([`#[supervised]`](macro@crate::supervised), [`Worker`](crate::Worker)). What is
/// to end with the run of a worker is spawned by [`spawn_child`].
///
/// # Panics
///
/// Outside of a tokio runtime, as `tokio::spawn` does.
///
/// # Examples
///
/// ```
/// async fn greet(visitor: String) -> usize {
///     visitor.len()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let greeting = supervise::spawn(greet("Ada".into()));
/// assert_eq!(greeting.await.unwrap(), 3);
///
/// let crash = supervise::spawn(async { panic!("logged and counted") });
/// assert!(crash.await.unwrap_err().is_panic());
/// # }
/// ```
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let (spawned, unit) = spawned(Location::caller(), future);
    let join = tokio::spawn(spawned);
    if let Some(task) = unit {
        task.can_be_dropped(join.abort_handle());
    }
    join
}

/// [`spawn`] for a future that stays on its thread: `tokio::task::spawn_local`.
///
/// # Panics
///
/// Outside of a `LocalSet` or a local runtime, as tokio's does.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use tokio::task::LocalSet;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let local = LocalSet::new();
/// let length = local.run_until(async {
///     let name = Rc::new("Ada");
///     supervise::spawn_local(async move { name.len() }).await
/// });
/// assert_eq!(length.await.unwrap(), 3);
/// # }
/// ```
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let (spawned, unit) = spawned(Location::caller(), future);
    let join = task::spawn_local(spawned);
    if let Some(task) = unit {
        task.can_be_dropped(join.abort_handle());
    }
    join
}

#[inline]
fn spawned<F: Future>(
    location: &'static Location<'static>,
    future: F,
) -> (Spawned<F, Joined>, Option<Arc<Task>>) {
    capture::install_hook();
    let origin = report::future::<F>(location);
    let unit = Joined::new(origin, Role::Own, name::of_future::<F>);
    let task = unit.task();
    (Spawned::new(future, unit), task)
}

/// [`spawn`] for a closure that blocks: `tokio::task::spawn_blocking`.
///
/// It is counted under the name of the function that the closure is in. One that
/// has begun can't be dropped: at a shutdown it is given the grace period, asked
/// or not, and is named if it has not ended by then. What it calls finds out by
/// [`is_shutting_down`](crate::is_shutting_down).
///
/// A worker that it waits for, by `Handle::block_on`, does not return at a
/// shutdown if it is between two runs. Wait for it in a `select!` with
/// [`shutdown_requested`](crate::shutdown_requested).
///
/// # Panics
///
/// Outside of a tokio runtime, as tokio's does.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let sum = supervise::spawn_blocking(|| (1..=1_000).sum::<u32>());
/// assert_eq!(sum.await.unwrap(), 500_500);
/// # }
/// ```
#[track_caller]
pub fn spawn_blocking<F, T>(closure: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let (called, unit) = called(Location::caller(), closure);
    let join = called.spawn_blocking();
    if let Some(task) = unit {
        task.can_be_dropped(join.abort_handle());
    }
    join
}

/// [`spawn`] for a closure with a thread of its own: `std::thread::spawn`.
///
/// It is counted, and part of a shutdown, as that of [`spawn_blocking`].
///
/// # Panics
///
/// If the operating system has no more threads, as `std::thread::spawn` does.
///
/// # Examples
///
/// ```
/// let crash = supervise::spawn_thread(|| panic!("logged and counted"));
/// assert!(crash.join().is_err());
/// ```
#[track_caller]
pub fn spawn_thread<F, T>(closure: F) -> thread::JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let (called, _) = called(Location::caller(), closure);
    thread::spawn(|| called.call())
}

fn called<F, T>(
    location: &'static Location<'static>,
    closure: F,
) -> (Called<F, Joined>, Option<Arc<Task>>)
where
    F: FnOnce() -> T,
{
    capture::install_hook();
    let origin = report::closure::<F>(location);
    let unit = Joined::new(origin, Role::Blocking, name::of_call::<F>);
    let task = unit.task();
    (Called::new(closure, unit), task)
}

/// Spawns a future that belongs to the run of a worker, and is dropped with it.
///
/// A run that ends, in whatever way, drops its children and theirs, and the next
/// one begins when all of them are gone: a restart never doubles them. One that
/// blocks its thread, and so can't be dropped, is named in a warning after 10
/// seconds. A worker that is cancelled drops them and does not wait; nor does one
/// that is done, whose caller goes on at once.
///
/// In all else it is as [`spawn`], the handle included: its panic is its own,
/// logged and counted under its own name, and ends neither the run nor its
/// siblings. Whoever wants that awaits the handle. A child that has ended leaves
/// nothing behind, however many there are.
///
/// A child asks for the shutdown on behalf of the worker, and is given the time
/// that the worker is given.
///
/// # Panics
///
/// Outside of a run and its children; outside of a tokio runtime.
///
/// # Examples
///
/// ```
/// use supervise::supervised;
/// use tokio::sync::mpsc::Receiver;
/// # struct Job;
/// # async fn heartbeat() {}
/// # async fn work(_: Job) {}
///
/// #[supervised(name = "dispatch", restart = true)]
/// async fn dispatch(#[keep] jobs: Receiver<Job>) {
///     supervise::spawn_child(heartbeat());
///     while let Some(job) = jobs.recv().await {
///         supervise::spawn_child(work(job));
///     }
/// }
/// ```
#[track_caller]
pub fn spawn_child<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let Some(children) = children::current() else {
        panic!(
            "`spawn_child` was called outside of a run, to which the child would belong: call it \
             in a worker (`#[supervised]`, `Worker::supervise`), or spawn what belongs to nobody \
             with `supervise::spawn`"
        );
    };
    let origin = report::future::<F>(Location::caller());
    let Some(unit) = Child::of(children, name::of_future::<F>, origin) else {
        // At once: nobody waits for what comes too late for its run.
        drop(Spawned::new(future, Alone::new(origin)));
        return cancelled();
    };
    let drop_by = unit.drop_by();
    let join = tokio::spawn(Spawned::new(future, unit));
    drop_by(join.abort_handle());
    join
}
