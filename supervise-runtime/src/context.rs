//! What code can know of the run that it is part of, at any depth.

use crate::policy::Reason;
use crate::registry;
use crate::shutdown::tasks;
use crate::{capture, children};

/// The run of a worker that some code is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Current {
    /// The name of the worker.
    pub name: &'static str,
    /// The number of the run, from 1.
    pub run: u64,
    /// How the run before it ended; `None` in the first.
    pub last_end: Option<Reason>,
}

/// The run that the code which calls this is part of, at any depth and in its
/// [children](crate::spawn_child), too; of workers within workers, that of the
/// innermost. `None` outside of all runs.
///
/// # Examples
///
/// ```
/// use supervise::supervised;
///
/// #[supervised(name = "index", restart = true, backoff = "1ms")]
/// async fn index() {
///     let current = supervise::current().unwrap();
///     if current.last_end.is_some_and(|end| end.is_failure()) {
///         // The index may be half-written: build it anew.
///         return;
///     }
///     assert_eq!((current.name, current.run), ("index", 1));
///     panic!("half-written");
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// index().await;
/// assert_eq!(supervise::current(), None);
/// # }
/// ```
#[must_use]
pub fn current() -> Option<Current> {
    if let Some(of) = children::of_task().filter(|_| capture::run().is_none()) {
        return Some(Current {
            name: of.places.worker,
            run: of.run,
            last_end: of.last_end,
        });
    }
    let here = capture::here().filter(|here| here.is_in_run())?;
    let entry = registry::worker(here.places.worker)?;
    let present = entry.present(here.run);
    Some(Current {
        name: entry.name,
        run: present.ended + 1,
        last_end: present.last_end,
    })
}

/// Whether a panic of the code which calls this would be contained and reported:
/// it is part of a worker's run, of a task that this crate has spawned, or of a
/// request (feature `tower`).
///
/// It is for panic hooks, which run before anything is caught. A hook that ends
/// the process at every panic, as some services set one, leaves nothing to
/// contain; let it spare what is supervised:
///
/// ```no_run
/// use std::panic;
///
/// let default = panic::take_hook();
/// panic::set_hook(Box::new(move |info| {
///     default(info);
///     if !supervise::is_supervised() {
///         std::process::abort();
///     }
/// }));
/// ```
#[must_use]
pub fn is_supervised() -> bool {
    capture::here().is_some() || tasks::current().is_some() || children::of_task().is_some()
}

/// Says that the worker whose run this is does its work from now on: a critical
/// one is waited for before the process counts as ready.
///
/// It is said once for all workers of a name, and is not taken back by a
/// restart: a process that was ready stays in rotation. Outside of a run it does
/// nothing.
///
/// # Examples
///
/// ```
/// use supervise::supervised;
///
/// #[supervised(name = "listener", critical = true)]
/// async fn listen() -> std::io::Result<()> {
///     // … bind the port …
///     supervise::ready();
///     // … serve …
/// #   Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # listen().await.unwrap();
/// let workers = supervise::workers();
/// assert!(workers.iter().any(|worker| worker.name == "listener" && worker.ready));
/// # }
/// ```
pub fn ready() {
    let worker = current().and_then(|current| registry::worker(current.name));
    if let Some(entry) = worker {
        entry.set_ready();
    }
}
