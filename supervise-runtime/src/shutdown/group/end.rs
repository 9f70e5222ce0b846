//! From the request to the end of a group, one step after another. Each is done
//! by whoever comes first, and none twice.

use std::collections::BTreeMap;
use std::iter::repeat_n;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::time::Instant;

use super::{CriticalEnd, DROP_TIME, ENDING, Group, Phase, State, Unstopped, after};
use crate::log;
use crate::registry::Entry;
use crate::shutdown::stop;
use crate::shutdown::task::Task;

impl Group {
    /// Requests the shutdown: of the children first, or, if there are none, of
    /// the tasks at once.
    pub(crate) fn request(self: &Arc<Self>, cause: &str) {
        if self.is_up() {
            log::shutting_down(cause, self.tasks());
        }
        self.begin_shutdown();
    }

    fn begin_shutdown(self: &Arc<Self>) {
        let mut state = self.state();
        if state.phase != Phase::Up {
            return;
        }
        state.phase = Phase::Waiting;
        if !self.is_child() {
            ENDING.fetch_add(1, Relaxed);
        }
        let nobody_waits = state.waiting == 0;
        let runtime = state.runtime.clone();
        #[cfg(feature = "tokio-util")]
        let token = state.token.clone();
        drop(state);
        #[cfg(feature = "tokio-util")]
        if let Some(token) = token {
            token.cancel();
        }
        for child in self.children() {
            child.begin_shutdown();
        }
        self.proceed();
        self.tell();
        if let Some(runtime) = runtime.filter(|_| nobody_waits) {
            #[expect(clippy::disallowed_methods, reason = "no code of a user's is in it")]
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
        let since = Instant::now();
        state.phase = Phase::Stopping { since };
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
        let grace_ends = self.grace_ends();
        let mut state = self.state();
        let left = state.tasks.len();
        match state.phase {
            Phase::Up | Phase::Waiting | Phase::Concluding => Some(after(now, Duration::MAX)),
            Phase::Stopping { .. } if left > 0 && now < grace_ends => Some(grace_ends),
            Phase::Stopping { since } => {
                let deadline = after(now, DROP_TIME);
                state.phase = Phase::Dropping { left, deadline };
                drop(state);
                if !self.drop_tasks() {
                    // All that are left were dropped when they were told.
                    self.shorten_dropping(after(since, DROP_TIME));
                }
                self.advance()
            }
            Phase::Dropping { deadline, .. } if left > 0 && now < deadline => Some(deadline),
            Phase::Dropping { left: before, .. } if (1..before).contains(&left) => {
                let deadline = after(now, DROP_TIME);
                state.phase = Phase::Dropping { left, deadline };
                Some(deadline)
            }
            Phase::Dropping { .. } => {
                state.phase = Phase::Concluding;
                drop(state);
                self.conclude();
                None
            }
            Phase::Stopped => None,
        }
    }

    /// When the grace period is over: not after that of the parent, if that stops
    /// as well.
    fn grace_ends(&self) -> Instant {
        let parent = self.parent.as_ref().filter(|parent| !parent.is_up());
        let parent = parent.map(|parent| parent.grace_ends());
        let mut state = self.state();
        let grace = state.grace;
        let own = state.deadline;
        let own = own.unwrap_or_else(|| after(Instant::now(), grace));
        state.deadline = Some(own);
        parent.map_or(own, |parent| own.min(parent))
    }

    /// Ends the grace period, of the children as well.
    #[cfg(feature = "signal")]
    pub(crate) fn end_grace(&self) {
        self.state().deadline = Some(Instant::now());
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
            // Before it is dropped: others may conclude as soon as it is gone.
            dropped |= task.drop_now(|| self.overran(&task, &entries)) && !task.is_child();
        }
        dropped
    }

    /// A child is told of with whom it belongs to, and a closure, which can't be
    /// dropped, if it is still there in the end.
    fn overran(&self, task: &Task, entries: &[&'static Entry]) {
        if !task.is_child() && !task.has_thread() {
            let overran = entries.iter().map(|entry| Unstopped {
                worker: entry.name,
                still_running: false,
            });
            self.state().unstopped.extend(overran);
        }
    }

    fn shorten_dropping(&self, to: Instant) {
        if let Phase::Dropping { deadline, .. } = &mut self.state().phase {
            *deadline = to;
        }
    }

    /// Names those that could not be dropped, and lets the parent go on.
    fn conclude(&self) {
        let tasks = self.state().tasks.clone();
        let mut running = BTreeMap::<_, usize>::new();
        for worker in tasks.iter().flat_map(|task| task.names()) {
            log::did_not_stop(worker);
            *running.entry(worker).or_default() += 1;
        }
        let mut state = self.state();
        state.add_running(running);
        let unstopped = state.unstopped.clone();
        drop(state);
        if let Some(parent) = &self.parent {
            parent.takes_over(unstopped);
        }
        let mut state = self.state();
        state.phase = Phase::Stopped;
        #[cfg(feature = "tokio-util")]
        let _watch = state.watch.take();
        drop(state);
        self.tell();
        if let Some(parent) = &self.parent {
            parent.proceed();
        }
    }

    /// A child has stopped. If that is part of this shutdown, so are those of
    /// its workers that did not.
    fn takes_over(&self, unstopped: Vec<Unstopped>) {
        let mut state = self.state();
        if state.phase != Phase::Up {
            state.unstopped.extend(unstopped);
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
        match &self.parent {
            Some(parent) => parent.shut_down_for(end),
            None => self.request(&format!("critical worker `{}` ended", end.worker)),
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
