//! What a call has to do with the task that it is in, if that is one of a
//! supervisor.
//!
//! A call does not hold on to its task, which would make every worker's future
//! larger: it finds it again when a run begins, ends or pauses.

use tokio::time::Instant;

use crate::call::{Call, Past};
use crate::capture;
use crate::failure::Failure;
use crate::log;
use crate::policy::Reason;
use crate::shutdown::group::CriticalEnd;
use crate::shutdown::task::{self, Member};
use crate::shutdown::tasks;

impl Call {
    /// Whether a run may begin: none does after the shutdown was requested.
    #[inline]
    pub(super) fn may_begin(&self) -> bool {
        (!tasks::any() && !self.entry.critical) || self.may_begin_in_its_task()
    }

    #[inline(never)]
    fn may_begin_in_its_task(&self) -> bool {
        let Some(task) = tasks::current() else {
            if self.entry.is_first_critical_alone() {
                log::critical_alone(self.subject());
            }
            return true;
        };
        let is_first = self.run == 0;
        let may_begin = task.run_begins(self.member(), is_first);
        if !may_begin && is_first {
            log::not_started(self.entry.name);
        }
        may_begin
    }

    /// A pause begins.
    pub(super) fn pauses(&self, after_failure: bool) {
        if let Some(task) = tasks::current() {
            task.run_pauses(self.member(), after_failure);
        }
    }

    /// Whether somebody has ordered a restart, which cuts a pause short and a
    /// run off.
    #[inline]
    pub(super) fn is_restart_ordered(&mut self) -> bool {
        task::any_restart_ordered() && self.takes_restart()
    }

    #[cold]
    #[inline(never)]
    fn takes_restart(&mut self) -> bool {
        let member = self.member();
        let can_be = member.is_outermost && member.is_restartable;
        let Some(task) = tasks::current().filter(|_| can_be) else {
            return false;
        };
        let last = self.past.as_ref().map_or(0, |past| past.order);
        let Some(order) = task.take_restart(last) else {
            return false;
        };
        let began = self.began.unwrap_or_else(Instant::now);
        Past::of(&mut self.past, began).order = order;
        true
    }

    /// It is gone, in the middle of a run or a pause, or after its last run.
    pub(super) fn left(&self, is_paused: bool) {
        if let Some(task) = tasks::current() {
            task.worker_left(self.member(), is_paused);
        }
    }

    /// It ended, and nobody had requested it: if it is critical, that is the end
    /// of all.
    pub(super) fn ended(&self, reason: Reason, failure: impl FnOnce() -> Option<Failure>) {
        if !self.entry.critical {
            return;
        }
        if let Some(task) = tasks::current().filter(|task| !task.is_requested()) {
            let worker = self.entry.name;
            log::critical_ended(self.subject(), reason);
            task.group.critical_ended(CriticalEnd {
                worker,
                reason,
                failure: failure(),
            });
        }
    }

    fn member(&self) -> Member {
        Member {
            entry: self.entry,
            is_outermost: capture::run().is_none(),
            is_restartable: self.plan.runs_again(),
        }
    }
}

/// Whether the shutdown was requested of the task that this is in.
pub(super) fn is_shutting_down() -> bool {
    tasks::current().is_some_and(|task| task.is_requested())
}
