//! What the workers in a task say to it.

use std::sync::atomic::Ordering::Relaxed;

use super::stage::Stage;
use super::state::{Asked, Member, State};
use super::{Mode, ORDERED, Task};
use crate::place::Places;
use crate::registry::Entry;

impl Task {
    /// A worker in it begins its first run, which it may not after the request.
    #[inline]
    pub(crate) fn first_run_begins(&self, worker: Member) -> bool {
        let mut state = self.state();
        if self.is_requested() {
            state.has_refused = true;
            self.look_again(&state);
            return false;
        }
        state.add(worker);
        self.set_mode(Mode::Worker);
        true
    }

    /// A worker in it begins a run after a pause, which it may not after the
    /// request.
    pub(crate) fn next_run_begins(&self, worker: &'static Entry) -> bool {
        let mut state = self.state();
        if self.is_requested() {
            self.look_again(&state);
            return false;
        }
        state.set_paused(worker, false);
        true
    }

    /// A worker in it is between two runs.
    pub(crate) fn run_pauses(&self, worker: Member, after_failure: bool) {
        let mut state = self.state();
        if worker.is_outermost {
            state.waits = after_failure;
        }
        state.set_paused(worker.entry, true);
        self.look_again(&state);
    }

    /// A worker in it is gone, whatever it was doing.
    #[inline]
    pub(crate) fn worker_left(&self, entry: &'static Entry, was_paused: bool) {
        let mut state = self.state();
        state.remove(entry, was_paused);
        if !state.has_workers() {
            // What else happens in it is not contained by a run.
            self.set_mode(Mode::Plain);
        }
        self.look_again(&state);
    }

    /// Whether the restart was ordered of a worker in it, which carries it out.
    pub(crate) fn take_restart(&self, entry: &'static Entry, is_paused: bool) -> bool {
        let mut state = self.state();
        let is_ordered = state.take_restart(entry, is_paused);
        if !state.has_orders() {
            self.mode.fetch_and(!ORDERED, Relaxed);
        }
        // What was told to stop meanwhile stops.
        is_ordered && !self.is_requested()
    }

    /// Something in it wants to be told of the shutdown, which does not help
    /// once that is requested.
    ///
    /// `run` is by its places the run that asks, if it is one.
    pub(crate) fn ask(&self, run: Option<&'static Places>) {
        let mut state = self.state();
        if self.is_requested() && state.asked != Asked::Inherited {
            return;
        }
        if let Some(places) = run {
            state.asked = state.asked.max(Asked::InRuns);
            state.mark_asked(places);
        } else {
            state.asked = Asked::OutsideOfThem;
        }
    }

    /// What it is counted as from now on, being no worker.
    pub(crate) fn count(&self) -> &'static Entry {
        self.counted_as().unwrap_or_else(|| {
            let entry = (self.origin.entry)(self.origin.location);
            entry.task_started();
            self.state().more().own = Some(entry);
            self.is_counted.store(true, Relaxed);
            entry
        })
    }

    /// Something changed in it that was given time: once this poll is over, and the
    /// code around has done what it does about it, it is to be looked at.
    fn look_again(&self, state: &State) {
        if let (Stage::Requested, Some(waker)) = (self.stage.get(), &state.waker) {
            // In its own poll that is tokio's business alone.
            waker.wake_by_ref();
        }
    }
}
