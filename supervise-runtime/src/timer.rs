//! One timer, allocated once and set again for each wait.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{Instant, Sleep, sleep_until};

#[derive(Default)]
pub(crate) struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
    /// Set by a wait of zero: it takes no time, but gives way to others.
    yields: bool,
}

impl Timer {
    /// Makes the timer elapse `wait` after `from`.
    pub(crate) fn set(&mut self, from: Instant, wait: Duration) {
        /// Where the clock ends: as good as never.
        const FAR: Duration = Duration::from_secs(30 * 365 * 86_400);
        let deadline = from.checked_add(wait).unwrap_or_else(|| from + FAR);
        self.yields = wait.is_zero();
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(deadline),
            None if self.yields => {}
            None => self.sleep = Some(Box::pin(sleep_until(deadline))),
        }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::take(&mut self.yields) {
            // Wakes the task once all others had their turn, and the timers
            // and sockets theirs.
            return pin!(yield_now()).poll(cx);
        }
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().poll(cx),
            None => Poll::Ready(()),
        }
    }
}
