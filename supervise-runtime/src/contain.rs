//! Catching a panic, and getting rid of what is left of it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing::Span;
use tracing::span::Entered;

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Calls `f`; a panic in it becomes the error.
///
/// Unwind safety is asserted, not checked: a run owns its copies of the
/// arguments, and what it shares with others (an `Arc`, a `static`) is as
/// visible half-written after this catch as after tokio's own. The crate
/// documentation says so.
#[inline]
pub(crate) fn contain<T>(f: impl FnOnce() -> T) -> Result<T, Payload> {
    catch_unwind(AssertUnwindSafe(f))
}

/// Calls `f` in `span`; a panic in it becomes the error, and so does one of the
/// subscriber that keeps `f` from being called.
#[inline]
pub(crate) fn contain_in<T>(span: &Span, f: impl FnOnce() -> T) -> Result<T, Payload> {
    let entered = enter(span)?;
    let result = contain(f);
    leave(entered);
    result
}

/// Enters the span, if it is one; a panic of the subscriber becomes the error.
#[inline]
pub(crate) fn enter(span: &Span) -> Result<Option<Entered<'_>>, Payload> {
    if span.is_disabled() {
        Ok(None)
    } else {
        enter_enabled(span).map(Some)
    }
}

#[inline(never)]
fn enter_enabled(span: &Span) -> Result<Entered<'_>, Payload> {
    enter_at_once(span)
}

/// The same of a span that is one, without a detour: each poll in a span passes here.
#[inline]
pub(crate) fn enter_at_once(span: &Span) -> Result<Entered<'_>, Payload> {
    contain(|| span.enter())
}

#[inline]
pub(crate) fn leave(entered: Option<Entered<'_>>) {
    if let Some(entered) = entered {
        leave_enabled(entered);
    }
}

#[inline(never)]
fn leave_enabled(entered: Entered<'_>) {
    leave_at_once(entered);
}

/// Before a panic goes on: a subscriber that panics over that too would else
/// abort the process.
#[inline]
pub(crate) fn leave_at_once(entered: Entered<'_>) {
    if let Err(subscriber) = contain(|| drop(entered)) {
        discard(subscriber);
    }
}

/// Drops a payload whose destructor may panic in turn; the payload of that
/// panic is leaked, as there is no end to this otherwise.
pub(crate) fn discard(payload: Payload) {
    if let Err(nested) = contain(|| drop(payload)) {
        std::mem::forget(nested);
    }
}

/// Whether it is what `panic!` formatted.
pub(crate) fn is_text(payload: &(dyn Any + Send)) -> bool {
    payload.is::<&'static str>() || payload.is::<String>()
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
