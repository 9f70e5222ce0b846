//! What is known of a task, under its lock.

use std::ptr;
use std::task::Waker;

use tokio::task::AbortHandle;

use super::waiter::{Waiters, Wakers};
use crate::place::Places;
use crate::registry::Entry;

#[derive(Default)]
pub(super) struct State {
    pub(super) asked: Asked,
    /// Whether the last of its outermost workers to pause did so after a failure.
    pub(super) waits: bool,
    /// Whether a worker in it was refused its first run.
    pub(super) has_refused: bool,
    /// What there is to know of `first`: beside it there would be a hole.
    marks: Marks,
    /// One of the workers in it.
    first: Option<&'static Entry>,
    pub(super) abort: Option<AbortHandle>,
    /// Its own: wakes it for a request and for a restart.
    pub(super) waker: Option<Waker>,
    more: Option<Box<More>>,
}

/// Whether anything in a task asked for the shutdown, ever.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    #[default]
    Never,
    /// What has spawned it had: it began after the request.
    Inherited,
    InRuns,
    /// There is something to wait for beside the runs of workers.
    OutsideOfThem,
}

/// What a worker says of itself to its task.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    pub(crate) entry: &'static Entry,
    /// Whether it is in no run of another one.
    pub(crate) is_outermost: bool,
    /// Whether its policy has it run more than once.
    pub(crate) is_restartable: bool,
}

/// A worker in a task.
type Present = (&'static Entry, Marks);

/// With those of the task, four bytes each: one more makes each task larger by
/// eight.
#[derive(Clone, Copy, Default)]
struct Marks {
    is_outermost: bool,
    is_paused: bool,
    has_asked: bool,
    restart: Restart,
}

/// The restart of a worker by hand.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Restart {
    /// It is inside of another, or its policy has it run once.
    #[default]
    CannotBe,
    CanBe,
    /// And was not carried out yet.
    Ordered,
}

/// What most tasks never need.
#[derive(Default)]
pub(super) struct More {
    /// Told of a request, of an order to restart, and of the end.
    pub(super) waiters: Waiters,
    /// The workers in it but the first.
    others: Vec<Present>,
    /// What it is counted as, being no worker.
    pub(super) own: Option<&'static Entry>,
    #[cfg(feature = "tokio-util")]
    pub(super) token: Option<tokio_util::sync::CancellationToken>,
}

impl State {
    /// Whether nothing in it is left to wait for after a request: who asked has
    /// ended or is between two runs, and what is between two runs never runs
    /// again.
    pub(super) fn is_idle(&self) -> bool {
        let is_awaited = |(_, marks): Present| marks.has_asked && !marks.is_paused;
        let waits_for_ever = self.has_refused || self.present().any(|(_, marks)| marks.is_paused);
        waits_for_ever && self.asked < Asked::OutsideOfThem && !self.present().any(is_awaited)
    }

    pub(super) fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    pub(super) fn waiters(&self) -> Option<&Waiters> {
        Some(&self.more.as_ref()?.waiters)
    }

