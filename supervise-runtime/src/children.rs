//! The tasks that belong to a run: dropped with it, and gone before the next.
//!
//! A run that has any is found by the address of its call, while it is polled,
//! and the children find it by their tasks' ids. So a run without children has
//! nothing, and one with many has what is alive of them.

use std::collections::BTreeMap;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use tokio::task::{self, AbortHandle, Id};

use crate::capture::{self, Here};
use crate::parts::Parts;
use crate::place::Places;
use crate::policy::Reason;
use crate::registry;

/// Whether there ever was one: without, no run is looked up.
static ANY: AtomicBool = AtomicBool::new(false);

/// By the address of the call.
static RUNS: Parts<usize, Arc<Children>> = Parts::new();

/// Whose child a task is.
static TASKS: Parts<Id, Arc<Children>> = Parts::new();

/// What a run has spawned that belongs to it.
pub(crate) struct Children {
    /// Those of the worker whose run it is.
    pub(crate) places: &'static Places,
    /// The number of the run, and how the one before it ended.
    pub(crate) run: u64,
    pub(crate) last_end: Option<Reason>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The run has ended: there is no more to come.
    is_over: bool,
    spawned: u64,
    present: BTreeMap<u64, Child>,
    /// Those that runs within this one have left behind.
    left: Vec<Arc<Children>>,
    /// Who waits until all are gone.
    waker: Option<Waker>,
}

struct Child {
    name: fn() -> String,
    abort: Option<AbortHandle>,
}

/// The children of the run that this code is part of, in its own task or in one
/// of these.
pub(crate) fn current() -> Option<Arc<Children>> {
    let Some(here) = capture::here().filter(|here| here.is_in_run()) else {
        return of_task();
    };
    if let Some(children) = RUNS.get(&here.run) {
        return Some(children);
    }
    // Nobody else is where this run is.
    let children = Arc::new(Children::new(here));
    RUNS.insert(here.run, Arc::clone(&children));
    ANY.store(true, Relaxed);
    Some(children)
}

/// Those that the task is one of which this code is part of.
#[inline]
pub(crate) fn of_task() -> Option<Arc<Children>> {
    if any() { find() } else { None }
}

#[inline(never)]
fn find() -> Option<Arc<Children>> {
    TASKS.get(&task::try_id()?)
}

/// The places of the worker whose run this code is part of, as one of its
/// children or itself.
#[inline]
pub(crate) fn run() -> Option<&'static Places> {
    capture::run().or_else(|| of_task().map(|children| children.places))
}

#[inline]
pub(crate) fn any() -> bool {
    ANY.load(Relaxed)
}

/// The run of this call ends: its children, of which there will be no more, are
/// dropped.
#[inline(never)]
pub(crate) fn end(call: usize) -> Option<Arc<Children>> {
    let children = RUNS.remove(&call)?;
    children.drop_all();
    Some(children)
}

impl Children {
    fn new(of: Here) -> Self {
        let entry = registry::worker(of.places.worker);
        let present = entry.map(|entry| entry.present(of.run));
        let present = present.unwrap_or_default();
        Self {
            places: of.places,
            run: present.ended + 1,
            last_end: present.last_end,
            state: Mutex::default(),
        }
    }

    /// Takes in a child, whose number is returned; `None` if the run has ended.
    pub(crate) fn join(&self, name: fn() -> String) -> Option<u64> {
        let mut state = self.state();
        if state.is_over {
            return None;
        }
        state.spawned += 1;
        let number = state.spawned;
        state.present.insert(number, Child { name, abort: None });
        Some(number)
    }

    /// The child can be dropped from here on, and is if the run has ended.
    pub(crate) fn can_be_dropped(&self, number: u64, abort: AbortHandle) {
        let mut state = self.state();
        if state.is_over {
            drop(state);
            abort.abort();
        } else if let Some(child) = state.present.get_mut(&number) {
            child.abort = Some(abort);
        }
    }

    /// The task that is polled is one of these.
    pub(crate) fn enter(this: &Arc<Self>) {
        if let Some(id) = task::try_id() {
            TASKS.insert(id, Arc::clone(this));
        }
    }

    /// A child is gone, which may have ended before its first poll.
    pub(crate) fn leave(&self, number: u64, was_polled: bool) {
        if let Some(id) = task::try_id().filter(|_| was_polled) {
            TASKS.remove(&id);
        }
        let mut state = self.state();
        let child = state.present.remove(&number);
        let waker = if state.present.is_empty() {
            state.waker.take()
        } else {
            None
        };
        drop(state);
        drop(child);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Outside of the lock: tokio may drop a task right here, and with it
    /// anything of the user's.
    fn drop_all(&self) {
        let mut state = self.state();
        state.is_over = true;
        let aborts = state.present.values_mut();
        let aborts: Vec<_> = aborts.filter_map(|child| child.abort.take()).collect();
        drop(state);
        for abort in aborts {
            abort.abort();
        }
    }

    /// Takes over those that are left of a run within this one.
    fn take_over(&self, left: Arc<Self>) {
        let mut state = self.state();
        let known = mem::take(&mut state.left);
        drop(state);
        let mut known: Vec<_> = known.into_iter().filter(|left| !left.are_gone()).collect();
        known.push(left);
        self.state().left.append(&mut known);
    }

    fn are_gone(&self) -> bool {
        let state = self.state();
        let left = state.left.clone();
        let is_empty = state.present.is_empty();
        drop(state);
        is_empty && left.iter().all(|left| left.are_gone())
    }

    /// Ready when all are gone.
    fn poll_gone(&self, waker: &Waker) -> Poll<()> {
        let mut state = self.state();
        let left = mem::take(&mut state.left);
        let is_empty = state.present.is_empty();
        if !is_empty {
            state.waker = Some(waker.clone());
        }
        drop(state);
        let there = |left: &Arc<Self>| left.poll_gone(waker).is_pending();
        let mut left: Vec<_> = left.into_iter().filter(there).collect();
        if is_empty && left.is_empty() {
            return Poll::Ready(());
        }
        self.state().left.append(&mut left);
        Poll::Pending
    }

    fn add_names(&self, names: &mut Vec<String>) {
        let state = self.state();
        let left = state.left.clone();
        let own: Vec<_> = state.present.values().map(|child| child.name).collect();
        drop(state);
        names.extend(own.into_iter().map(|name| name()));
        for left in left {
            left.add_names(names);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing of the user's runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The children of runs that have ended. Who does not wait for them leaves them
/// to the run around it.
#[derive(Default)]
pub(crate) struct Leaving(Vec<Arc<Children>>);

impl Leaving {
    pub(crate) fn add(&mut self, children: Arc<Children>) {
        self.0.push(children);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ready when all are gone.
    pub(crate) fn poll(&mut self, waker: &Waker) -> Poll<()> {
        self.0.retain(|left| left.poll_gone(waker).is_pending());
        if self.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// Those that are still there.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for left in &self.0 {
            left.add_names(&mut names);
        }
        names.sort();
        names.dedup();
        names
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.retain(|left| !left.are_gone());
        if self.is_empty() {
            return;
        }
        if let Some(around) = current() {
            for left in self.0.drain(..) {
                around.take_over(left);
            }
        }
    }
}
