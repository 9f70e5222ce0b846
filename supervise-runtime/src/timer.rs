//! One timer, allocated once and set again for each wait.
//!
//! To set it is to note a time. Whose clock it elapses by is up to who polls it:
//! a task has tokio's timers, a thread has [`Sleeper`](crate::sleeper::Sleeper).

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::task::{unconstrained, yield_now};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::contain::{contain, discard};

#[derive(Default)]
pub(crate) struct Timer {
    ahead: Ahead,
    /// How often it has given way to others.
    given_way: u8,
    sleep: Option<Pin<Box<Sleep>>>,
}

/// What is still to come before a timer elapses.
#[derive(Clone, Copy, Default)]
pub(crate) enum Ahead {
    #[default]
    Nothing,
    /// A wait of zero takes no time, but gives way to others.
    Yield,
    /// A moment that nobody has been asked to wait for yet.
    Until(Instant),
    /// What tokio was asked for.
    Sleep,
}

/// Who waits: a task, or a thread.
pub(crate) trait Waits {
    /// Wakes it.
    fn waker(&self) -> &Waker;
    /// Ready when the timer has elapsed by its clock.
    fn poll(&mut self, timer: &mut Timer) -> Poll<()>;
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
        self.ahead = Ahead::Until(deadline);
    }

    /// Makes the timer elapse now.
    pub(crate) fn stop(&mut self) {
        self.ahead = Ahead::Nothing;
    }

    pub(crate) fn ahead(&self) -> Ahead {
        self.ahead
    }

    /// Asks tokio to wait; whether it can, which without timers it can't.
    pub(crate) fn begin(&mut self) -> bool {
        contain(|| self.ask()).map_err(discard).is_ok()
    }

    fn ask(&mut self) {
        let Ahead::Until(deadline) = self.ahead else {
            return;
        };
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(deadline),
            None => self.sleep = Some(Box::pin(sleep_until(deadline))),
        }
        self.ahead = Ahead::Sleep;
    }

    /// Polls it in a task.
    ///
    /// # Panics
    ///
    /// If there is something to wait for, and no runtime with timers.
    #[inline]
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.ahead {
            Ahead::Nothing => return Poll::Ready(()),
            Ahead::Yield => {
                self.ahead = Ahead::Nothing;
                return self.give_way(cx);
            }
            Ahead::Until(_) => self.ask(),
            Ahead::Sleep => {}
        }
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().poll(cx),
            None => Poll::Ready(()),
        }
    }

    /// Lets all others that are ready have their turn, which costs next to nothing;
    /// and every few times the timers and sockets, which has the whole runtime look
    /// around. Tokio does that by itself at each 61st turn: too seldom, where runs
    /// take their time to fail.
    #[inline]
    fn give_way(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        const A_FEW: u8 = 4;
        self.given_way = self.given_way.wrapping_add(1);
        if self.given_way % A_FEW == 0 {
            return pin!(yield_now()).poll(cx);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// As [`poll`](Self::poll), even in a task that has used up its share of
    /// the thread: a body that always does is not to escape the timer.
    pub(crate) fn poll_at_once(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        pin!(unconstrained(poll_fn(|cx| self.poll(cx)))).poll(cx)
    }
}

impl Waits for Context<'_> {
    fn waker(&self) -> &Waker {
        Context::waker(self)
    }

    fn poll(&mut self, timer: &mut Timer) -> Poll<()> {
        timer.poll(self)
    }
}
