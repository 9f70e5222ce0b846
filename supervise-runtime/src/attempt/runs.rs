//! All runs of a worker, one after the other, whose bodies a closure makes.
//!
//! The attribute expands to a loop in an `async fn`: a body that borrows from the
//! function can be nowhere else. These bodies borrow nothing, so there can be a future
//! by hand, which is compiled into tokio's poll of it: a third of what the loop adds.

use std::future::Future;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::call::Call;
use crate::outcome::Outcome;

pin_project! {
    /// Ready when the worker is done.
    pub(crate) struct Runs<M, F> {
        call: Call,
        make: M,
        // Whether it is time for the next run.
        is_due: bool,
        // Of the present run, if there is one.
        #[pin]
        body: Option<F>,
    }

    impl<M, F> PinnedDrop for Runs<M, F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.body.is_some() {
                this.call.clean_up(&mut || this.body.set(None));
            }
        }
    }
}

impl<M, F> Runs<M, F>
where
    M: FnMut() -> F,
    F: Future<Output: Outcome>,
{
    pub(crate) fn new(call: Call, make: M) -> Self {
        Self {
            call,
            make,
            is_due: true,
            body: None,
        }
    }

    /// Polls all but a plain run, and begins the runs.
    #[inline(never)]
    fn poll_more(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        loop {
            if *this.is_due {
                *this.is_due = false;
                let body = this.call.prepare(&mut *this.make).ok();
                this.body.set(body);
            }
            let (judge, ending) = (F::Output::judge(), F::Output::ending());
            let body = this.body.as_mut();
            match ready!(this.call.go_on(None, body, judge, ending, cx)) {
                ControlFlow::Break(value) => return Poll::Ready(value),
                ControlFlow::Continue(()) => *this.is_due = true,
            }
        }
    }
}

impl<M, F> Future for Runs<M, F>
where
    M: FnMut() -> F,
    F: Future<Output: Outcome>,
{
    type Output = F::Output;

    #[expect(clippy::inline_always, reason = "one call less at each poll")]
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.as_mut().project();
        if this.call.is_plain() {
            let (judge, ending) = (F::Output::judge(), F::Output::ending());
            match ready!(this.call.poll_in_place(this.body, judge, ending, cx)) {
                ControlFlow::Break(value) => return Poll::Ready(value),
                ControlFlow::Continue(()) => *this.is_due = true,
            }
        }
        self.poll_more(cx)
    }
}
