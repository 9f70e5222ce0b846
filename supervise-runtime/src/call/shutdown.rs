//! What a call has to do with the task that it is in, if that is one of a
//! supervisor.
//!
//! A call holds on to the task that its first run began in, to be taken off its
//! list in the end. What it is to do it asks the task that it is in now: it may
//! have been moved to another, and the first be gone.

use std::ops::Deref;
use std::sync::Arc;
use std::task::Poll;

use crate::call::Call;
use crate::children;
use crate::failure::Failure;
use crate::log;
use crate::policy::Reason;
use crate::shutdown::group::CriticalEnd;
use crate::shutdown::task::{Member, Task, any_is_requested};
use crate::shutdown::tasks;

impl Call {
    /// Whether a run may begin: none does after the shutdown was requested.
    #[inline]
    pub(super) fn may_begin(&mut self) -> bool {
        (!tasks::any() && !self.entry.critical) || self.may_begin_in_its_task()
    }

    #[inline]
    fn may_begin_in_its_task(&mut self) -> bool {
        if self.is_paused() {
            let may_begin = self.may_go_on();
            return may_begin.unwrap_or_else(|| self.begins_alone());
        }
        let Some(task) = tasks::of_first_run() else {
            return self.begins_alone();
        };
        let may_begin = task.first_run_begins(self.member());
        if may_begin {
            self.task = Some(task);
        } else {
            log::not_started(self.entry.name);
        }
        may_begin
    }

    /// Whether a run may begin after a pause; `None` where nothing can shut down.
    #[inline]
    fn may_go_on(&self) -> Option<bool> {
        let task = self.task_now()?;
        Some(self.is_admitted() || task.next_run_begins(self.entry))
    }

    #[inline]
    fn begins_alone(&self) -> bool {
        if self.entry.is_first_critical_alone() {
            log::critical_alone(self.subject());
        }
        true
    }

    /// At the end of a pause: whether the next run may begin, which is decided
    /// here, and not when it does.
    pub(super) fn admit(&mut self) -> bool {
        let may_begin = self.may_go_on().unwrap_or(true);
        if let Some(past) = &mut self.past {
            past.is_admitted = may_begin;
        }
        may_begin
    }

    fn is_admitted(&self) -> bool {
        self.past.as_ref().is_some_and(|past| past.is_admitted)
    }

    /// A pause begins.
    #[inline]
    pub(super) fn pauses(&self, after_failure: bool) {
        if tasks::any() {
            self.pauses_in_its_task(after_failure);
        }
    }

    #[inline(never)]
    fn pauses_in_its_task(&self, after_failure: bool) {
        if let Some(task) = self.task_now() {
            task.run_pauses(self.member(), after_failure);
        }
    }

    /// What somebody has ordered of a pause: to last for ever, or to be over.
    #[inline]
    pub(super) fn ordered_in_a_pause(&mut self) -> Option<Poll<()>> {
        if self.is_shutting_down() {
            return Some(Poll::Pending);
        }
        self.is_restart_ordered().then(|| {
            self.cut_pause_short();
            Poll::Ready(())
        })
    }

    /// Whether somebody has ordered a restart, which cuts a pause short and a
    /// run off.
    #[inline]
    pub(crate) fn is_restart_ordered(&self) -> bool {
        self.entry.is_restart_ordered() && self.takes_restart()
    }

    #[cold]
    #[inline(never)]
    fn takes_restart(&self) -> bool {
        let is_paused = self.began.is_none();
        let task = self.task_now();
        task.is_some_and(|task| task.take_restart(self.entry, is_paused))
    }

    /// A run has begun that can't be cut off, neither by a timeout nor by hand: it
    /// is the restart that was ordered of the pause before it.
    pub(crate) fn is_on_a_thread(&self) {
        let _ = self.is_restart_ordered();
        if self.plan.policy.get_timeout().is_some() && self.entry.is_first_beyond_timeout() {
            log::no_timeout(self.subject());
        }
    }

    /// Whether it is between two runs.
    fn is_paused(&self) -> bool {
        self.past.as_ref().is_some_and(|past| past.paused.is_some())
    }

    /// It ended, and nobody had requested it: if it is critical, that is the end
    /// of all.
    pub(super) fn ended(&self, reason: Reason, failure: impl FnOnce() -> Option<Failure>) {
        if !self.entry.critical {
            return;
        }
        if let Some(task) = self.task_now().filter(|task| !task.is_requested()) {
            let worker = self.entry.name;
            log::critical_ended(self.subject(), reason);
            task.group.critical_ended(CriticalEnd {
                worker,
                reason,
                failure: failure(),
            });
        }
    }

    #[inline]
    fn member(&self) -> Member {
        Member {
            entry: self.entry,
            is_outermost: children::run().is_none(),
            is_restartable: self.plan.runs_again(),
        }
    }

    /// Whether the shutdown was requested of the task that it is in.
    #[inline]
    pub(super) fn is_shutting_down(&self) -> bool {
        any_is_requested() && self.is_requested_of_its_task()
    }

    #[cold]
    #[inline(never)]
    fn is_requested_of_its_task(&self) -> bool {
        self.task_now().is_some_and(|task| task.is_requested())
    }

    /// The task that it is in now: mostly the one that its first run began in.
    #[inline]
    pub(super) fn task_now(&self) -> Option<TaskNow<'_>> {
        match &self.task {
            Some(task) if tasks::is_current(task) => Some(TaskNow::First(task)),
            _ => tasks::current().map(TaskNow::Another),
        }
    }
}

/// A task, of which the call itself may have hold.
pub(super) enum TaskNow<'c> {
    First(&'c Task),
    Another(Arc<Task>),
}

impl Deref for TaskNow<'_> {
    type Target = Task;

    #[inline]
    fn deref(&self) -> &Task {
        match self {
            Self::First(task) => task,
            Self::Another(task) => task,
        }
    }
}
