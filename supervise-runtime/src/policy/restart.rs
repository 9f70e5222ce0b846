//! After which ends of a run there is another.

use std::str::FromStr;

use super::{PolicyError, Reason};

/// After which ends of a run a worker is run again.
///
/// # Examples
///
/// ```
/// use supervise::Restart;
///
/// assert_eq!("on_failure".parse(), Ok(Restart::OnFailure));
/// assert_eq!(Restart::OnFailure.as_str(), "on_failure");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Restart {
    /// `restart = false`: one run; a failure is contained, logged and counted.
    Never,
    /// `restart = "on_panic"`: again after a panic or a timeout; an `Err` ends
    /// the worker.
    OnPanic,
    /// `restart = true`: again after a panic, an `Err` or a timeout.
    OnFailure,
    /// `restart = "always"`: again after a failure and after a return.
    Always,
}

impl Restart {
    /// The word for it in the attribute, the log and the metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::OnPanic => "on_panic",
            Self::OnFailure => "on_failure",
            Self::Always => "always",
        }
    }

    pub(super) const fn follows(self, reason: Reason) -> bool {
        match reason {
            Reason::Finished => matches!(self, Self::Always),
            Reason::Error => matches!(self, Self::OnFailure | Self::Always),
            Reason::Panic | Reason::Timeout => !matches!(self, Self::Never),
            Reason::Shutdown | Reason::Cancelled => false,
        }
    }
}

/// The word in the attribute.
impl FromStr for Restart {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        [Self::Never, Self::OnPanic, Self::OnFailure, Self::Always]
            .into_iter()
            .find(|restart| restart.as_str() == text)
            .ok_or(PolicyError::NO_RESTART)
    }
}
