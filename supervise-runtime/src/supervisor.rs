//! The owner of workers: it stops them in good time, and ends when an essential
//! one does.

mod error;
mod handle;
#[cfg(feature = "signal")]
mod signals;
#[cfg(feature = "tokio-util")]
mod token;
mod wait;

use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime;

pub use self::error::{ShutdownError, Unstopped};
pub use self::handle::{Handle, TaskState, TaskStatus};
use crate::shutdown::group::Group;
use crate::shutdown::task::Role;
use crate::spawn::{Called, Spawned, report};
use crate::{capture, log, name};

/// Owns workers: spawns them, stops them in good time, and ends when a critical
/// one does.
///
/// It is cheap to clone, and all clones are one supervisor.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use supervise::{ShutdownError, Supervisor, supervised};
///
/// #[supervised(name = "cleanup", restart = true)]
/// async fn cleanup() {
///     loop {
///         tokio::time::sleep(Duration::from_secs(300)).await;
///     }
/// }
///
/// #[supervised(name = "ingest", restart = true, max_restarts = 5, critical = true)]
/// async fn ingest() -> std::io::Result<()> {
///     supervise::shutdown_requested().await;
///     println!("flushed");
///     Ok(())
/// }
///
/// #[tokio::main]
/// async fn main() -> Result<(), ShutdownError> {
///     let supervisor = Supervisor::new();
///     supervisor.spawn(cleanup());
///     supervisor.spawn(ingest());
/// #   tokio::spawn({
/// #       let supervisor = supervisor.clone();
/// #       async move {
/// #           tokio::time::sleep(Duration::from_millis(20)).await;
/// #           supervisor.shutdown();
/// #       }
/// #   });
///     supervisor.wait().await // Ctrl-C, SIGTERM, or the end of `ingest`
/// }
/// ```
///
/// # Shutdown
///
/// It is requested by Ctrl-C or SIGTERM while somebody is in
/// [`wait`](Self::wait), by [`shutdown`](Self::shutdown), or by the end of a
/// critical worker. Then, for each spawned task:
///
/// | what is in it | what happens |
/// |---|---|
/// | nothing has ever asked for the shutdown | dropped at its next await |
/// | something has called [`shutdown_requested`](crate::shutdown_requested) or [`is_shutting_down`](crate::is_shutting_down), in any run | it gets the grace period, one for all; then it is dropped |
/// | its worker waits for a restart, or for its next tick | dropped at once; it returns nothing |
/// | its worker waits on a thread ([`spawn_blocking`](Self::spawn_blocking)) | it returns at once |
/// | it blocks its thread | it can't be dropped: named in the error, and not waited for |
///
/// No run begins after the request: a worker that is called then is never ready,
/// and neither is one that waits. Who has asked and awaits another worker does so
/// in a `select!` with the request. What a worker that waits for its restart has
/// kept is dropped with it.
///
/// A run that fails during the shutdown is the last: its caller gets what it
/// would after giving up, the log has a warning, and nobody gave up.
///
/// # A `main` that does not hang
///
/// To drop a runtime is to wait for its blocked threads. And a worker that blocks
/// the thread which was to turn tokio's timers and I/O, even one of many, keeps
/// that runtime from receiving signals. Who wants to end in spite of such a
/// worker waits on a runtime of its own, and lets go of the other:
///
/// ```
/// use std::error::Error;
/// use supervise::Supervisor;
/// use tokio::runtime::{Builder, Runtime};
///
/// fn main() -> Result<(), Box<dyn Error>> {
///     let workers = Runtime::new()?;
///     let supervisor = Supervisor::new();
///     workers.block_on(async {
///         // supervisor.spawn(…);
///     });
///     let main = Builder::new_current_thread().enable_all().build()?;
///     let result = main.block_on(supervisor.wait());
///     workers.shutdown_background();
///     Ok(result?)
/// }
/// ```
///
/// # What is no worker
///
/// [`spawn`](Self::spawn) takes any future. One that is no worker is contained,
/// logged and counted all the same, under the name of the function that it came
/// from. Only its panic can be seen, not an `Err` that it returns.
///
/// # Groups and escalation
///
/// A worker that joins others is their group. With `try_join!` the first that
/// fails ends the run; the others are dropped with it, and all begin again after
/// the wait: *one for all*. So it is with a `JoinSet`, whose tasks are aborted
/// when it is dropped; after `shutdown().await` on it they are gone as well.
/// Workers nest: one that fails is restarted with all that is in it, and what is
/// around it goes on: *rest for one*. Those that are spawned one by one fail
/// alone: *one for one*.
///
/// A worker that gives up with an `Err`, or with `on_give_up = "panic"`, has
/// failed for the one around it, and so on up to a critical one:
///
/// ```
/// use std::io;
/// use supervise::{Supervisor, supervised};
/// use tokio::try_join;
///
/// #[supervised(
///     name = "link",
///     restart = true,
///     backoff = "10ms",
///     max_restarts = "2 in 1m",
///     critical = true
/// )]
/// async fn link() -> io::Result<()> {
///     try_join!(read(), write())?;
///     Ok(())
/// }
/// # async fn read() -> io::Result<()> { Err(io::ErrorKind::BrokenPipe.into()) }
/// # async fn write() -> io::Result<()> { std::future::pending().await }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let supervisor = Supervisor::new();
/// supervisor.spawn(link());
/// let error = supervisor.wait().await.unwrap_err();
/// assert_eq!(error.to_string(), "critical worker `link` gave up");
/// assert_eq!(error.failure().unwrap().message(), "broken pipe");
/// # }
/// ```
///
/// Let the `max_restarts` of what is around others be a window, longer than all
/// their restarts take: a run in which an inner worker is tried again and again
/// is up, and health clears a plain number. `critical` belongs to the outermost
/// one only: to be dropped with its group is an end, too.
#[derive(Clone, Debug)]
pub struct Supervisor(Arc<Owner>);

