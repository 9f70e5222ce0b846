//! What did not go well on the way to the end.

use std::error::Error;
use std::fmt::{self, Write};
use std::sync::Arc;

use crate::failure::Failure;
use crate::policy::Reason;
use crate::shutdown::group::CriticalEnd;

/// A critical worker ended, or workers did not stop when they were told to.
///
/// A `main` that returns it exits with 1, and what is on stderr then names the
/// worker and its failure: `Debug` is for people.
///
/// # Examples
///
/// ```
/// use supervise::{Supervisor, supervised};
///
/// #[supervised(name = "ingest", critical = true)]
/// async fn ingest() -> Result<(), String> {
///     Err("no such table".into())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let supervisor = Supervisor::new();
/// supervisor.spawn(ingest());
/// let error = supervisor.wait().await.unwrap_err();
///
/// assert_eq!(error.to_string(), "critical worker `ingest` gave up");
/// assert_eq!(error.failure().unwrap().message(), "no such table");
/// # }
/// ```
#[derive(Clone)]
pub struct ShutdownError {
    critical: Option<Arc<CriticalEnd>>,
    unstopped: Vec<Unstopped>,
}

/// A worker that did not stop when it was told to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unstopped {
    /// The name of the worker.
    pub worker: &'static str,
    /// Whether it could not even be dropped, as it blocks its thread: it still
    /// runs. Else it had asked for the shutdown, was given the grace period, and
    /// was dropped when that was over.
    pub still_running: bool,
}

impl ShutdownError {
    /// The error, if there is any.
    pub(crate) fn of(
        critical: Option<Arc<CriticalEnd>>,
        unstopped: Vec<Unstopped>,
    ) -> Result<(), Self> {
        if critical.is_none() && unstopped.is_empty() {
            return Ok(());
        }
        Err(Self {
            critical,
            unstopped,
        })
    }

    /// The name of the critical worker that ended.
    #[must_use]
    pub fn critical(&self) -> Option<&str> {
        self.critical.as_ref().map(|end| end.worker)
    }

    /// The last failure of the critical worker; `None` if it did not fail. It is
    /// the [`source`](Error::source) as well.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.critical.as_ref()?.failure.as_ref()
    }

    /// The workers that did not stop.
    #[must_use]
    pub fn unstopped(&self) -> &[Unstopped] {
        &self.unstopped
    }

    fn workers(&self, still_running: bool) -> Option<String> {
        let mut text = String::new();
        let workers = self.unstopped.iter();
        for worker in workers.filter(|worker| worker.still_running == still_running) {
            let comma = if text.is_empty() { "" } else { ", " };
            // Writing to a string does not fail.
            let _ = write!(text, "{comma}`{}`", worker.worker);
        }
        (!text.is_empty()).then_some(text)
    }
}

impl fmt::Display for ShutdownError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let critical = self.critical.as_ref().map(|end| {
            let how = match end.reason {
                Reason::Finished => "finished",
                Reason::Cancelled | Reason::Shutdown => "was cancelled",
                Reason::Error | Reason::Panic | Reason::Timeout => "gave up",
            };
            format!("critical worker `{}` {how}", end.worker)
        });
        let overran = self
            .workers(false)
            .map(|workers| format!("dropped when the grace period was over: {workers}"));
        let blocked = self
            .workers(true)
            .map(|workers| format!("did not stop, blocking its thread: {workers}"));
        let parts = [critical, overran, blocked].into_iter().flatten();
        f.write_str(&parts.collect::<Vec<_>>().join("; "))
    }
}

/// As `main` prints it: the error and, below it, what caused it.
impl fmt::Debug for ShutdownError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)?;
        if let Some(failure) = self.failure() {
            write!(f, "\n\nCaused by:\n    {failure}")?;
            if let Some(place) = failure.location() {
                write!(f, "\n    at {place}")?;
            }
        }
        Ok(())
    }
}

impl Error for ShutdownError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.failure().map(|failure| failure as _)
    }
}
