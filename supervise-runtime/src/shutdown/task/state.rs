//! What is known of a task, under its lock.

use std::ptr;
use std::sync::Arc;
use std::task::Waker;

use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::capture::Places;
use crate::registry::Entry;

#[derive(Default)]
pub(super) struct State {
    pub(super) stage: Stage,
    pub(super) asked: Asked,
    /// Whether the last of its outermost workers to pause did so after a failure.
    pub(super) waits: bool,
    /// Whether a worker in it was refused its first run.
    pub(super) has_refused: bool,
    /// One of the workers in it.
    first: Option<Present>,
    pub(super) abort: Option<AbortHandle>,
    /// Who to wake for a restart.
    pub(super) waker: Option<Waker>,
    more: Option<Box<More>>,
}

/// How far a task is on its way to the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    #[default]
    Up,
    /// Its shutdown was requested.
    Requested,
    /// Tokio is to drop it.
    Dropped,
    Gone,
}

/// Whether anything in a task asked for the shutdown, ever.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    #[default]
    Never,
    InRuns,
    /// There is something to wait for beside the runs of workers.
    OutsideOfThem,
}

/// A worker in a task.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    pub(crate) entry: &'static Entry,
    /// Whether it is in no run of another one.
    pub(crate) is_outermost: bool,
    /// Whether its policy has it run more than once.
    pub(crate) is_restartable: bool,
}

struct Present {
    member: Member,
    is_paused: bool,
    has_asked: bool,
    /// Whether its restart was ordered, and not yet carried out.
    is_ordered: bool,
}

/// What most tasks never need.
#[derive(Default)]
pub(super) struct More {
    /// Told of a request, and of the end.
    pub(super) changed: Arc<Notify>,
    /// The workers in it but the first.
    others: Vec<Present>,
    /// What it is counted as, being no worker.
    pub(super) own: Option<&'static Entry>,
    #[cfg(feature = "tokio-util")]
    pub(super) token: Option<tokio_util::sync::CancellationToken>,
}

impl State {
    pub(super) fn at(stage: Stage) -> Self {
        Self {
            stage,
            ..Self::default()
        }
    }

    /// Whether nothing in it is left to wait for after a request: who asked has
    /// ended or is between two runs, and what is between two runs never runs
    /// again.
    pub(super) fn is_idle(&self) -> bool {
        let is_awaited = |present: &Present| present.has_asked && !present.is_paused;
        let waits_for_ever = self.has_refused || self.present().any(|present| present.is_paused);
        waits_for_ever && self.asked < Asked::OutsideOfThem && !self.present().any(is_awaited)
    }

    pub(super) fn drop_now(&mut self) -> Option<AbortHandle> {
        self.stage = Stage::Dropped;
        self.abort.take()
    }

    pub(super) fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    pub(super) fn changed(&self) -> Option<Arc<Notify>> {
        Some(Arc::clone(&self.more.as_ref()?.changed))
    }

    #[cfg(feature = "tokio-util")]
    pub(super) fn token(&self) -> Option<tokio_util::sync::CancellationToken> {
        self.more.as_ref()?.token.clone()
    }

    pub(super) fn own(&self) -> Option<&'static Entry> {
        self.more.as_ref()?.own
    }
}

/// The workers in it.
impl State {
    fn present(&self) -> impl Iterator<Item = &Present> {
        let others = self.more.iter().flat_map(|more| &more.others);
        self.first.iter().chain(others)
    }

    fn present_mut(&mut self) -> impl Iterator<Item = &mut Present> {
        let others = self.more.iter_mut().flat_map(|more| &mut more.others);
        self.first.iter_mut().chain(others)
    }

    fn outermost(&self) -> impl Iterator<Item = &Present> {
        self.present().filter(|present| present.member.is_outermost)
    }

    pub(super) fn has_workers(&self) -> bool {
        self.first.is_some()
    }

    pub(super) fn is_between_runs(&self) -> bool {
        self.has_workers() && self.outermost().all(|present| present.is_paused)
    }

    /// Orders the restart of its outermost workers; whether any can be.
    pub(super) fn order_restart(&mut self) -> bool {
        let mut can_be = false;
        for present in self.present_mut() {
            let member = present.member;
            if member.is_outermost && member.is_restartable {
                can_be = true;
                present.set_ordered(true);
            }
        }
        can_be
    }

    /// Whether the restart of this one was ordered, which it no longer is.
    pub(super) fn take_restart(&mut self, member: Member, is_paused: bool) -> bool {
        let mut present = self.present_mut();
        let ordered = present.find(|present| present.is_ordered && present.is(member, is_paused));
        ordered.map(|ordered| ordered.set_ordered(false)).is_some()
    }

    pub(super) fn add(&mut self, member: Member) {
        let present = Present {
            member,
            is_paused: false,
            has_asked: false,
            is_ordered: false,
        };
        if self.first.is_none() {
            self.first = Some(present);
        } else {
            self.more().others.push(present);
        }
    }

    /// One begins a pause, or ends it. Of two with one name it does not matter
    /// which.
    pub(super) fn set_paused(&mut self, member: Member, is_paused: bool) {
        let changed = self
            .present_mut()
            .find(|present| present.is(member, !is_paused));
        if let Some(changed) = changed {
            changed.is_paused = is_paused;
        }
    }

    pub(super) fn remove(&mut self, member: Member, was_paused: bool) {
        let others = self.more.as_mut().map(|more| &mut more.others);
        let first = self.first.as_ref();
        if first.is_some_and(|first| first.is(member, was_paused)) {
            self.first = others.and_then(Vec::pop);
        } else if let Some(others) = others {
            let at = others.iter().position(|other| other.is(member, was_paused));
            at.map(|at| others.swap_remove(at));
        }
    }

    pub(super) fn remove_all(&mut self) {
        self.first = None;
        if let Some(more) = &mut self.more {
            more.others.clear();
        }
    }

    /// Those who have these places have asked.
    pub(super) fn mark_asked(&mut self, places: &'static Places) {
        for present in self.present_mut() {
            present.has_asked |= ptr::eq(&raw const present.member.entry.places, places);
        }
    }

    /// Its outermost workers, else what it is counted as.
    pub(super) fn entries(&self) -> Vec<&'static Entry> {
        let mut entries: Vec<_> = self
            .outermost()
            .map(|present| present.member.entry)
            .collect();
        if entries.is_empty() {
            entries.extend(self.own());
        }
        entries
    }
}

/// What it has not carried out is not for those to come.
impl Drop for Present {
    fn drop(&mut self) {
        self.set_ordered(false);
    }
}

impl Present {
    fn set_ordered(&mut self, is_ordered: bool) {
        if self.is_ordered != is_ordered {
            self.is_ordered = is_ordered;
            self.member.entry.order_restart(is_ordered);
        }
    }

    fn is(&self, member: Member, is_paused: bool) -> bool {
        ptr::eq(self.member.entry, member.entry) && self.is_paused == is_paused
    }
}
