//! When a worker is restarted: the data, its texts, and the decision after a
//! run, without clock, randomness or I/O, so that every rule can be tested as a
//! function.

mod backoff;
mod decide;
mod error;
#[cfg(feature = "serde")]
mod file;
mod max_restarts;
mod reason;
mod restart;
mod text;

use std::time::Duration;

pub use self::backoff::Backoff;
pub(crate) use self::decide::{Ended, History, Next, Plan};
pub use self::error::PolicyError;
pub use self::max_restarts::MaxRestarts;
pub use self::reason::Reason;
pub use self::restart::Restart;

/// When to restart a worker, how long to wait before it, and when to give up.
///
/// The options of [`#[supervised]`](macro@crate::supervised) with the same
/// names, as a value: for a [`Worker`](crate::Worker), for several workers that
/// share it, or, with feature `serde`, from a configuration file. It is built in
/// a `const` as well as at run time.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use supervise::{Backoff, MaxRestarts, Policy, Restart, supervised};
///
/// const PATIENT: Policy = Policy::new()
///     .restart(Restart::OnFailure)
///     .backoff(Backoff::doubling(Duration::from_secs(5), Duration::from_secs(300)))
///     .max_restarts(MaxRestarts::within(20, Duration::from_secs(3600)));
///
/// #[supervised(name = "mail", policy = PATIENT)]
/// async fn mail() {}
///
/// assert_eq!(PATIENT.get_healthy_after(), Duration::from_secs(600));
/// ```
///
/// # From a configuration file
///
/// With feature `serde`, in the words of the attribute. What is left out has its
/// default, a key that is unknown or a value that makes no sense is an error
/// which names it. So is a key that needs a restart in a file that says nothing
/// of `restart`; beside `restart = false`, which switches it off, it is not.
///
#[cfg_attr(feature = "serde", doc = "```")]
#[cfg_attr(not(feature = "serde"), doc = "```ignore")]
/// use std::time::Duration;
/// use supervise::{Policy, supervised};
///
/// #[derive(serde::Deserialize)]
/// struct Config {
///     cleanup: Policy,
/// }
///
/// struct Service {
///     config: Config,
/// }
///
/// impl Service {
///     #[supervised(name = "cleanup", policy = self.config.cleanup)]
///     async fn cleanup(&self) {}
/// }
///
/// let config: Config = toml::from_str(
///     r#"
///     [cleanup]
///     restart = "on_failure"
///     backoff = "1s..1m"
///     jitter = true
///     healthy_after = "2m"
///     max_restarts = "5 in 10m"
///     timeout = "5m"
///     "#,
/// )?;
/// assert_eq!(config.cleanup.get_timeout(), Some(Duration::from_secs(300)));
/// # Ok::<_, toml::de::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Policy {
    restart: Restart,
    backoff: Backoff,
    jitter: bool,
    healthy_after: Option<Duration>,
    max_restarts: Option<MaxRestarts>,
    timeout: Option<Duration>,
}

/// [`Policy::new`].
impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

impl Policy {
    /// The defaults of the attribute: no restart; if there is one after all,
    /// waits of 1 s doubling to 1 min, with jitter, without limit or timeout.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            restart: Restart::Never,
            backoff: Backoff::DEFAULT,
            jitter: true,
            healthy_after: None,
            max_restarts: None,
            timeout: None,
        }
    }

    /// After which ends of a run there is another. The default is
    /// [`Restart::Never`].
    #[must_use]
    pub const fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    /// The waits before restarts. The default is 1 s, doubling to 1 min.
    #[must_use]
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Whether a wait is drawn from between half the backoff and the whole, so
    /// that workers which failed together do not come back together. The default
    /// is `true`.
    #[must_use]
    pub const fn jitter(mut self, jitter: bool) -> Self {
        self.jitter = jitter;
        self
    }

    /// How long a run has to stay up to be healthy, which forgives the failures
    /// before it. The default is twice the longest backoff, but at least 10 s
    /// and at most 10 min.
    ///
    /// # Panics
    ///
    /// If it is zero; in a `const`, that is a compile error.
    #[track_caller]
    #[must_use]
    pub const fn healthy_after(mut self, uptime: Duration) -> Self {
        assert!(
            !uptime.is_zero(),
            "{}",
            PolicyError::ZERO_HEALTHY_AFTER.text()
        );
        self.healthy_after = Some(uptime);
        self
    }

    /// How many restarts there are after failures: one more, and the worker
    /// gives up. The default is no limit.
    #[must_use]
    pub const fn max_restarts(mut self, limit: MaxRestarts) -> Self {
        self.max_restarts = Some(limit);
        self
    }

    /// How long a run may take: a longer one is dropped and counts as a failure.
    /// The default is no limit.
    ///
    /// # Panics
    ///
    /// If it is zero; in a `const`, that is a compile error.
    #[track_caller]
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        assert!(!timeout.is_zero(), "{}", PolicyError::ZERO_TIMEOUT.text());
        self.timeout = Some(timeout);
        self
    }

    /// After which ends of a run there is another.
    #[must_use]
    pub const fn get_restart(&self) -> Restart {
        self.restart
    }

    /// The waits before restarts.
    #[must_use]
    pub const fn get_backoff(&self) -> Backoff {
        self.backoff
    }

    /// Whether waits are drawn from between half the backoff and the whole.
    #[must_use]
    pub const fn get_jitter(&self) -> bool {
        self.jitter
    }

    /// How long a run has to stay up to be healthy, by default or as set.
    #[must_use]
    pub const fn get_healthy_after(&self) -> Duration {
        match self.healthy_after {
            Some(uptime) => uptime,
            // A worker that barely lives must not reset its own backoff.
            None => self.backoff.healthy_after(),
        }
    }

    /// How many restarts there are after failures; `None` is no limit.
    #[must_use]
    pub const fn get_max_restarts(&self) -> Option<MaxRestarts> {
        self.max_restarts
    }

    /// How long a run may take; `None` is no limit.
    #[must_use]
    pub const fn get_timeout(&self) -> Option<Duration> {
        self.timeout
    }
}
