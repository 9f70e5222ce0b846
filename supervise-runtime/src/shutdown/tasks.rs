//! The tasks of all supervisors by tokio's id, so that code at any depth finds
//! the one that it is part of, and nothing has to be set at each poll.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tokio::task::{self, Id};

use crate::capture;
use crate::parts::Parts;
use crate::shutdown::task::Task;

/// Whether there ever was one: without a supervisor nothing is looked up.
static ANY: AtomicBool = AtomicBool::new(false);

static TASKS: Parts<Id, Arc<Task>> = Parts::new();

thread_local! {
    /// That of a thread which is none of tokio's, and so has no id.
    static THREAD: RefCell<Option<Arc<Task>>> = const { RefCell::new(None) };
}

/// Whether the code that asks can be part of a supervisor's task at all.
#[inline]
pub(crate) fn any() -> bool {
    ANY.load(Relaxed)
}

/// The task of a supervisor that this code is part of.
#[inline]
pub(crate) fn current() -> Option<Arc<Task>> {
    if any() { find() } else { None }
}

#[inline(never)]
fn find() -> Option<Arc<Task>> {
    match task::try_id() {
        Some(id) => TASKS.get(&id),
        // Threads may look for it to their very end.
        None => THREAD.try_with(|task| task.borrow().clone()).ok().flatten(),
    }
}

/// Makes `task` the one that the code which is being polled, or called, is part
/// of.
#[inline]
pub(crate) fn enter(task: &Arc<Task>) {
    if !any() {
        capture::watch_outside(|| current().is_some());
        ANY.store(true, Relaxed);
    }
    match task::try_id() {
        Some(id) => TASKS.insert(id, Arc::clone(task)),
        None => THREAD.set(Some(Arc::clone(task))),
    }
}

/// The task which is being dropped, and has entered, is over.
#[inline]
pub(crate) fn leave() {
    if let Some(id) = task::try_id() {
        TASKS.remove(&id);
    } else {
        // At the very end of a thread there is nothing left to take it from.
        let _task = THREAD.try_with(RefCell::take);
    }
}
