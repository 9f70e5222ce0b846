//! Tokio workers that cannot die silently.

#![cfg_attr(
    not(test),
    warn(
        clippy::dbg_macro,
        clippy::expect_used,
        clippy::print_stderr,
        clippy::print_stdout,
        clippy::unwrap_used
    )
)]

mod attempt;
mod call;
mod capture;
mod contain;
mod failure;
mod log;
mod outcome;
mod policy;
mod registry;
mod stack;
mod status;
mod timer;
mod views;
mod worker;

pub use crate::capture::{Place, log_panics_only};
pub use crate::failure::Failure;
pub use crate::policy::{Reason, Restart};
pub use crate::registry::workers;
pub use crate::status::{ByReason, LastFailure, WorkerStatus};
#[cfg(feature = "prometheus")]
pub use crate::views::metrics;
/// Contains, reports and restarts an `async fn`.
///
/// Each panic and each returned `Err` of the function becomes one log event and
/// moves a counter; with `restart = true` the body is run again, after a wait.
/// The signature, and with it every call of the function, stays as it is.
///
/// ```
/// use std::io;
/// use std::time::Duration;
/// use supervise::supervised;
///
/// #[supervised(name = "cleanup", restart = true)]
/// async fn cleanup(path: String) -> io::Result<()> {
///     loop {
///         tokio::time::sleep(Duration::from_secs(300)).await;
///         std::fs::remove_file(&path)?;
///     }
/// }
///
/// # async fn start() {
/// tokio::spawn(cleanup("/tmp/scratch".into()));
/// # }
/// ```
///
/// # Options
///
/// | option | values | default |
/// |---|---|---|
/// | `name` | a string: the label of its metrics and log lines | `Type::method` for methods, else `module::function` |
/// | `restart` | `false` or `"never"`; `true` or `"on_failure"` (a panic, an `Err`); `"on_panic"`; `"always"` (after a return, too) | `false` |
/// | `backoff` | `"1s..1m"`: doubling from 1 s, never above 1 m; `"5s"`: always 5 s | `"1s..1m"` |
///
/// A wait is drawn from between half the backoff and the whole, so that workers
/// which failed together do not come back together. A run that stays up for
/// twice the longest wait (at least 10 s, at most 10 min) is healthy: the next
/// failure waits the first wait again.
///
/// Durations are whole numbers with the units `ns`, `us`, `ms`, `s`, `m`, `h`
/// and `d`, one after another: `"1m 30s"`.
///
/// # What each run sees
///
/// | parameter | each run gets |
/// |---|---|
/// | `&self`, `&T` | the same reference |
/// | `&mut self`, `&mut T` | a reborrow: what earlier runs wrote is there |
/// | `self`, `self: Arc<Self>`, `T` | its own clone of what the caller passed |
///
/// Without a restart there is one run, and it gets the arguments themselves.
///
/// # What the caller gets
///
/// | the worker | the caller gets |
/// |---|---|
/// | finishes | the value, unchanged |
/// | gives up after an `Err` | that last `Err` |
/// | gives up after a panic, output `()` | `()` |
/// | gives up after a panic, output `Result<_, E>` where `E: From<supervise::Failure>` | `Err(E::from(failure))` |
/// | gives up after a panic, any other output | the panic itself, resumed |
///
/// # Panics
///
/// The first wait that is not zero needs a tokio runtime with timers enabled.
pub use supervise_macros::supervised;

#[doc(hidden)]
pub mod __private;