/// What all clones of a supervisor have in common. The tasks know the group
/// only.
#[derive(Debug)]
struct Owner {
    group: Arc<Group>,
}

impl Supervisor {
    /// One with nothing to do yet, and a grace period of 10 seconds.
    #[must_use]
    pub fn new() -> Self {
        Self::of(Arc::new(Group::default()))
    }

    fn of(group: Arc<Group>) -> Self {
        Self(Arc::new(Owner { group }))
    }

    /// How long a shutdown may take those who asked for it, all of them
    /// together, those of its children included. The default is 10 seconds; of a
    /// child it is half the parent's, which leaves the parent's workers the other
    /// half. That of the parent ends it in any case.
    #[must_use]
    pub fn grace_period(self, grace: Duration) -> Self {
        self.0.group.set_grace(grace);
        self
    }

    /// A supervisor that this one stops before its own workers, and waits for.
    ///
    /// The end of a critical worker in it is the end of both. Where it is not to
    /// be, a [`Supervisor::new`] that is awaited inside a worker decides by
    /// itself what its end means.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn listen() { supervise::shutdown_requested().await }
    /// # async fn write_to_database() { supervise::shutdown_requested().await }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), supervise::ShutdownError> {
    /// let supervisor = supervise::Supervisor::new();
    /// supervisor.spawn(write_to_database());
    /// // Has stopped before `write_to_database` is told to.
    /// supervisor.child().spawn(listen());
    /// # tokio::task::yield_now().await;
    /// supervisor.shutdown();
    /// supervisor.wait().await
    /// # }
    /// ```
    #[must_use]
    pub fn child(&self) -> Self {
        Self::of(self.0.group.child())
    }

    /// Spawns a worker, or any other future, on the present runtime.
    ///
    /// After the shutdown was requested it is dropped instead, without being
    /// polled, and the handle says that it was cancelled.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, as `tokio::spawn` does.
    #[inline]
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        // `tokio::spawn` would move the future twice more.
        let runtime = runtime::Handle::current();
        capture::install_hook();
        #[cfg(feature = "tokio-util")]
        self.0.group.watch();
        let origin = report::future::<F>(Location::caller());
        let (task, is_refused) = self.0.group.join(origin, Role::Own);
        if is_refused {
            log::not_started(&name::of_future::<F>());
        }
        #[expect(clippy::disallowed_methods, reason = "what is spawned is contained")]
        let join = runtime.spawn(Spawned::new(future, Arc::clone(&task)));
        task.can_be_dropped(join.abort_handle());
        Handle::new(join, task, name::of_future::<F>)
    }

    /// Calls a closure on a thread for what blocks, as `tokio::task::spawn_blocking`
    /// does: a worker with `blocking`, or any other.
    ///
    /// A thread can't be dropped. At the shutdown what runs is given the grace
    /// period, asked or not; it finds out by
    /// [`is_shutting_down`](crate::is_shutting_down). A worker that waits for its
    /// next run returns at once: with what its caller would get if it had given up
    /// after its last run, or with the value of that. A closure that has not begun
    /// is dropped.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, as `spawn_blocking` does.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use std::{fs, io, thread};
    /// use supervise::{Supervisor, supervised};
    ///
    /// #[supervised(blocking, name = "device", restart = true, backoff = "1s..30s")]
    /// fn poll_device(path: &str) -> io::Result<()> {
    ///     while !supervise::is_shutting_down() {
    ///         println!("{}", fs::read_to_string(path)?);
    ///         thread::sleep(Duration::from_millis(5));
    ///     }
    ///     Ok(())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), supervise::ShutdownError> {
    /// let supervisor = Supervisor::new();
    /// supervisor.spawn_blocking(|| poll_device("/dev/no-such-sensor"));
    /// # tokio::time::sleep(Duration::from_millis(20)).await;
    /// supervisor.shutdown();
    /// supervisor.wait().await
    /// # }
    /// ```
    #[track_caller]
    pub fn spawn_blocking<F, T>(&self, closure: F) -> Handle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        capture::install_hook();
        #[cfg(feature = "tokio-util")]
        self.0.group.watch();
        let origin = report::closure::<F>(Location::caller());
        let (task, is_refused) = self.0.group.join(origin, Role::Blocking);
        if is_refused {
            log::not_started(&name::of_call::<F>());
        }
        let join = Called::new(closure, Arc::clone(&task)).spawn_blocking();
        task.can_be_dropped(join.abort_handle());
        Handle::new(join, task, name::of_call::<F>)
    }

    /// Requests the shutdown, and returns at once. What happens then happens
    /// whether or not anybody [waits](Self::wait) for it.
    pub fn shutdown(&self) {
        self.0.group.request("`shutdown` was called");
    }

    /// Whether the shutdown was requested.
    #[must_use]
    pub fn is_shutting_down(&self) -> bool {
        !self.0.group.is_up()
    }
}

impl Default for Supervisor {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let tasks = self.group.tasks();
        if tasks > 0 && self.group.is_up() && !self.group.is_child() {
            log::supervisor_dropped(tasks);
        }
    }
}
