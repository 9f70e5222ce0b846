//! What a supervisor owns: tasks, and other supervisors that stop before them.

mod end;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::failure::Failure;
use crate::policy::Reason;
use crate::shutdown::stop;
use crate::shutdown::task::{Origin, Role, Task};

/// How long it may take until one of the tasks that are dropped is gone: longer
/// than a thread is busy that resolves the stack of a panic.
pub(crate) const DROP_TIME: Duration = Duration::from_millis(500);

/// How many groups that are nobody's child were told to shut down.
static ENDING: AtomicUsize = AtomicUsize::new(0);

/// Whether a supervisor that is nobody's child was told to shut down, and is
/// still there: the process is on its way to its end.
#[cfg(feature = "http")]
pub(crate) fn any_ends() -> bool {
    ENDING.load(Relaxed) > 0
}

/// The tasks of one supervisor, and where it is on its way to the end.
#[derive(Default)]
pub(crate) struct Group {
    parent: Option<Arc<Group>>,
    state: Mutex<State>,
    /// Told when something changes that somebody may wait for.
    changed: Notify,
}

struct State {
    grace: Duration,
    phase: Phase,
    /// When the grace period is over; it begins with the first who sees to the
    /// shutdown.
    deadline: Option<Instant>,
    tasks: Vec<Arc<Task>>,
    children: Vec<Weak<Group>>,
    /// Those who wait for the end, and see to it meanwhile.
    waiting: u32,
    /// That of the first task: stops the others if nobody waits.
    runtime: Option<Handle>,
    critical: Option<Arc<CriticalEnd>>,
    unstopped: Vec<Unstopped>,
    #[cfg(feature = "tokio-util")]
    token: Option<tokio_util::sync::CancellationToken>,
    /// What watches the token that it was made from.
    #[cfg(feature = "tokio-util")]
    watch: Option<crate::shutdown::watch::Watch>,
}

/// Where a supervisor is on its way to the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// No shutdown was requested.
    #[default]
    Up,
    /// Its children stop first.
    Waiting,
    /// Its tasks were told, and some of them dropped.
    Stopping {
        since: Instant,
    },
    /// What is left of its tasks is being dropped.
    Dropping {
        /// How many there were,
        left: usize,
        /// and when there should be fewer.
        deadline: Instant,
    },
    /// Somebody is saying which of them are still there.
    Concluding,
    Stopped,
}

/// A critical worker ended before a shutdown was requested.
#[derive(Debug)]
pub(crate) struct CriticalEnd {
    pub(crate) worker: &'static str,
    pub(crate) reason: Reason,
    pub(crate) failure: Option<Failure>,
}

/// A worker that did not stop when it was told to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unstopped {
    pub(crate) worker: &'static str,
    /// Whether it could not even be dropped.
    pub(crate) still_running: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(10),
            phase: Phase::Up,
            deadline: None,
            tasks: Vec::new(),
            children: Vec::new(),
            waiting: 0,
            runtime: None,
            critical: None,
            unstopped: Vec::new(),
            #[cfg(feature = "tokio-util")]
            token: None,
            #[cfg(feature = "tokio-util")]
            watch: None,
        }
    }
}

impl Group {
    /// A group that stops before this one, within half of its grace period.
    pub(crate) fn child(self: &Arc<Self>) -> Arc<Self> {
        let mut state = self.state();
        let child = Arc::new(Self {
            parent: Some(Arc::clone(self)),
            state: Mutex::new(State {
                grace: state.grace / 2,
                phase: match state.phase {
                    Phase::Up => Phase::Up,
                    // Nothing can begin any more, so there is nothing to stop.
                    _ => Phase::Stopped,
                },
                ..State::default()
            }),
            changed: Notify::new(),
        });
        if state.children.len() == state.children.capacity() {
            state.children.retain(|child| child.strong_count() > 0);
        }
        state.children.push(Arc::downgrade(&child));
        child
    }

    pub(crate) fn grace(&self) -> Duration {
        self.state().grace
    }

    pub(crate) fn set_grace(&self, grace: Duration) {
        self.state().grace = grace;
    }

    /// Takes in a task, or refuses it, if a shutdown was requested: then it is
    /// one that was told already. The task, and whether it was refused.
    pub(crate) fn join(self: &Arc<Self>, origin: Origin, role: Role) -> (Arc<Task>, bool) {
        let mut state = self.state();
        match state.phase {
            Phase::Up => (state.add(self, origin, role), false),
            _ => (self.refuse(origin), true),
        }
    }

