//! One contained run, and the pause after it: in a future here, on a thread in
//! [`blocking`].

mod after;
mod blocking;

use std::future::Future;
use std::ops::ControlFlow;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use self::after::{after_panic, after_return};
use crate::call::{Call, Stillborn};
use crate::capture::Panicked;
use crate::outcome::{Ending, Judge};
use crate::policy::Next;

pin_project! {
    /// Runs the worker's body once. Ready with `Break` if the worker is done,
    /// with `Continue` when it is time for the next run.
    pub struct Attempt<'c, F, J, E> {
        call: &'c mut Call,
        judge: J,
        ending: E,
        #[pin]
        state: State<F>,
    }

    impl<F, J, E> PinnedDrop for Attempt<'_, F, J, E> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let StateProj::Running { .. } = this.state.as_mut().project() {
                this.call.clean_up(&mut || this.state.as_mut().set(State::Over));
            }
        }
    }
}

/// How a run ended.
enum End<T> {
    Returned(T),
    Panicked(Panicked),
    TimedOut,
    /// A restart was ordered.
    CutOff,
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        /// The body is polled.
        Running { #[pin] body: F },
        /// The run ended before it had a body.
        Stillborn { end: Option<Stillborn> },
        /// The run is over and its body gone; the pause goes on.
        Over,
    }
}

/// As safe as the body: `Call` is.
impl<F: UnwindSafe, J, E> UnwindSafe for Attempt<'_, F, J, E> {}
impl<F: RefUnwindSafe, J, E> RefUnwindSafe for Attempt<'_, F, J, E> {}

impl Call {
    /// The next run: `body`, or what became of it in `prepare`.
    pub fn attempt<F, J, E>(
        &mut self,
        body: Result<F, Stillborn>,
        judge: J,
        ending: E,
    ) -> Attempt<'_, F, J, E>
    where
        F: Future,
        J: Judge<F::Output>,
        E: Ending<F::Output>,
    {
        let state = match body {
            Ok(body) if self.begin() => State::Running { body },
            Ok(body) => {
                self.refuse(body);
                State::Over
            }
            Err(end) => State::Stillborn { end: Some(end) },
        };
        Attempt {
            call: self,
            judge,
            ending,
            state,
        }
    }

    /// Gets rid of the body of a run that may not begin.
    #[cold]
    #[inline(never)]
    fn refuse<F>(&self, body: F) {
        let mut body = Some(body);
        self.clean_up(&mut || body = None);
    }
}

impl<F, J, E> Future for Attempt<'_, F, J, E>
where
    F: Future,
    J: Judge<F::Output>,
    E: Ending<F::Output>,
{
    type Output = ControlFlow<F::Output>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.as_mut().project();
        let StateProj::Running { body } = this.state.project() else {
            return self.poll_without_body(cx);
        };
        if this.call.is_restart_ordered() {
            return self.end(End::CutOff, cx);
        }
        match this.call.inside(|| body.poll(cx)) {
            Ok(Poll::Pending) => {
                ready!(this.call.poll_limits(cx));
                self.end(End::TimedOut, cx)
            }
            Ok(Poll::Ready(value)) => self.end(End::Returned(value), cx),
            Err(panicked) => self.end(End::Panicked(panicked), cx),
        }
    }
}

impl<F, J, E> Attempt<'_, F, J, E>
where
    F: Future,
    J: Judge<F::Output>,
    E: Ending<F::Output>,
{
    /// Before the body, if there is none, and after it.
    #[cold]
    #[inline(never)]
    fn poll_without_body(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<ControlFlow<F::Output>> {
        let this = self.as_mut().project();
        let stillborn = match this.state.project() {
            StateProj::Stillborn { end } => end.take(),
            StateProj::Running { .. } | StateProj::Over => None,
        };
        match stillborn.and_then(Stillborn::into_panicked) {
            Some(panicked) => self.end(End::Panicked(panicked), cx),
            None => this.call.poll_pause(cx).map(ControlFlow::Continue),
        }
    }

    /// Once in a run: out of the way of its polls.
    #[inline(never)]
    fn end(
        self: Pin<&mut Self>,
        end: End<F::Output>,
        cx: &mut Context<'_>,
    ) -> Poll<ControlFlow<F::Output>> {
        let mut this = self.project();
        this.call
            .clean_up(&mut || this.state.as_mut().set(State::Over));
        let next = match end {
            End::Returned(value) => after_return(this.call, value, *this.judge, |_| true),
            End::Panicked(panicked) => after_panic(this.call, panicked, *this.ending, |_| true),
            End::TimedOut => after_timeout(this.call, *this.ending),
            End::CutOff => {
                this.call.restart_by_hand();
                ControlFlow::Continue(())
            }
        };
        match next {
            ControlFlow::Break(value) => Poll::Ready(ControlFlow::Break(value)),
            ControlFlow::Continue(()) => this.call.poll_pause(cx).map(ControlFlow::Continue),
        }
    }
}

fn after_timeout<T, E: Ending<T>>(call: &mut Call, ending: E) -> ControlFlow<T> {
    if let Next::Wait(_) = call.timed_out() {
        return ControlFlow::Continue(());
    }
    match ending.hold(|| call.timeout()) {
        Some(value) => ControlFlow::Break(value),
        // Nothing else can tell the caller that there is no value.
        None => panic!("{}", call.timeout()),
    }
}
