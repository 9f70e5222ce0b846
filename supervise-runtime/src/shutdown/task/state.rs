//! What is known of a task, under its lock.

use std::sync::Arc;
use std::task::Waker;

use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::registry::Entry;

#[derive(Default)]
pub(super) struct State {
    pub(super) stage: Stage,
    pub(super) asked: Asked,
    /// The outermost workers in it that run.
    pub(super) running: u32,
    /// Those that are between two runs.
    pub(super) paused: u32,
    /// Whether the last one to pause did so after a failure.
    pub(super) waits: bool,
    /// Those that can be restarted.
    pub(super) restartable: u32,
    /// Restarts that were ordered and not yet carried out.
    pub(super) restarts: u32,
    /// The number of the last order.
    pub(super) order: u32,
    /// One of those workers.
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

/// What most tasks never need.
#[derive(Default)]
pub(super) struct More {
    /// Told of a request, and of the end.
    pub(super) changed: Arc<Notify>,
    /// The outermost workers in it but the first.
    others: Vec<&'static Entry>,
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

    /// Whether all that is left in it never runs again after a request.
    pub(super) fn is_idle(&self) -> bool {
        self.running == 0 && self.paused > 0 && self.asked < Asked::OutsideOfThem
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

    pub(super) fn has_workers(&self) -> bool {
        self.first.is_some()
    }

    pub(super) fn add(&mut self, entry: &'static Entry) {
        if self.first.is_none() {
            self.first = Some(entry);
        } else {
            self.more().others.push(entry);
        }
    }

    pub(super) fn remove(&mut self, entry: &'static Entry) {
        let others = self.more.as_mut().map(|more| &mut more.others);
        if self.first.is_some_and(|first| std::ptr::eq(first, entry)) {
            self.first = others.and_then(Vec::pop);
        } else if let Some(others) = others {
            let at = others.iter().position(|other| std::ptr::eq(*other, entry));
            at.map(|at| others.swap_remove(at));
        }
    }

    /// Its outermost workers, else what it is counted as.
    pub(super) fn entries(&self) -> Vec<&'static Entry> {
        let mut entries = Vec::from_iter(self.first);
        if let Some(more) = &self.more {
            entries.extend(&more.others);
            if entries.is_empty() {
                entries.extend(more.own);
            }
        }
        entries
    }
}
