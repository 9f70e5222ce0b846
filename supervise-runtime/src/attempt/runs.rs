//! All runs of a worker, one after the other, whose bodies a closure makes.
//!
//! The attribute expands to a loop in an `async fn`: a body that borrows from the
//! function can be nowhere else. These bodies borrow nothing, so there can be a future
//! by hand, which is compiled into tokio's poll of it: a third of what the loop adds.

use std::future::Future;
use std::mem;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::call::Call;
use crate::outcome::Outcome;

pin_project! {
    /// Ready when the worker is done.
    pub(crate) struct Runs<M, F> {
        call: Call,
        make: M,
        stage: Stage,
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

enum Stage {
    /// It is time for the next run.
    Due,
    /// The run goes on, or the pause after it.
    Begun,
    /// The worker is done, or its last panic has gone on.
    Over,
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
            stage: Stage::Due,
            body: None,
        }
    }

    /// Polls all but a plain run, and begins the runs.
    ///
    /// # Panics
    ///
    /// As an `async` block does, if it is polled when there is nothing more to come: it
    /// would begin anew.
    #[inline(never)]
    fn poll_more(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        loop {
            match mem::replace(this.stage, Stage::Over) {
                Stage::Due => {
                    let body = this.call.prepare(&mut *this.make).ok();
                    this.body.set(body);
                }
                Stage::Begun => {}
                Stage::Over => panic!("the future of a worker was polled after its end"),
            }
            let (judge, ending) = (F::Output::judge(), F::Output::ending());
            let body = this.body.as_mut();
            let polled = this.call.go_on(None, body, judge, ending, cx);
            if let Some(polled) = this.stage.follow(polled) {
                return polled;
            }
        }
    }
}

impl Stage {
    /// What follows a poll, during which it was over: one that panics is the last. `None`
    /// if the next run does.
    #[inline]
    fn follow<T>(&mut self, polled: Poll<ControlFlow<T>>) -> Option<Poll<T>> {
        match polled {
            Poll::Pending => {
                *self = Self::Begun;
                Some(Poll::Pending)
            }
            Poll::Ready(ControlFlow::Break(value)) => Some(Poll::Ready(value)),
            Poll::Ready(ControlFlow::Continue(())) => {
                *self = Self::Due;
                None
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
            *this.stage = Stage::Over;
            let (judge, ending) = (F::Output::judge(), F::Output::ending());
            let polled = this.call.poll_in_place(this.body, judge, ending, cx);
            if let Some(polled) = this.stage.follow(polled) {
                return polled;
            }
        }
        self.poll_more(cx)
    }
}
