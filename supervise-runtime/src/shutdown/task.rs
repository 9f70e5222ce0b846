//! A spawned task, the unit of a shutdown: what is in it, and whether anything
//! in it has asked to be told.

mod orders;
mod stage;
mod state;
mod waiter;
mod workers;

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use tokio::task::AbortHandle;

pub(crate) use self::stage::any_is_requested;
use self::stage::{Stage, StageCell};
pub(crate) use self::state::Member;
use self::state::{Asked, State};
pub(crate) use self::waiter::Waiter;
use crate::registry::Entry;
use crate::shutdown::group::{Group, NOWHERE};
use crate::shutdown::tasks;

/// One spawned task of a supervisor.
pub(crate) struct Task {
    pub(crate) group: Arc<Group>,
    origin: Origin,
    /// Where it is in the list of its group; of use under that list's lock.
    pub(crate) index: AtomicU32,
    /// A `Mode`, with flags: `STOPPING`, once it was told to stop and given time,
    /// `ORDERED`, while a restart is to be carried out, and those of its `Role`.
    mode: AtomicU8,
    /// Whether it is counted as something of its own, being no worker.
    is_counted: AtomicBool,
    /// Changes under the lock of the state, beside which it can be read.
    stage: StageCell,
    state: Mutex<State>,
}

const STOPPING: u8 = 0x80;
const ORDERED: u8 = 0x10;
const FLAGS: u8 = STOPPING | ORDERED | Role::Blocking as u8 | Role::Child as u8;

/// What a shutdown has to do with a task.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Role {
    /// It is told, and dropped.
    Own = 0,
    /// It has a thread of its own, and can't be dropped once it has begun.
    Blocking = 0x40,
    /// It belongs to a run of another one, and is dropped with it.
    Child = 0x20,
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
enum Mode {
    /// It was not polled yet.
    New,
    /// It is in its first poll.
    First,
    /// There are workers in it, whose runs contain what happens there.
    Worker,
    /// There is none in it.
    Plain,
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
    #[inline]
    pub(crate) fn new(group: Arc<Group>, origin: Origin, role: Role, place: u32) -> Self {
        Self {
            group,
            origin,
            index: AtomicU32::new(place),
            mode: AtomicU8::new(Mode::New as u8 | role as u8),
            is_counted: AtomicBool::new(false),
            stage: StageCell::new(Stage::Up),
            state: Mutex::default(),
        }
    }

    /// One that has no place in its group: it was told to stop, and is dropped as
    /// soon as it can be.
    pub(crate) fn refused(group: Arc<Group>, origin: Origin) -> Self {
        Self {
            stage: StageCell::new(Stage::Dropped),
            ..Self::new(group, origin, Role::Own, NOWHERE)
        }
    }

    /// It begins when the shutdown was requested already, by what has asked for
    /// time to stop, and has the rest of that time.
    pub(crate) fn is_late(&self) {
        let mut state = self.state();
        self.stage.set(Stage::Requested);
        state.asked = Asked::Inherited;
        self.mode.fetch_or(STOPPING, Relaxed);
    }

    /// Whether there is nothing to see to when it is polled.
    #[inline]
    pub(crate) fn is_in_good_hands(&self) -> bool {
        self.mode.load(Relaxed) == Mode::Worker as u8
    }

    #[inline]
    pub(crate) fn was_polled(&self) -> bool {
        !self.is(Mode::New)
    }

    #[inline]
    fn is(&self, mode: Mode) -> bool {
        self.mode.load(Relaxed) & !FLAGS == mode as u8
    }

    #[inline]
    fn has_role(&self, role: Role) -> bool {
        self.mode.load(Relaxed) & role as u8 != 0
    }

    pub(crate) fn is_child(&self) -> bool {
        self.has_role(Role::Child)
    }

    /// Whether it is a closure that has begun, and can't be dropped.
    pub(crate) fn has_thread(&self) -> bool {
        self.has_role(Role::Blocking) && self.was_polled()
    }

    /// Under the lock of the state.
    fn set_mode(&self, mode: Mode) {
        let flags = self.mode.load(Relaxed) & FLAGS;
        self.mode.store(mode as u8 | flags, Relaxed);
    }

    /// It can be dropped from here on, and is if that was to happen already.
    pub(crate) fn can_be_dropped(&self, abort: AbortHandle) {
        let mut state = self.state();
        if self.stage.get() < Stage::Dropped {
            state.abort = Some(abort);
        } else {
            drop(state);
            abort.abort();
        }
    }