    /// Takes in what one of its tasks spawns, as long as that may run itself.
    pub(crate) fn admit(self: &Arc<Self>, origin: Origin, role: Role) -> (Arc<Task>, bool) {
        let mut state = self.state();
        match state.phase {
            Phase::Up | Phase::Waiting => (state.add(self, origin, role), false),
            Phase::Stopping { .. } => {
                let task = state.add(self, origin, role);
                task.is_late();
                (task, false)
            }
            Phase::Dropping { .. } | Phase::Concluding | Phase::Stopped => {
                (self.refuse(origin), true)
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn refuse(self: &Arc<Self>, origin: Origin) -> Arc<Task> {
        Arc::new(Task::refused(Arc::clone(self), origin))
    }

    /// Lets go of a task that is gone, or is no longer waited for.
    #[expect(clippy::inline_always, reason = "one call less at each end")]
    #[inline(always)]
    pub(crate) fn leave(&self, task: &Task) {
        let mut state = self.state();
        let index = task.index.load(Relaxed) as usize;
        if index >= state.tasks.len() {
            return;
        }
        let gone = state.tasks.swap_remove(index);
        gone.index.store(NOWHERE, Relaxed);
        if let Some(moved) = state.tasks.get(index) {
            moved.index.store(place(index), Relaxed);
        }
        let is_empty = state.tasks.is_empty();
        drop(state);
        drop(gone);
        if is_empty {
            self.tell();
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.phase() == Phase::Up
    }

    fn phase(&self) -> Phase {
        self.state().phase
    }

    pub(crate) fn is_child(&self) -> bool {
        self.parent.is_some()
    }

    /// Whether no task is left, here and in the children.
    pub(crate) fn is_idle(&self) -> bool {
        self.is_empty() && self.children().iter().all(|child| child.is_idle())
    }

    fn is_empty(&self) -> bool {
        self.state().tasks.is_empty()
    }

    pub(crate) fn tasks(&self) -> usize {
        self.state().tasks.len()
    }

    pub(crate) fn children(&self) -> Vec<Arc<Self>> {
        let state = self.state();
        state.children.iter().filter_map(Weak::upgrade).collect()
    }

    /// The first critical worker that ended, and those that did not stop, of the
    /// children as well.
    pub(crate) fn result(&self) -> (Option<Arc<CriticalEnd>>, Vec<Unstopped>) {
        let state = self.state();
        (state.critical.clone(), state.unstopped.clone())
    }

    /// One more, or one less, who waits for the end.
    pub(crate) fn waits(self: &Arc<Self>) -> Waits {
        self.state().waiting += 1;
        Waits(Arc::clone(self))
    }

    /// Ready once that is so of the group.
    pub(crate) async fn until(&self, is: impl Fn(&Self) -> bool) {
        loop {
            let mut notified = std::pin::pin!(self.changed.notified());
            notified.as_mut().enable();
            if is(self) {
                return;
            }
            notified.await;
        }
    }

    fn tell(&self) {
        self.changed.notify_waiters();
        if let Some(parent) = &self.parent {
            parent.tell();
        }
    }

    #[cfg(feature = "tokio-util")]
    pub(crate) fn token(&self) -> tokio_util::sync::CancellationToken {
        let mut state = self.state();
        let token = state.token.get_or_insert_default().clone();
        let requested = state.phase != Phase::Up;
        drop(state);
        if requested {
            token.cancel();
        }
        token
    }

    /// Shuts down when `token` is cancelled.
    #[cfg(feature = "tokio-util")]
    pub(crate) fn heed(&self, token: tokio_util::sync::CancellationToken) {
        self.state().watch = Some(crate::shutdown::watch::Watch::new(token));
    }

    /// Begins to watch the token that it was made from, the first time that it
    /// is called.
    #[cfg(feature = "tokio-util")]
    pub(crate) fn watch(self: &Arc<Self>) {
        let group = Arc::downgrade(self);
        let watched = self
            .state()
            .watch
            .as_mut()
            .and_then(super::watch::Watch::take);
        if let Some(token) = watched {
            // Outside the lock, as it is tokio's turn.
            let task = crate::shutdown::watch::spawn(token, group);
            if let Some(watch) = &mut self.state().watch {
                watch.set(task);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing of the user's runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A worker may have a supervisor of its own in each run.
impl Drop for Group {
    fn drop(&mut self) {
        if !self.is_child() && !self.is_up() {
            ENDING.fetch_sub(1, Relaxed);
        }
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Group")
            .field("grace", &state.grace)
            .field("phase", &state.phase)
            .field("tasks", &state.tasks.len())
            .finish_non_exhaustive()
    }
}

impl State {
    #[expect(clippy::inline_always, reason = "one call less at each start")]
    #[inline(always)]
    fn add(&mut self, group: &Arc<Group>, origin: Origin, role: Role) -> Arc<Task> {
        let place = place(self.tasks.len());
        let task = Arc::new(Task::new(Arc::clone(group), origin, role, place));
        self.tasks.push(Arc::clone(&task));
        if self.runtime.is_none() {
            self.is_first();
        }
        task
    }

    #[cold]
    #[inline(never)]
    fn is_first(&mut self) {
        self.runtime = Handle::try_current().ok();
    }
}

/// Somebody waits for the end of a group.
pub(crate) struct Waits(Arc<Group>);

/// What nobody waits for any more is stopped in the background.
impl Drop for Waits {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.waiting -= 1;
        let is_under_way = !matches!(state.phase, Phase::Up | Phase::Stopped);
        let runtime = state.runtime.clone().filter(|_| state.waiting == 0);
        drop(state);
        if let (true, Some(runtime)) = (is_under_way, runtime) {
            #[expect(clippy::disallowed_methods, reason = "no code of a user's is in it")]
            runtime.spawn(stop::stop(Arc::clone(&self.0)));
        }
    }
}

/// The index of a task that is in no list.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// What a task has of its index: there is no memory for more tasks.
fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(NOWHERE)
}

/// Where the clock ends it is as good as never.
pub(crate) fn after(now: Instant, time: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(30 * 365 * 86_400);
    now.checked_add(time.min(FAR)).unwrap_or(now)
}
