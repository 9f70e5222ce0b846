//! The error that stands for a run that could not return one.

use std::fmt;
use std::io;
use std::time::Duration;

use crate::capture::Panicked;
use crate::place::Place;
use crate::policy::Reason;

/// How a worker ended that gave up without a value of its own: it panicked, or
/// took longer than its `timeout`. In a [`ShutdownError`](crate::ShutdownError)
/// it stands for a returned `Err` as well; and for a worker that a thread has
/// called too late, after the shutdown was requested.
///
/// The caller of a worker whose output is `Result<_, E>` gets
/// `Err(E::from(failure))` if `E` can be made from a `Failure`. `anyhow::Error`,
/// `eyre::Report`, `Box<dyn Error + Send + Sync>` and `std::io::Error` can as
/// they are; an error type of your own opts in with one `impl`.
///
/// # Examples
///
/// ```
/// use supervise::{Failure, supervised};
///
/// #[derive(Debug)]
/// enum CacheError {
///     Crashed(Failure),
/// }
///
/// impl From<Failure> for CacheError {
///     fn from(failure: Failure) -> Self {
///         Self::Crashed(failure)
///     }
/// }
///
/// #[supervised(name = "fill")]
/// async fn fill() -> Result<(), CacheError> {
///     panic!("the disk is gone");
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let Err(CacheError::Crashed(failure)) = fill().await else { unreachable!() };
/// assert_eq!(failure.to_string(), "worker `fill` panicked: the disk is gone");
/// assert!(failure.is_panic());
/// # }
/// ```
#[derive(Debug)]
pub struct Failure(Box<Told>);

#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) reason: Reason,
    pub(crate) worker: &'static str,
    pub(crate) message: String,
    pub(crate) place: Option<Place>,
    pub(crate) stack: Option<String>,
}

/// A failed run, as it is counted and logged.
pub(crate) struct Failed<'a> {
    pub(crate) reason: Reason,
    pub(crate) message: &'a str,
    pub(crate) place: Option<&'a Place>,
    /// Consecutive failures of its call, this one included.
    pub(crate) failures: u64,
    pub(crate) uptime: Duration,
    /// `None` if no restart follows.
    pub(crate) restart_in: Option<Duration>,
    /// Whether that is because the shutdown was requested, and no giving up.
    pub(crate) at_shutdown: bool,
}

impl Failure {
    pub(crate) fn new(told: Told) -> Self {
        Self(Box::new(told))
    }

    /// What stands for a panic of `worker`, whose stack is told if it is the first
    /// at its place.
    pub(crate) fn of_panic(
        panicked: &Panicked,
        worker: &'static str,
        stack: Option<String>,
    ) -> Self {
        Self::new(Told {
            reason: Reason::Panic,
            worker,
            message: panicked.message().to_owned(),
            place: panicked.place().cloned(),
            stack,
        })
    }

    /// Whether the run panicked.
    #[must_use]
    pub fn is_panic(&self) -> bool {
        self.0.reason == Reason::Panic
    }

    /// Whether the run took longer than its `timeout`.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.0.reason == Reason::Timeout
    }

    /// The name of the worker.
    #[must_use]
    pub fn worker(&self) -> &str {
        self.0.worker
    }

    /// The message of the panic, `Box<dyn Any>` if its value was not a string;
    /// of a timeout, how long the run was allowed to take; of an `Err`, what it
    /// says, with its sources. It is whole, however long; only of a critical worker
    /// that was dropped while it waited for its restart the message is what
    /// [`LastFailure`](crate::LastFailure) keeps of it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where it panicked; `None` if the panic hook did not see it, or if it did
    /// not panic.
    #[must_use]
    pub fn location(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    /// The resolved stack of the panic; `None` if an earlier one of this worker
    /// at the same place has been told with its stack already.
    #[must_use]
    pub fn stack(&self) -> Option<&str> {
        self.0.stack.as_deref()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Told {
            worker, message, ..
        } = &*self.0;
        let how = match self.0.reason {
            Reason::Panic => "panicked",
            Reason::Timeout => "timed out",
            // The message says how.
            Reason::Shutdown => return write!(f, "worker `{worker}` {message}"),
            _ => "failed",
        };
        write!(f, "worker `{worker}` {how}: {message}")
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for io::Error {
    fn from(failure: Failure) -> Self {
        Self::other(failure)
    }
}
