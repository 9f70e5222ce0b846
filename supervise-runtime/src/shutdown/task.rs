//! A spawned task, the unit of a shutdown: what is in it, and whether anything
//! in it has asked to be told.

mod state;

use std::fmt;
use std::mem;
use std::panic::Location;
use std::pin::pin;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use tokio::sync::Notify;
use tokio::task::AbortHandle;

use self::state::{Asked, Stage, State};
use crate::registry::Entry;
use crate::shutdown::group::Group;

/// Restarts that were ordered and not yet carried out, of all tasks: as long as
/// there are none, a run that is polled has one number to look at.
static ORDERED: AtomicU32 = AtomicU32::new(0);

/// Whether a restart was ordered that some run is to find out about.
#[inline]
pub(crate) fn any_restart_ordered() -> bool {
    ORDERED.load(Relaxed) > 0
}

/// One spawned task of a supervisor.
pub(crate) struct Task {
    pub(crate) group: Arc<Group>,
    origin: Origin,
    /// Where it is in the list of its group; of use under that list's lock.
    pub(crate) index: AtomicUsize,
    mode: AtomicU8,
    state: Mutex<State>,
}

/// Where a task comes from.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    /// Where it was spawned.
    pub(crate) location: &'static Location<'static>,
    /// What it is counted as if it is no worker.
    pub(crate) entry: fn(&'static Location<'static>) -> &'static Entry,
}

/// What a task turned out to be.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Mode {
    /// It was not polled yet.
    New,
    /// It is in its first poll.
    First,
    /// There are workers in it, whose runs contain what happens there.
    Worker,
    /// There is none in it.
    Plain,
}

/// An outermost worker of a task.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    pub(crate) entry: &'static Entry,
    /// Whether its policy has it run more than once.
    pub(crate) restartable: bool,
}

/// How something ended that was dropped when its task was to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// By the code around it.
    ByItself,
    /// At once: nothing in its task had asked.
    NeverAsked,
    /// It had asked, and did not stop within the grace period.
    Overran,
}

/// What a task is doing, for the outside world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    New,
    Running,
    Waiting,
    Scheduled,
    Stopping,
    Ended,
}

/// Its life.
impl Task {
    /// A task that is refused was told to stop, and is dropped as soon as it
    /// can be.
    pub(crate) fn new(group: Arc<Group>, origin: Origin, is_refused: bool) -> Self {
        let stage = if is_refused {
            Stage::Dropped
        } else {
            Stage::Up
        };
        Self {
            group,
            origin,
            index: AtomicUsize::new(usize::MAX),
            mode: AtomicU8::new(Mode::New as u8),
            state: Mutex::new(State::at(stage)),
        }
    }

    #[inline]
    pub(crate) fn mode(&self) -> Mode {
        let mode = self.mode.load(Relaxed);
        let modes = [Mode::Worker, Mode::Plain, Mode::First];
        let known = modes.into_iter().find(|known| *known as u8 == mode);
        known.unwrap_or(Mode::New)
    }

    pub(crate) fn set_mode(&self, mode: Mode) {
        self.mode.store(mode as u8, Relaxed);
    }

    /// It can be dropped from here on, and is if that was to happen already.
    pub(crate) fn can_be_dropped(&self, abort: AbortHandle) {
        let mut state = self.state();
        match state.stage {
            Stage::Up | Stage::Requested => state.abort = Some(abort),
            Stage::Dropped => {
                drop(state);
                abort.abort();
            }
            Stage::Gone => {}
        }
    }

    /// Its first poll begins, unless it was told to stop before.
    pub(crate) fn begin(&self, waker: &Waker) -> bool {
        let mut state = self.state();
        if state.stage > Stage::Up {
            return false;
        }
        state.waker = Some(waker.clone());
        self.set_mode(Mode::First);
        true
    }

