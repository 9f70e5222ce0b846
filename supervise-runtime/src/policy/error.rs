//! What is wrong with a value of a policy.

use std::error::Error;
use std::fmt;

/// A value of a [`Policy`](crate::Policy) that makes no sense.
///
/// # Examples
///
/// ```
/// use supervise::Backoff;
///
/// let error = "1m..1s".parse::<Backoff>().unwrap_err();
/// assert_eq!(error.field(), "backoff");
/// assert_eq!(
///     error.to_string(),
///     "`backoff`: the longest wait is below the first; write the first one first"
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyError {
    field: &'static str,
    /// Names the field as well: all that a panic in a `const` can tell.
    text: &'static str,
}

macro_rules! errors {
    ($($name:ident = $field:literal: $problem:literal;)*) => {$(
        pub(super) const $name: PolicyError = PolicyError {
            field: $field,
            text: concat!("`", $field, "`: ", $problem),
        };
    )*};
}

impl PolicyError {
    errors! {
        NO_RESTART = "restart": "not one of true, false, \"never\", \"on_panic\", \"on_failure\" and \"always\"";
        NO_BACKOFF = "backoff": "not a string such as \"1s..1m\" (doubling from 1 s to 1 m) or \"5s\"";
        ZERO_FIRST_WAIT = "backoff": "a wait of zero never doubles; begin with a longer one, such as \"10ms\"";
        CAP_BELOW_FIRST_WAIT = "backoff": "the longest wait is below the first; write the first one first";
        ZERO_HEALTHY_AFTER = "healthy_after": "zero would forgive each failure at once; for waits that do not grow write `backoff = \"5s\"`";
        NO_MAX_RESTARTS = "max_restarts": "not a number such as 5 (since last healthy) or a string such as \"5 in 10m\"";
        ZERO_WINDOW = "max_restarts": "nothing happens in no time; write a longer window, such as \"5 in 10m\"";
        ZERO_TIMEOUT = "timeout": "no run ends in no time; write a longer one, or leave it out";
    }

    /// The name of the field, as in the attribute.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }

    pub(super) const fn text(&self) -> &'static str {
        self.text
    }
}

/// What only a file can say.
#[cfg(feature = "serde")]
impl PolicyError {
    errors! {
        NO_HEALTHY_AFTER = "healthy_after": "not a duration such as \"2m\"";
        HEALTHY_AFTER_TIMEOUT = "healthy_after": "no run stays up that long: it is dropped after `timeout`";
        BACKOFF_ALONE = "backoff": "without a restart there is nothing to wait for; add `restart`";
        JITTER_ALONE = "jitter": "without a restart there is nothing to wait for; add `restart`";
        HEALTHY_AFTER_ALONE = "healthy_after": "without a restart there is nothing to forgive; add `restart`";
        MAX_RESTARTS_ALONE = "max_restarts": "without a restart there is nothing to count; add `restart`";
        NO_TIMEOUT = "timeout": "not a duration such as \"30s\"";
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl Error for PolicyError {}
