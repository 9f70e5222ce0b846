//! What the supervisor of a task and its handle do.

use std::sync::atomic::Ordering::Relaxed;

use super::stage::Stage;
use super::state::Asked;
use super::{ORDERED, Role, STOPPING, Task, abort_by, waiter};

impl Task {
    /// Requests its shutdown. It is dropped at once if nothing in it has asked,
    /// or if who asked waits for a restart. A closure that has begun can't be, and
    /// is given time in any case.
    pub(crate) fn request(&self) {
        let mut state = self.state();
        if self.is_requested() || self.is_child() {
            return;
        }
        self.stage.set(Stage::Requested);
        let is_idle = state.asked == Asked::Never || state.is_idle();
        let (abort, own) = if is_idle && !self.has_thread() {
            (self.told_to_drop(&mut state), None)
        } else {
            self.mode.fetch_or(STOPPING, Relaxed);
            // What waits in it may have left nothing.
            (None, state.waker.clone())
        };
        let wakers = state.take_wakers();
        #[cfg(feature = "tokio-util")]
        let token = state.token();
        drop(state);
        abort_by(abort);
        waiter::wake(own, wakers);
        #[cfg(feature = "tokio-util")]
        if let Some(token) = token {
            token.cancel();
        }
        self.forget_if_it_never_begins();
    }

    /// The grace period is over; whether that was still to be said, which is noted
    /// by `note` before anything is dropped.
    pub(crate) fn drop_now(&self, note: impl FnOnce()) -> bool {
        let mut state = self.state();
        if self.stage.get() >= Stage::Dropped {
            return false;
        }
        let abort = self.told_to_drop(&mut state);
        drop(state);
        note();
        abort_by(abort);
        self.forget_if_it_never_begins();
        true
    }

    /// Nobody waits for a closure that was to be dropped and has not begun: the
    /// thread that would have called it may be long in coming.
    fn forget_if_it_never_begins(&self) {
        if self.has_role(Role::Blocking) && !self.was_polled() {
            self.group.leave(self);
            self.tell_end();
        }
    }

    /// Orders the restart of its outermost workers; whether there is one that
    /// can be.
    pub(crate) fn restart(&self) -> bool {
        let mut state = self.state();
        // A run can't be cut off that has a thread of its own.
        let only_paused = self.has_role(Role::Blocking);
        if self.is_requested() || !state.order_restart(only_paused) {
            return false;
        }
        // Its runs look for an order if it is polled closely.
        self.mode.fetch_or(ORDERED, Relaxed);
        let (own, wakers) = (state.waker.clone(), state.take_wakers());
        drop(state);
        waiter::wake(own, wakers);
        true
    }
}
