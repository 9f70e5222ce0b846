//! Why a run ended.

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// It returned, and not an `Err`.
    Finished,
    /// It returned an `Err`.
    Error,
    /// It panicked.
    Panic,
    /// It took longer than its `timeout`.
    Timeout,
    /// Shutdown was requested.
    Shutdown,
    /// Its future was dropped, or its task aborted.
    Cancelled,
}

impl Reason {
    /// Every reason, in the order of their numbers.
    pub(crate) const ALL: [Self; 6] = [
        Self::Finished,
        Self::Error,
        Self::Panic,
        Self::Timeout,
        Self::Shutdown,
        Self::Cancelled,
    ];

    /// Whether the run failed: with an `Err`, a panic or a timeout.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Error | Self::Panic | Self::Timeout)
    }

    /// The word for it in the log and the metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Error => "error",
            Self::Panic => "panic",
            Self::Timeout => "timeout",
            Self::Shutdown => "shutdown",
            Self::Cancelled => "cancelled",
        }
    }
}