    /// Those who are to be woken, outside the lock.
    #[inline]
    pub(super) fn take_wakers(&mut self) -> Option<Wakers> {
        Some(self.more.as_mut()?.waiters.take())
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
    fn present(&self) -> impl Iterator<Item = Present> {
        let others = self.more.iter().flat_map(|more| &more.others);
        let first = self.first.map(|entry| (entry, self.marks));
        first.into_iter().chain(others.copied())
    }

    fn present_mut(&mut self) -> impl Iterator<Item = (&'static Entry, &mut Marks)> {
        let others = self.more.iter_mut().flat_map(|more| &mut more.others);
        let first = self.first.map(|entry| (entry, &mut self.marks));
        first
            .into_iter()
            .chain(others.map(|(entry, marks)| (*entry, marks)))
    }

    fn outermost(&self) -> impl Iterator<Item = Present> {
        self.present().filter(|(_, marks)| marks.is_outermost)
    }

    pub(super) fn has_workers(&self) -> bool {
        self.first.is_some()
    }

    pub(super) fn is_between_runs(&self) -> bool {
        self.has_workers() && self.outermost().all(|(_, marks)| marks.is_paused)
    }

    /// Orders the restart of its outermost workers; whether any can be.
    pub(super) fn order_restart(&mut self, only_paused: bool) -> bool {
        let mut can_be = false;
        for (entry, marks) in self.present_mut() {
            if marks.restart != Restart::CannotBe && (marks.is_paused || !only_paused) {
                can_be = true;
                marks.set_restart(entry, Restart::Ordered);
            }
        }
        can_be
    }

    /// Whether the restart of this one was ordered, which it no longer is.
    pub(super) fn take_restart(&mut self, entry: &'static Entry, is_paused: bool) -> bool {
        let mut present = self.present_mut();
        let ordered = present.find(|(other, marks)| {
            let is_ordered = marks.restart == Restart::Ordered;
            ptr::eq(*other, entry) && is_ordered && marks.is_paused == is_paused
        });
        ordered
            .map(|(entry, marks)| marks.forget_order(entry))
            .is_some()
    }

    /// Whether the restart was ordered of any of them.
    pub(super) fn has_orders(&self) -> bool {
        self.present()
            .any(|(_, marks)| marks.restart == Restart::Ordered)
    }

    /// What was ordered is not carried out any more.
    pub(super) fn forget_orders(&mut self) {
        for (entry, marks) in self.present_mut() {
            marks.forget_order(entry);
        }
    }

    #[inline]
    pub(super) fn add(&mut self, member: Member) {
        let marks = Marks {
            is_outermost: member.is_outermost,
            is_paused: false,
            has_asked: false,
            restart: if member.is_outermost && member.is_restartable {
                Restart::CanBe
            } else {
                Restart::CannotBe
            },
        };
        if self.first.is_none() {
            (self.first, self.marks) = (Some(member.entry), marks);
        } else {
            self.more().others.push((member.entry, marks));
        }
    }

    /// One begins a pause, or ends it. Of two with one name it does not matter
    /// which.
    #[inline]
    pub(super) fn set_paused(&mut self, entry: &'static Entry, is_paused: bool) {
        let is_alone = self.more.is_none();
        if is_alone && self.first.is_some_and(|first| ptr::eq(first, entry)) {
            self.marks.is_paused = is_paused;
        } else {
            self.set_paused_among_others(entry, is_paused);
        }
    }

    #[cold]
    #[inline(never)]
    fn set_paused_among_others(&mut self, entry: &'static Entry, is_paused: bool) {
        let changed = self
            .present_mut()
            .find(|(other, marks)| ptr::eq(*other, entry) && marks.is_paused != is_paused);
        if let Some((_, marks)) = changed {
            marks.is_paused = is_paused;
        }
    }

    #[inline]
    pub(super) fn remove(&mut self, entry: &'static Entry, was_paused: bool) {
        let is_alone = self.more.is_none();
        if is_alone && self.first.is_some_and(|first| ptr::eq(first, entry)) {
            self.first = None;
            self.marks.forget_order(entry);
        } else {
            self.remove_from_others(entry, was_paused);
        }
    }

    #[cold]
    #[inline(never)]
    fn remove_from_others(&mut self, entry: &'static Entry, was_paused: bool) {
        let is = |other: &'static Entry, marks: Marks| {
            ptr::eq(other, entry) && marks.is_paused == was_paused
        };
        let others = self.more.as_mut().map(|more| &mut more.others);
        let mut removed = None;
        if self.first.is_some_and(|first| is(first, self.marks)) {
            removed = Some(self.marks);
            let next = others.and_then(Vec::pop);
            self.first = next.map(|(entry, _)| entry);
            self.marks = next.map_or(self.marks, |(_, marks)| marks);
        } else if let Some(others) = others {
            let at = others.iter().position(|(other, marks)| is(other, *marks));
            removed = at.map(|at| others.swap_remove(at).1);
        }
        if let Some(mut marks) = removed {
            // What it has not carried out is not for those to come.
            marks.forget_order(entry);
        }
    }

    /// Those who have these places have asked.
    pub(super) fn mark_asked(&mut self, places: &'static Places) {
        for (entry, marks) in self.present_mut() {
            marks.has_asked |= ptr::eq(&raw const entry.places, places);
        }
    }

    /// Its outermost workers, else what it is counted as.
    pub(super) fn entries(&self) -> Vec<&'static Entry> {
        let mut entries: Vec<_> = self.outermost().map(|(entry, _)| entry).collect();
        if entries.is_empty() {
            entries.extend(self.own());
        }
        entries
    }
}

impl Marks {
    fn forget_order(&mut self, entry: &'static Entry) {
        if self.restart == Restart::Ordered {
            self.set_restart(entry, Restart::CanBe);
        }
    }

    fn set_restart(&mut self, entry: &'static Entry, restart: Restart) {
        if self.restart != restart {
            self.restart = restart;
            entry.order_restart(restart == Restart::Ordered);
        }
    }
}
