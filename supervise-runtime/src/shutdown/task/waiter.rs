//! Who waits for something of a task: its request, its end, an order to restart.
//!
//! What is polled by the task itself, and by nothing in between, is woken with the
//! task: it has nothing to leave here.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;
use std::task::{Poll, Waker};

use super::Task;
use crate::contain::{contain, discard};

/// Somebody who waits.
pub(crate) struct Waiter {
    task: Arc<Task>,
    /// What it is known by, if it has left its waker.
    key: Option<Key>,
}

type Key = u64;

/// The wakers that were left. They may be the user's: nothing is done with them
/// under the lock.
#[derive(Default)]
pub(super) struct Waiters {
    last: Key,
    wakers: Wakers,
}

pub(super) type Wakers = BTreeMap<Key, Waker>;

impl Waiter {
    pub(crate) fn new(task: Arc<Task>) -> Self {
        Self { task, key: None }
    }

    /// Ready if that is so of the task; else `waker` is woken when something
    /// changes.
    pub(crate) fn poll(&mut self, waker: &Waker, is: impl Fn(&Task) -> bool) -> Poll<()> {
        if is(&self.task) {
            return Poll::Ready(());
        }
        if !self.will_be_woken(waker) {
            self.leave(waker);
        }
        // What has changed before the waker was left has woken nobody.
        if is(&self.task) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    fn will_be_woken(&self, waker: &Waker) -> bool {
        let state = self.task.state();
        let own = state.waker.as_ref();
        let left = self.key.and_then(|key| state.waiters()?.wakers.get(&key));
        own.into_iter()
            .chain(left)
            .any(|known| known.will_wake(waker))
    }

    #[inline(never)]
    fn leave(&mut self, waker: &Waker) {
        let waker = waker.clone();
        let mut state = self.task.state();
        let waiters = &mut state.more().waiters;
        let key = *self.key.get_or_insert_with(|| {
            waiters.last += 1;
            waiters.last
        });
        let before = waiters.wakers.insert(key, waker);
        drop(state);
        drop(before);
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            let waker = self.task.state().more().waiters.wakers.remove(&key);
            drop(waker);
        }
    }
}

impl Waiters {
    pub(super) fn take(&mut self) -> Wakers {
        mem::take(&mut self.wakers)
    }
}

/// Wakes the task and those who have left a waker, of whom there are mostly none.
/// Outside of the lock: also the task's own is the user's where a `LocalSet` is polled.
#[inline]
pub(super) fn wake(task: Option<Waker>, others: Option<Wakers>) {
    if let Some(waker) = task {
        wake_one(waker);
    }
    if let Some(wakers) = others {
        wake_all(wakers);
    }
}

#[inline(never)]
fn wake_all(wakers: Wakers) {
    wakers.into_values().for_each(wake_one);
}

/// One that panics is not to keep the others from being woken.
fn wake_one(waker: Waker) {
    if let Err(payload) = contain(|| waker.wake()) {
        discard(payload);
    }
}
