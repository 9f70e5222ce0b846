//! A spawned future: found by the code in it, and contained whether or not it is
//! a worker.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::report;
use super::unit::Unit;
use crate::capture::{self, Fresh, Panicked};
use crate::contain::{Payload, contain};

pin_project! {
    /// What is spawned. What enters a supervised run at its first poll is that
    /// worker; anything else is counted under the name of its function.
    pub(crate) struct Spawned<F, U: Unit> {
        unit: U,
        #[pin]
        state: State<F>,
    }

    impl<F, U: Unit> PinnedDrop for Spawned<F, U> {
        fn drop(this: Pin<&mut Self>) {
            this.gone();
        }
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        Running { #[pin] future: F },
        Over,
    }
}

impl<F, U: Unit> Spawned<F, U> {
    pub(crate) fn new(future: F, unit: U) -> Self {
        let state = State::Running { future };
        Self { unit, state }
    }
}

impl<F: Future, U: Unit> Future for Spawned<F, U> {
    type Output = F::Output;

    #[expect(clippy::inline_always, reason = "one call less at each poll")]
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.as_mut().project();
        let polled = match this.state.project() {
            // A run of a worker has its own eye on what happens in it.
            StateProj::Running { future } if this.unit.is_in_good_hands() => {
                match contain(|| future.poll(cx)) {
                    Ok(Poll::Pending) => return Poll::Pending,
                    Ok(Poll::Ready(value)) => Some(Ok(value)),
                    Err(payload) => Some(Err(payload)),
                }
            }
            _ => None,
        };
        // In one place for all, or a poll of which nothing came would be told by way of
        // the memory that is for the others.
        self.go_on(polled, cx)
    }
}

impl<F: Future, U: Unit> Spawned<F, U> {
    /// Goes on with what came of a poll; or polls closely.
    #[inline(never)]
    fn go_on(
        self: Pin<&mut Self>,
        polled: Option<Result<F::Output, Payload>>,
        cx: &mut Context<'_>,
    ) -> Poll<F::Output> {
        match polled {
            None => self.poll_closely(cx),
            Some(Ok(value)) => {
                self.finished();
                Poll::Ready(value)
            }
            Some(Err(payload)) => self.panicked(report::outside(payload)),
        }
    }

    /// The first poll, those of what is no worker, and those of what was told to
    /// stop.
    fn poll_closely(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.as_mut().project();
        let StateProj::Running { future } = this.state.project() else {
            return Poll::Pending;
        };
        let is_first = !this.unit.was_polled();
        if is_first && !this.unit.begin(cx.waker()) {
            return Poll::Pending;
        }
        capture::nothing_is_told();
        let mut value = None;
        let poll = || future.poll(cx).map(|ready| value = Some(ready));
        let polled = if is_first {
            first_polled(this.unit, poll)
        } else {
            let polled = report::watched(this.unit, poll);
            report::seen(this.unit, polled)
        };
        match polled {
            Ok(Poll::Pending) => {
                this.unit.poll_is_over();
                Poll::Pending
            }
            Ok(Poll::Ready(())) => {
                self.finished();
                value.map_or(Poll::Pending, Poll::Ready)
            }
            Err(panicked) => self.panicked(panicked),
        }
    }

    #[cold]
    fn panicked(mut self: Pin<&mut Self>, panicked: Panicked) -> ! {
        let is_told = capture::is_told(&panicked.payload);
        self.as_mut().drop_future();
        report::panicked(self.project().unit, panicked, is_told)
    }
}

impl<F, U: Unit> Spawned<F, U> {
    #[inline(never)]
    fn finished(mut self: Pin<&mut Self>) {
        self.as_mut().drop_future();
        report::finished(self.project().unit);
    }

    /// Dropped, with or without having come to its end.
    fn gone(mut self: Pin<&mut Self>) {
        if matches!(self.state, State::Running { .. }) {
            // Before what is in it says in turn that it is gone.
            let stopped = self.unit.stopped();
            self.as_mut().drop_future();
            report::stopped(&self.unit, stopped);
        }
        self.project().unit.end();
    }

    fn drop_future(self: Pin<&mut Self>) {
        let mut this = self.project();
        report::clean_up(this.unit, || this.state.set(State::Over));
    }
}

/// Calls `poll`, the first poll of what was spawned.
#[inline]
fn first_polled<T>(unit: &mut impl Unit, poll: impl FnOnce() -> T) -> Result<T, Panicked> {
    if !unit.is_found_by_the_hook() {
        let poll = || report::watched(unit, poll);
        let (polled, entered_run) = capture::beginning(Fresh::Poll, poll);
        unit.first_poll_is_over(entered_run);
        return report::seen(unit, polled);
    }
    let (polled, entered_run) = capture::beginning(Fresh::Poll, || contain(poll));
    let polled = polled.map_err(report::outside);
    capture::forget_outside();
    unit.first_poll_is_over(entered_run);
    polled
}