    /// It is gone.
    pub(crate) fn end(&self) {
        let mut state = self.state();
        state.stage = Stage::Gone;
        if state.restarts > 0 {
            ORDERED.fetch_sub(mem::take(&mut state.restarts), Relaxed);
        }
        let handles = (state.waker.take(), state.abort.take());
        let changed = state.changed();
        drop(state);
        drop(handles);
        tell(changed);
    }
}

/// What the workers in it say.
impl Task {
    /// One of its outermost workers begins a run, which it may not after the
    /// request.
    pub(crate) fn run_begins(&self, worker: Member, is_first: bool) -> bool {
        let mut state = self.state();
        if state.stage > Stage::Up {
            state.paused += u32::from(is_first);
            drop_if_idle(state);
            return false;
        }
        if is_first {
            state.add(worker.entry);
            state.restartable += u32::from(worker.restartable);
            self.set_mode(Mode::Worker);
        } else {
            state.paused = state.paused.saturating_sub(1);
        }
        state.running += 1;
        true
    }

    /// One of its outermost workers is between two runs.
    pub(crate) fn run_pauses(&self, after_failure: bool) {
        let mut state = self.state();
        state.waits = after_failure;
        state.running = state.running.saturating_sub(1);
        state.paused += 1;
        drop_if_idle(state);
    }

    /// One of its outermost workers is gone, whatever it was doing.
    pub(crate) fn worker_left(&self, worker: Member, was_paused: bool) {
        let mut state = self.state();
        let count = if was_paused {
            &mut state.paused
        } else {
            &mut state.running
        };
        *count = count.saturating_sub(1);
        if worker.restartable {
            state.restartable = state.restartable.saturating_sub(1);
        }
        state.remove(worker.entry);
        if !state.has_workers() {
            // What else happens in it is not contained by a run.
            self.set_mode(Mode::Plain);
        }
        drop_if_idle(state);
    }

    /// The order to restart, if there is one for the outermost worker that asks
    /// and has carried out `last`.
    pub(crate) fn take_restart(&self, last: u32) -> Option<u32> {
        let mut state = self.state();
        if state.restarts == 0 || state.order == last {
            return None;
        }
        state.restarts -= 1;
        ORDERED.fetch_sub(1, Relaxed);
        // What was told to stop meanwhile stops.
        (state.stage == Stage::Up).then_some(state.order)
    }

    /// Something in it wants to be told of the shutdown, which does not help
    /// once that is requested.
    pub(crate) fn ask(&self, in_a_run: bool) {
        let mut state = self.state();
        if state.stage == Stage::Up {
            state.asked = state.asked.max(if in_a_run {
                Asked::InRuns
            } else {
                Asked::OutsideOfThem
            });
        }
    }

    /// What it is counted as from now on, being no worker.
    pub(crate) fn count(&self) -> &'static Entry {
        self.counted_as().unwrap_or_else(|| {
            let entry = (self.origin.entry)(self.origin.location);
            entry.started(None);
            self.state().more().own = Some(entry);
            entry
        })
    }
}

/// What others want to know of it.
impl Task {
    pub(crate) fn is_requested(&self) -> bool {
        self.state().stage > Stage::Up
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.state().stage == Stage::Gone
    }

    /// Ready once its shutdown was requested.
    pub(crate) async fn requested(&self) {
        self.until(Self::is_requested).await;
    }

    /// Ready once it is gone.
    pub(crate) async fn ended(&self) {
        self.until(Self::has_ended).await;
    }

    async fn until(&self, is: impl Fn(&Self) -> bool) {
        let changed = Arc::clone(&self.state().more().changed);
        loop {
            let mut notified = pin!(changed.notified());
            notified.as_mut().enable();
            if is(self) {
                return;
            }
            notified.await;
        }
    }

    /// A token that is cancelled at the request.
    #[cfg(feature = "tokio-util")]
    pub(crate) fn token(&self) -> tokio_util::sync::CancellationToken {
        let token = self.state().more().token.get_or_insert_default().clone();
        if self.is_requested() {
            token.cancel();
        }
        token
    }

