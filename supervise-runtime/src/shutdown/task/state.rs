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
    /// What there is to know of `first`: beside it there would be a hole.
    marks: Marks,
    /// One of the workers in it.
    first: Option<&'static Entry>,
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

#[derive(Clone, Copy, Default)]
struct Marks {
    is_outermost: bool,
    is_restartable: bool,
    is_paused: bool,
    has_asked: bool,
}

/// What most tasks never need.
#[derive(Default)]
pub(super) struct More {
    /// Restarts that were ordered and not yet carried out.
    pub(super) restarts: u32,
    /// The number of the last order.
    pub(super) order: u32,
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
        let is_awaited = |(_, marks): Present| marks.has_asked && !marks.is_paused;
        let waits_for_ever = self.has_refused || self.present().any(|(_, marks)| marks.is_paused);
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

    /// How many restarts were ordered and not yet carried out.
    pub(super) fn restarts(&self) -> u32 {
        self.more.as_ref().map_or(0, |more| more.restarts)
    }

    /// How many of its outermost workers can be restarted.
    pub(super) fn restartable(&self) -> u32 {
        let restartable = self.outermost();
        let restartable = restartable.filter(|(_, marks)| marks.is_restartable);
        u32::try_from(restartable.count()).unwrap_or(u32::MAX)
    }

    pub(super) fn add(&mut self, member: Member) {
        let marks = Marks {
            is_outermost: member.is_outermost,
            is_restartable: member.is_restartable,
            is_paused: false,
            has_asked: false,
        };
        if self.first.is_none() {
            (self.first, self.marks) = (Some(member.entry), marks);
        } else {
            self.more().others.push((member.entry, marks));
        }
    }

    /// One begins a pause, or ends it. Of two with one name it does not matter
    /// which.
    pub(super) fn set_paused(&mut self, entry: &'static Entry, is_paused: bool) {
        let changed = self
            .present_mut()
            .find(|(other, marks)| ptr::eq(*other, entry) && marks.is_paused != is_paused);
        if let Some((_, marks)) = changed {
            marks.is_paused = is_paused;
        }
    }

    pub(super) fn remove(&mut self, entry: &'static Entry, was_paused: bool) {
        let is = |other: &'static Entry, marks: Marks| {
            ptr::eq(other, entry) && marks.is_paused == was_paused
        };
        let others = self.more.as_mut().map(|more| &mut more.others);
        if self.first.is_some_and(|first| is(first, self.marks)) {
            let next = others.and_then(Vec::pop);
            self.first = next.map(|(entry, _)| entry);
            self.marks = next.map_or(self.marks, |(_, marks)| marks);
        } else if let Some(others) = others {
            let at = others.iter().position(|(other, marks)| is(other, *marks));
            at.map(|at| others.swap_remove(at));
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
