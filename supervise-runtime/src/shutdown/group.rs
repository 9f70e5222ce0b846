//! What a supervisor owns: tasks, and other supervisors that stop before them.

use std::collections::BTreeMap;
use std::fmt;
use std::iter::repeat_n;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::failure::Failure;
use crate::log;
use crate::policy::Reason;
use crate::shutdown::stop;
use crate::shutdown::task::{Origin, Task};

/// How long a task that is dropped may take for it: its destructors.
pub(crate) const DROP_TIME: Duration = Duration::from_millis(100);

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
    /// Its tasks were told.
    Stopping {
        /// When the grace period is over; it begins with the first who sees to it.
        deadline: Option<Instant>,
    },
    /// What is left of its tasks is being dropped.
    Dropping {
        /// When that should be done.
        deadline: Instant,
    },
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

impl State {
    /// Adds so many workers of each name, which still run, to those that did not
    /// stop. Most are there already, as they were told to be dropped.
    fn add_running(&mut self, mut running: BTreeMap<&'static str, usize>) {
        for known in &mut self.unstopped {
            if let Some(more @ 1..) = running.get_mut(known.worker) {
                *more -= 1;
                known.still_running = true;
            }
        }
        for (worker, more) in running {
            let still_running = true;
            let unknown = Unstopped {
                worker,
                still_running,
            };
            self.unstopped.extend(repeat_n(unknown, more));
        }
    }
}

