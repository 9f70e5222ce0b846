//! The closure that a thread executes. It is counted from its beginning, and may
//! still turn out to be a worker: that is counted as what it is, and the closure
//! leaves no series of its own.

use std::cell::Cell;

use super::Entry;

thread_local! {
    static CLOSURE: Cell<Option<&'static Entry>> = const { Cell::new(None) };
}

/// A closure begins on this thread.
pub(crate) fn begins(entry: &'static Entry) {
    CLOSURE.set(Some(entry));
}

/// It turns out to be a worker.
#[cold]
pub(crate) fn is_worker() {
    if let Some(entry) = CLOSURE.take() {
        entry.never_started();
    }
}

/// It ends; whether it has turned out to be a worker.
pub(crate) fn ends() -> bool {
    CLOSURE.take().is_none()
}
