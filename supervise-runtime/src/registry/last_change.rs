//! When a worker last began to run or to pause.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::Instant;

/// An atomic instead of an `Instant` in a lock: each start sets it.
#[derive(Default)]
pub(super) struct LastChange(
    /// Milliseconds since [`epoch`], and one more: 0 is never.
    AtomicU64,
);

/// A moment before all others, by the real clock: that of a test may be paused,
/// and far ahead.
#[inline]
fn epoch() -> Instant {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    *EPOCH.get_or_init(|| std::time::Instant::now().into())
}

impl LastChange {
    #[inline]
    pub(super) fn set(&self, at: Instant) {
        let since = at.duration_since(epoch());
        let millis = since.as_secs() * 1_000 + u64::from(since.subsec_millis());
        self.0.store(millis + 1, Relaxed);
    }

    pub(super) fn get(&self) -> Option<Instant> {
        let millis = self.0.load(Relaxed).checked_sub(1)?;
        epoch().checked_add(Duration::from_millis(millis))
    }
}