impl Group {
    /// A group that stops before this one, with the same grace period.
    pub(crate) fn child(self: &Arc<Self>) -> Arc<Self> {
        let mut state = self.state();
        let child = Arc::new(Self {
            parent: Some(Arc::clone(self)),
            state: Mutex::new(State {
                grace: state.grace,
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
    pub(crate) fn join(self: &Arc<Self>, origin: Origin) -> (Arc<Task>, bool) {
        let mut state = self.state();
        let is_refused = state.phase != Phase::Up;
        let task = Arc::new(Task::new(Arc::clone(self), origin, is_refused));
        if !is_refused {
            task.index.store(state.tasks.len(), Relaxed);
            state.tasks.push(Arc::clone(&task));
            if state.runtime.is_none() {
                state.runtime = Handle::try_current().ok();
            }
        }
        (task, is_refused)
    }

    /// Lets go of a task that is gone.
    pub(crate) fn leave(&self, task: &Task) {
        let mut state = self.state();
        let index = task.index.load(Relaxed);
        if index >= state.tasks.len() {
            return;
        }
        let gone = state.tasks.swap_remove(index);
        if let Some(moved) = state.tasks.get(index) {
            moved.index.store(index, Relaxed);
        }
        let is_empty = state.tasks.is_empty();
        drop(state);
        drop(gone);
        if is_empty {
            self.tell();
        }
    }

    /// Requests the shutdown: of the children first, or, if there are none, of
    /// the tasks at once.
    pub(crate) fn request(self: &Arc<Self>, cause: &str) {
        let mut state = self.state();
        if state.phase != Phase::Up {
            return;
        }
        state.phase = Phase::Waiting;
        let tasks = state.tasks.len();
        let nobody_waits = state.waiting == 0;
        let runtime = state.runtime.clone();
        #[cfg(feature = "tokio-util")]
        let token = state.token.clone();
        drop(state);
        log::shutting_down(cause, tasks);
        #[cfg(feature = "tokio-util")]
        if let Some(token) = token {
            token.cancel();
        }
        for child in self.children() {
            child.request(cause);
        }
        self.proceed();
        self.tell();
        if let Some(runtime) = runtime.filter(|_| nobody_waits) {
            runtime.spawn(stop::stop(Arc::clone(self)));
        }
    }

    /// Tells the tasks, once the children have stopped.
    pub(crate) fn proceed(&self) {
        let children = self.children();
        let mut state = self.state();
        let stopped = |child: &Arc<Self>| child.phase() == Phase::Stopped;
        if state.phase != Phase::Waiting || !children.iter().all(stopped) {
            return;
        }
        state.phase = Phase::Stopping { deadline: None };
        let tasks = state.tasks.clone();
        drop(state);
        for task in tasks {
            task.request();
        }
    }

    /// Does what is due by now; until when there is nothing more to do, unless
    /// something changes. `None` at the end.
    pub(crate) fn advance(&self) -> Option<Instant> {
        let now = Instant::now();
        let mut state = self.state();
        let is_empty = state.tasks.is_empty();
        let grace = state.grace;
        match &mut state.phase {
            Phase::Up | Phase::Waiting => Some(after(now, Duration::MAX)),
            Phase::Stopping { deadline } => {
                let deadline = *deadline.get_or_insert_with(|| after(now, grace));
                if !is_empty && now < deadline {
                    return Some(deadline);
                }
                let deadline = after(now, DROP_TIME);
                state.phase = Phase::Dropping { deadline };
                drop(state);
                if self.drop_tasks() {
                    Some(deadline)
                } else {
                    self.conclude();
                    None
                }
            }
            Phase::Dropping { deadline } => {
                let deadline = *deadline;
                if !is_empty && now < deadline {
                    return Some(deadline);
                }
                drop(state);
                self.conclude();
                None
            }
            Phase::Stopped => None,
        }
    }

    /// Ends the grace period, of the children as well.
    #[cfg(feature = "signal")]
    pub(crate) fn end_grace(&self) {
        let mut state = self.state();
        state.grace = Duration::ZERO;
        if let Phase::Stopping { deadline } = &mut state.phase {
            *deadline = Some(Instant::now());
        }
        drop(state);
        for child in self.children() {
            child.end_grace();
        }
        self.tell();
    }

    /// The grace period is over: drops the tasks that are left. Whether there
    /// are any that were not told to tokio before.
    fn drop_tasks(&self) -> bool {
        let tasks = self.state().tasks.clone();
        let mut dropped = false;
        for task in tasks {
            let entries = task.entries();
            if task.drop_now() {
                dropped = true;
                let overran = entries.into_iter().map(|entry| Unstopped {
                    worker: entry.name,
                    still_running: false,
                });
                self.state().unstopped.extend(overran);
            }
        }
        dropped
    }

    /// Names those that could not be dropped, and lets the parent go on.
    fn conclude(&self) {
        let mut state = self.state();
        if state.phase == Phase::Stopped {
            return;
        }
        state.phase = Phase::Stopped;
        #[cfg(feature = "tokio-util")]
        let _watch = state.watch.take();
        let tasks = state.tasks.clone();
        drop(state);
        let mut running = BTreeMap::<_, usize>::new();
        for worker in tasks.iter().flat_map(|task| task.names()) {
            log::did_not_stop(worker);
            *running.entry(worker).or_default() += 1;
        }
        self.state().add_running(running);
        self.tell();
        if let Some(parent) = &self.parent {
            parent.proceed();
        }
    }

    /// A critical worker ended before the shutdown of its task was requested:
    /// that is the end of all, also of what is around this group.
    pub(crate) fn critical_ended(self: &Arc<Self>, end: CriticalEnd) {
        self.shut_down_for(&Arc::new(end));
    }

    fn shut_down_for(self: &Arc<Self>, end: &Arc<CriticalEnd>) {
        let mut state = self.state();
        if state.phase == Phase::Up {
            state.critical.get_or_insert_with(|| Arc::clone(end));
        }
        drop(state);
        self.request(&format!("critical worker `{}` ended", end.worker));
        if let Some(parent) = &self.parent {
            parent.shut_down_for(end);
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
        let children = self.children();
        let state = self.state();
        let (critical, mut unstopped) = (state.critical.clone(), state.unstopped.clone());
        drop(state);
        for child in children {
            unstopped.extend(child.result().1);
        }
        (critical, unstopped)
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
            runtime.spawn(stop::stop(Arc::clone(&self.0)));
        }
    }
}

/// Where the clock ends it is as good as never.
pub(crate) fn after(now: Instant, time: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(30 * 365 * 86_400);
    now.checked_add(time.min(FAR)).unwrap_or(now)
}
