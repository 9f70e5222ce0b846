//! Catching a panic, and getting rid of what is left of it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Calls `f`; a panic in it becomes the error.
///
/// Unwind safety is asserted, not checked: a run owns its copies of the
/// arguments, and what it shares with others (an `Arc`, a `static`) is as
/// visible half-written after this catch as after tokio's own. The crate
/// documentation says so.
pub(crate) fn contain<T>(f: impl FnOnce() -> T) -> Result<T, Payload> {
    catch_unwind(AssertUnwindSafe(f))
}

/// Drops a payload whose destructor may panic in turn; the payload of that
/// panic is leaked, as there is no end to this otherwise.
pub(crate) fn discard(payload: Payload) {
    if let Err(nested) = contain(|| drop(payload)) {
        std::mem::forget(nested);
    }
}

/// The message of a panic: what `panic!` formatted, or a note that the value
/// is none.
pub(crate) fn message(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<&'static str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "Box<dyn Any>"
    }
}
