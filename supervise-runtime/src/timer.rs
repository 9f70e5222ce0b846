//! One timer, allocated once and set again for each wait.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::task::{unconstrained, yield_now};
use tokio::time::{Instant, Sleep, sleep_until};

#[derive(Default)]
pub(crate) struct Timer {
    /// What is still to come before the timer elapses.
    ahead: Ahead,
    sleep: Option<Pin<Box<Sleep>>>,
}

#[derive(Default)]
enum Ahead {
    #[default]
    Nothing,
    /// A wait of zero takes no time, but gives way to others.
    Yield,
    Sleep,
}

impl Timer {
    /// Makes the timer elapse `wait` after `from`.
    #[inline]
    pub(crate) fn set(&mut self, from: Instant, wait: Duration) {
        /// Where the clock ends: as good as never.
        const FAR: Duration = Duration::from_secs(30 * 365 * 86_400);
        if wait.is_zero() {
            self.ahead = Ahead::Yield;
            return;
        }
        let deadline = from.checked_add(wait).unwrap_or_else(|| from + FAR);
        self.ahead = Ahead::Sleep;
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(deadline),
            None => self.sleep = Some(Box::pin(sleep_until(deadline))),
        }
    }

    /// Makes the timer elapse now.
    pub(crate) fn stop(&mut self) {
        self.ahead = Ahead::Nothing;
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match (&self.ahead, &mut self.sleep) {
            (Ahead::Yield, _) => {
                self.ahead = Ahead::Nothing;
                // Wakes the task once all others had their turn, and the timers
                // and sockets theirs.
                pin!(yield_now()).poll(cx)
            }
            (Ahead::Sleep, Some(sleep)) => sleep.as_mut().poll(cx),
            _ => Poll::Ready(()),
        }
    }

    /// As [`poll`](Self::poll), even in a task that has used up its share of
    /// the thread: a body that always does is not to escape the timer.
    pub(crate) fn poll_at_once(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        pin!(unconstrained(poll_fn(|cx| self.poll(cx)))).poll(cx)
    }
}
