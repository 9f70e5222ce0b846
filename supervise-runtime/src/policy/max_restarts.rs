//! How many restarts there are before giving up.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::PolicyError;
use super::text::{self, duration};

/// How many times a worker is restarted after failures, before it gives up.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use supervise::MaxRestarts;
///
/// const LIMIT: MaxRestarts = MaxRestarts::within(5, Duration::from_secs(600));
///
/// assert_eq!("5 in 10m".parse(), Ok(LIMIT));
/// assert_eq!("5".parse(), Ok(MaxRestarts::since_healthy(5)));
/// assert_eq!(LIMIT.to_string(), "5 in 10m");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MaxRestarts {
    restarts: u32,
    window: Option<Duration>,
}

impl MaxRestarts {
    /// So many restarts since the worker was last healthy; of a periodic worker,
    /// since its last successful tick.
    #[must_use]
    pub const fn since_healthy(restarts: u32) -> Self {
        Self {
            restarts,
            window: None,
        }
    }

    /// So many restarts in any span of time as long as `window`. Health does not
    /// clear it.
    ///
    /// # Panics
    ///
    /// If `window` is zero; in a `const`, that is a compile error.
    #[track_caller]
    #[must_use]
    pub const fn within(restarts: u32, window: Duration) -> Self {
        match Self::try_within(restarts, window) {
            Ok(limit) => limit,
            Err(error) => panic!("{}", error.text()),
        }
    }

    /// [`within`](Self::within) for values that are not known beforehand.
    ///
    /// # Errors
    ///
    /// If `window` is zero.
    pub const fn try_within(restarts: u32, window: Duration) -> Result<Self, PolicyError> {
        if window.is_zero() {
            return Err(PolicyError::ZERO_WINDOW);
        }
        let window = Some(window);
        Ok(Self { restarts, window })
    }

    /// How many restarts are allowed.
    #[must_use]
    pub const fn restarts(&self) -> u32 {
        self.restarts
    }

    /// The span of time that they are counted in; `None` if that is since the
    /// worker was last healthy.
    #[must_use]
    pub const fn window(&self) -> Option<Duration> {
        self.window
    }
}

/// `5` or `5 in 10m`, as in the attribute.
impl FromStr for MaxRestarts {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let number = |text: &str| {
            let text = text.trim();
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            let number = if is_number { text.parse().ok() } else { None };
            number.ok_or(PolicyError::NO_MAX_RESTARTS)
        };
        match text.split_once(" in ") {
            Some((restarts, window)) => {
                let window = duration(window).ok_or(PolicyError::NO_MAX_RESTARTS)?;
                Self::try_within(number(restarts)?, window)
            }
            None => Ok(Self::since_healthy(number(text)?)),
        }
    }
}

/// As in the attribute.
impl fmt::Display for MaxRestarts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.restarts)?;
        if let Some(window) = self.window {
            f.write_str(" in ")?;
            text::write(window, f)?;
        }
        Ok(())
    }
}
