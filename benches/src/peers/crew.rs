//! Workers that are counted as they come and go.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::Fallible;

pub struct Crew {
    missing: AtomicU32,
    complete: Notify,
    present: AtomicU32,
    gone: Notify,
}

impl Crew {
    pub fn new(workers: u32) -> Arc<Self> {
        Arc::new(Self {
            missing: AtomicU32::new(workers),
            complete: Notify::new(),
            present: AtomicU32::new(workers),
            gone: Notify::new(),
        })
    }

    /// Waits until all are up.
    pub async fn complete(&self) {
        self.complete.notified().await;
    }

    /// Waits until all are gone.
    pub async fn gone(&self) {
        self.gone.notified().await;
    }
}

/// One of them, from its first poll until it is dropped.
pub struct Member(Arc<Crew>);

impl Member {
    pub fn of(crew: Arc<Crew>) -> Self {
        if crew.missing.fetch_sub(1, Relaxed) == 1 {
            crew.complete.notify_one();
        }
        Self(crew)
    }

    pub async fn until_cancelled(crew: Arc<Crew>, token: CancellationToken) -> Fallible {
        let _member = Self::of(crew);
        token.cancelled().await;
        Ok(())
    }

    /// For those whose crate can only drop it.
    pub async fn until_dropped(crew: Arc<Crew>) -> Fallible {
        let _member = Self::of(crew);
        pending().await
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if self.0.present.fetch_sub(1, Relaxed) == 1 {
            self.0.gone.notify_one();
        }
    }
}
