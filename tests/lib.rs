//! What the tests share.

pub mod record;

/// The programs in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use supervise::WorkerStatus;

/// What `supervise::workers()` tells of the worker called `name`.
///
/// # Panics
///
/// If none of that name was ever started.
#[must_use]
pub fn status(name: &str) -> WorkerStatus {
    supervise::workers()
        .into_iter()
        .find(|worker| worker.name == name)
        .unwrap_or_else(|| panic!("no worker `{name}`"))
}

/// Counts the runs of a body, which calls it first.
#[derive(Debug, Default)]
pub struct Runs(AtomicU32);

impl Runs {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// Counts a run and returns its number, from 1.
    pub fn next(&self) -> u32 {
        self.0.fetch_add(1, SeqCst) + 1
    }

    /// Counts a run, and panics before the third.
    ///
    /// # Panics
    ///
    /// In the first and the second run.
    pub fn panic_twice(&self) {
        let run = self.next();
        assert!(run >= 3, "run {run}");
    }

    /// How many runs there were.
    pub fn count(&self) -> u32 {
        self.0.load(SeqCst)
    }
}