    /// What it is counted as, being no worker.
    pub(crate) fn counted_as(&self) -> Option<&'static Entry> {
        self.state().own()
    }

    /// What is in it: its outermost workers, else what it is counted as.
    pub(crate) fn entries(&self) -> Vec<&'static Entry> {
        self.state().entries()
    }

    /// The names of what is in it.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let mut entries = self.entries();
        if entries.is_empty() {
            // In its first poll or before it, and so far no worker.
            entries.push((self.origin.entry)(self.origin.location));
        }
        entries.into_iter().map(|entry| entry.name).collect()
    }

    /// How something in it ends that is dropped now; `None` if that is nobody's
    /// wish.
    pub(crate) fn stopped(&self) -> Option<Stopped> {
        let state = self.state();
        match (state.stage, state.asked) {
            (Stage::Up | Stage::Gone, _) => None,
            (Stage::Requested, _) => Some(Stopped::ByItself),
            (Stage::Dropped, Asked::Never) => Some(Stopped::NeverAsked),
            (Stage::Dropped, _) => Some(Stopped::Overran),
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        let state = self.state();
        match state.stage {
            Stage::Gone => Progress::Ended,
            Stage::Requested | Stage::Dropped => Progress::Stopping,
            Stage::Up if state.waker.is_none() => Progress::New,
            Stage::Up if state.running > 0 || state.paused == 0 => Progress::Running,
            Stage::Up if state.waits => Progress::Waiting,
            Stage::Up => Progress::Scheduled,
        }
    }
}

/// What its supervisor and its handle do.
impl Task {
    /// Requests its shutdown. It is dropped at once if nothing in it has asked,
    /// or if all that is left in it waits for a restart.
    pub(crate) fn request(&self) {
        let mut state = self.state();
        if state.stage > Stage::Up {
            return;
        }
        state.stage = Stage::Requested;
        let abort = if state.asked == Asked::Never || state.is_idle() {
            state.drop_now()
        } else {
            None
        };
        let changed = state.changed();
        #[cfg(feature = "tokio-util")]
        let token = state.token();
        drop(state);
        abort_by(abort);
        tell(changed);
        #[cfg(feature = "tokio-util")]
        if let Some(token) = token {
            token.cancel();
        }
    }

    /// The grace period is over; whether that was still to be said.
    pub(crate) fn drop_now(&self) -> bool {
        let mut state = self.state();
        if state.stage >= Stage::Dropped {
            return false;
        }
        let abort = state.drop_now();
        drop(state);
        abort_by(abort);
        true
    }

    /// Orders the restart of its outermost workers; whether there is one that
    /// can be.
    pub(crate) fn restart(&self) -> bool {
        let mut state = self.state();
        if state.restartable == 0 || state.stage > Stage::Up {
            return false;
        }
        ORDERED.fetch_add(state.restartable.saturating_sub(state.restarts), Relaxed);
        state.restarts = state.restarts.max(state.restartable);
        // Zero is what carries out none.
        state.order = state.order.checked_add(1).unwrap_or(1);
        let waker = state.waker.clone();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing of the user's runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let workers = self.entries().into_iter().map(|entry| entry.name);
        f.debug_struct("Task")
            .field("workers", &workers.collect::<Vec<_>>())
            .field("progress", &self.progress())
            .finish_non_exhaustive()
    }
}

/// What is between two runs never runs again, so there is nothing to wait for.
fn drop_if_idle(mut state: MutexGuard<'_, State>) {
    if state.stage == Stage::Requested && state.is_idle() {
        let abort = state.drop_now();
        drop(state);
        abort_by(abort);
    }
}

/// Outside the lock: tokio may drop the task right here, and with it anything
/// of the user's.
fn abort_by(abort: Option<AbortHandle>) {
    if let Some(abort) = abort {
        abort.abort();
    }
}

fn tell(changed: Option<Arc<Notify>>) {
    if let Some(changed) = changed {
        changed.notify_waiters();
    }
}