    pub(crate) fn may_begin(&self) -> bool {
        self.stage.get() < Stage::Dropped
    }

    /// Its first poll begins, unless it was told to stop before.
    pub(crate) fn begin(this: &Arc<Self>, waker: &Waker) -> bool {
        let waker = waker.clone();
        let mut state = this.state();
        if this.stage.get() >= Stage::Dropped {
            return false;
        }
        state.waker = Some(waker);
        this.set_mode(Mode::First);
        drop(state);
        tasks::begin(this);
        true
    }

    /// Its first poll is over: what entered no run of a worker is none.
    #[inline]
    pub(crate) fn first_poll_is_over(&self) {
        tasks::beginning_is_over();
        if self.is(Mode::First) {
            self.is_plain();
        }
    }

    #[inline(never)]
    fn is_plain(&self) {
        let state = self.state();
        self.set_mode(Mode::Plain);
        let was_to_be_worker = state.has_refused;
        drop(state);
        if !was_to_be_worker {
            self.count();
        }
    }

    /// A poll is over that was not the last: if all that is left in it waits for
    /// ever, nobody waits for it.
    #[inline]
    pub(crate) fn poll_is_over(&self) {
        if self.mode.load(Relaxed) & STOPPING != 0 {
            self.drop_if_idle();
        }
    }

    #[inline(never)]
    fn drop_if_idle(&self) {
        let mut state = self.state();
        if self.stage.get() == Stage::Requested && state.is_idle() {
            let abort = self.told_to_drop(&mut state);
            drop(state);
            abort_by(abort);
        }
    }

    /// It is gone.
    pub(crate) fn end(this: &Arc<Self>) {
        if this.was_polled() {
            tasks::leave();
        }
        this.group.leave(this);
        let somebody_has_it = Arc::strong_count(this) > 1;
        if somebody_has_it || this.is(Mode::Worker) {
            this.tell_end();
        }
    }

    /// Tells who has it still; what was ordered of workers that it leaves behind is
    /// not carried out any more.
    #[inline(never)]
    fn tell_end(&self) {
        let mut state = self.state();
        self.stage.set(match self.stage.get() {
            Stage::Up => Stage::Gone,
            _ => Stage::Stopped,
        });
        state.forget_orders();
        let handles = (state.waker.take(), state.abort.take());
        let wakers = state.take_wakers();
        drop(state);
        drop(handles);
        waiter::wake(None, wakers);
    }
}

/// What others want to know of it.
impl Task {
    #[inline]
    pub(crate) fn is_requested(&self) -> bool {
        self.stage.get() > Stage::Up
    }

    #[inline]
    pub(crate) fn has_ended(&self) -> bool {
        self.stage.get() >= Stage::Gone
    }

    /// Ready once it is gone.
    pub(crate) fn ended(self: &Arc<Self>) -> impl Future<Output = ()> + use<> {
        let mut waiter = Waiter::new(Arc::clone(self));
        poll_fn(move |cx| waiter.poll(cx.waker(), Self::has_ended))
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
    #[inline]
    pub(crate) fn counted_as(&self) -> Option<&'static Entry> {
        if self.is_counted.load(Relaxed) {
            self.own()
        } else {
            None
        }
    }

    #[inline(never)]
    fn own(&self) -> Option<&'static Entry> {
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
        match (self.stage.get(), state.asked) {
            (Stage::Up | Stage::Gone, _) => None,
            // What is dropped after it belongs to it: a child.
            (Stage::Requested | Stage::Stopped, _) => Some(Stopped::ByItself),
            (Stage::Dropped, Asked::Never) => Some(Stopped::NeverAsked),
            (Stage::Dropped, _) => Some(Stopped::Overran),
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        let state = self.state();
        match self.stage.get() {
            Stage::Gone | Stage::Stopped => Progress::Ended,
            Stage::Requested | Stage::Dropped => Progress::Stopping,
            Stage::Up if state.waker.is_none() => Progress::New,
            Stage::Up if !state.is_between_runs() => Progress::Running,
            Stage::Up if state.waits => Progress::Waiting,
            Stage::Up => Progress::Scheduled,
        }
    }
}

impl Task {
    /// Tokio is to drop it, which is up to the caller; outside the lock.
    fn told_to_drop(&self, state: &mut State) -> Option<AbortHandle> {
        self.stage.set(Stage::Dropped);
        state.abort.take()
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

/// Outside the lock: tokio may drop the task right here, and with it anything
/// of the user's.
fn abort_by(abort: Option<AbortHandle>) {
    if let Some(abort) = abort {
        abort.abort();
    }
}
