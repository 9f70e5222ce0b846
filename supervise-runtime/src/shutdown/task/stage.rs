//! How far a task is on its way to the end.

use std::sync::atomic::{
    AtomicBool, AtomicU8,
    Ordering::{Acquire, Relaxed, Release},
};

/// Whether any task was ever told to stop: for most of a process's life none was,
/// and none is looked up.
static ANY_TOLD: AtomicBool = AtomicBool::new(false);

/// Whether a shutdown can have been requested of whatever task.
#[inline]
pub(crate) fn any_is_requested() -> bool {
    ANY_TOLD.load(Relaxed)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Stage {
    Up,
    /// Its shutdown was requested.
    Requested,
    /// Tokio is to drop it.
    Dropped,
    /// It is gone, without having been told to stop.
    Gone,
    /// It is gone, as it was told to.
    Stopped,
}

pub(super) struct StageCell(AtomicU8);

impl StageCell {
    pub(super) fn new(stage: Stage) -> Self {
        let cell = Self(AtomicU8::new(Stage::Up as u8));
        cell.set(stage);
        cell
    }

    #[inline]
    pub(super) fn get(&self) -> Stage {
        match self.0.load(Acquire) {
            0 => Stage::Up,
            1 => Stage::Requested,
            2 => Stage::Dropped,
            3 => Stage::Gone,
            _ => Stage::Stopped,
        }
    }

    #[inline]
    pub(super) fn set(&self, stage: Stage) {
        let is_told = matches!(stage, Stage::Requested | Stage::Dropped);
        if is_told && !any_is_requested() {
            ANY_TOLD.store(true, Relaxed);
        }
        self.0.store(stage as u8, Release);
    }
}
