//! The closure that a thread executes. It is counted from its beginning, and may
//! still turn out to be a worker: that is counted as what it is, and the closure
//! leaves no series of its own.

use std::cell::Cell;

use tokio::task::{self, Id};

use super::Entry;

#[derive(Clone, Copy)]
struct Closure {
    entry: &'static Entry,
    /// The task that it is; a thread is none.
    task: Option<Id>,
}

thread_local! {
    static CLOSURE: Cell<Option<Closure>> = const { Cell::new(None) };
}

/// A closure begins on this thread.
pub(crate) fn begins(entry: &'static Entry) {
    let task = task::try_id();
    CLOSURE.set(Some(Closure { entry, task }));
}

/// It turns out to be a worker, or has a runtime of its own and a worker is in
/// one of the tasks there: which it is.
#[cold]
pub(crate) fn is_worker() -> bool {
    let closure = CLOSURE.get();
    let Some(closure) = closure.filter(|closure| closure.task == task::try_id()) else {
        return false;
    };
    CLOSURE.set(None);
    closure.entry.never_started();
    true
}

/// It ends; whether it has turned out to be a worker.
pub(crate) fn ends() -> bool {
    CLOSURE.take().is_none()
}
