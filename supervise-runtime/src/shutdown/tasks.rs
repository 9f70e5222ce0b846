//! The tasks of all supervisors by tokio's id, so that code at any depth finds
//! the one that it is part of, and nothing has to be set at each poll.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tokio::task::{self, Id};

use crate::capture;
use crate::parts::Parts;
use crate::shutdown::task::Task;

/// Whether there ever was one: without a supervisor nothing is looked up.
static ANY: AtomicBool = AtomicBool::new(false);

static TASKS: Parts<Id, Arc<Task>> = Parts::new();

type Beginning = (Id, Arc<Task>);

thread_local! {
    /// The one that begins on this thread, for the first run in it: to find it here
    /// costs less than among all.
    ///
    /// It is taken by that run, or when its first poll or its call is over: so there
    /// is nothing for a destructor to do, of which each look would have to ask.
    static BEGINNING: Cell<Option<ManuallyDrop<Beginning>>> = const { Cell::new(None) };

    /// The last id that was looked up here, and where in memory its task is.
    static LAST: Cell<Option<(Id, usize)>> = const { Cell::new(None) };

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

/// The same for the first run of a worker, which mostly begins when its task does.
#[inline]
pub(crate) fn of_first_run() -> Option<Arc<Task>> {
    let Some((id, task)) = take_beginning() else {
        return current();
    };
    if task::try_id().is_some_and(|this| this == id) {
        return Some(task);
    }
    of_another(task)
}

/// What another runtime polls while a task begins, within its first poll, is none
/// of it.
#[cold]
#[inline(never)]
fn of_another(beginning: Arc<Task>) -> Option<Arc<Task>> {
    drop(beginning);
    current()
}

/// Whether this code is part of `task`, for who has that: mostly without looking
/// among all.
///
/// No two tasks have one id, ever, and who has a task knows that no other one is
/// where that is. So what was found once is true until the task is gone.
#[inline]
pub(crate) fn is_current(task: &Arc<Task>) -> bool {
    let this = task::try_id().map(|id| (id, Arc::as_ptr(task).addr()));
    if this.is_some() && LAST.get() == this {
        return !task.has_ended();
    }
    is_found(task, this)
}

#[inline(never)]
fn is_found(task: &Arc<Task>, this: Option<(Id, usize)>) -> bool {
    let is_found = find().is_some_and(|found| Arc::ptr_eq(&found, task));
    if is_found {
        LAST.set(this);
    }
    is_found
}

#[inline]
fn take_beginning() -> Option<Beginning> {
    BEGINNING.take().map(ManuallyDrop::into_inner)
}

#[inline(never)]
fn find() -> Option<Arc<Task>> {
    match task::try_id() {
        Some(id) => TASKS.get(&id),
        // Threads may look for it to their very end.
        None => THREAD.try_with(|task| task.borrow().clone()).ok().flatten(),
    }
}

/// The first poll of `task`, or its call, begins. When it is over,
/// [`beginning_is_over`] is called.
#[inline]
pub(crate) fn begin(task: &Arc<Task>) {
    if let Some(id) = enter(task) {
        let beginning = ManuallyDrop::new((id, Arc::clone(task)));
        drop(take_beginning());
        BEGINNING.set(Some(beginning));
    }
}

/// The first poll of a task, or its call, is over: nobody keeps it here.
#[inline]
pub(crate) fn beginning_is_over() {
    drop(take_beginning());
}

/// Makes `task` the one that the code which is being polled, or called, is part
/// of; the id of that.
#[expect(clippy::inline_always, reason = "one call less at each start")]
#[inline(always)]
pub(crate) fn enter(task: &Arc<Task>) -> Option<Id> {
    if !any() {
        is_first();
    }
    let id = task::try_id();
    match id {
        Some(id) => TASKS.insert(id, Arc::clone(task)),
        None => enter_thread(task),
    }
    id
}

#[cold]
#[inline(never)]
fn enter_thread(task: &Arc<Task>) {
    THREAD.set(Some(Arc::clone(task)));
}

#[cold]
#[inline(never)]
fn is_first() {
    capture::watch_outside(|| current().is_some());
    ANY.store(true, Relaxed);
}

/// The task which is being dropped, and has entered, is over.
#[inline]
pub(crate) fn leave() {
    match task::try_id() {
        Some(id) => drop(TASKS.remove(&id)),
        None => leave_thread(),
    }
}

#[cold]
#[inline(never)]
fn leave_thread() {
    // At the very end of a thread there is nothing left to take it from.
    let _task = THREAD.try_with(RefCell::take);
}
