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
use crate::capture;
use crate::contain::Payload;
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
        fn drop(mut this: Pin<&mut Self>) {
            let state = this.as_mut().project().state.project();
            if let StateProj::Plain { .. } | StateProj::Running { .. } = state {
                this.drop_body();
            }
        }
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        /// The body is polled, and there is nothing else to see to.
        Plain { #[pin] body: F },
        /// The body is polled.
        Running { #[pin] body: F },
        /// The run ended before it had a body.
        Stillborn,
        /// The run is over and its body gone; the pause goes on.
        Over,
    }
}

impl<F, J, E> Attempt<'_, F, J, E> {
    /// Once in a run: out of the way of its polls.
    #[inline(never)]
    fn drop_body(self: Pin<&mut Self>) {
        let mut this = self.project();
        this.call.clean_up_at_once(|| this.state.set(State::Over));
    }
}

/// As safe as the body: `Call` is.
impl<F: UnwindSafe, J, E> UnwindSafe for Attempt<'_, F, J, E> {}
impl<F: RefUnwindSafe, J, E> RefUnwindSafe for Attempt<'_, F, J, E> {}

impl Call {
    /// The next run, which has begun, or may not.
    #[inline]
    pub fn attempt<F, J, E>(&mut self, body: F, judge: J, ending: E) -> Attempt<'_, F, J, E>
    where
        F: Future,
        J: Judge<F::Output>,
        E: Ending<F::Output>,
    {
        let state = if self.is_running() && self.is_plain() {
            State::Plain { body }
        } else {
            State::Running { body }
        };
        Attempt {
            call: self,
            judge,
            ending,
            state,
        }
    }

    /// The next run: `body`, or what became of it in `prepare`, which has begun it.
    pub fn attempt_prepared<F, J, E>(
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
        match body {
            Ok(body) => self.attempt(body, judge, ending),
            Err(Stillborn) => Attempt {
                call: self,
                judge,
                ending,
                state: State::Stillborn,
            },
        }
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
        let polled = match this.state.project() {
            StateProj::Plain { body } if capture::is_outermost() => {
                match this.call.poll_plain(body, cx) {
                    Ok(Poll::Pending) if !capture::is_seen() => return Poll::Pending,
                    Ok(Poll::Pending) => Some(Ok(None)),
                    Ok(Poll::Ready(value)) => Some(Ok(Some(value))),
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

impl<F, J, E> Attempt<'_, F, J, E>
where
    F: Future,
    J: Judge<F::Output>,
    E: Ending<F::Output>,
{
    /// Goes on with what came of a plain poll; or polls what is no plain run, and
    /// the pause.
    #[inline(never)]
    fn go_on(
        mut self: Pin<&mut Self>,
        polled: Option<Result<Option<F::Output>, Payload>>,
        cx: &mut Context<'_>,
    ) -> Poll<ControlFlow<F::Output>> {
        let this = self.as_mut().project();
        let polled = match (polled, this.state.project()) {
            (Some(polled), _) => polled,
            (None, StateProj::Plain { body } | StateProj::Running { body }) => {
                if !this.call.is_running() {
                    // It was not to begin.
                    self.as_mut().drop_body();
                    return self.poll_pause(cx);
                }
                if this.call.is_restart_ordered() {
                    self.as_mut().drop_body();
                    self.as_mut().project().call.restart_by_hand();
                    return self.poll_pause(cx);
                }
                this.call.poll(body, cx).map(|poll| match poll {
                    Poll::Ready(value) => Some(value),
                    Poll::Pending => None,
                })
            }
            (None, StateProj::Stillborn) => return self.stillborn(cx),
            (None, StateProj::Over) => return self.poll_pause(cx),
        };
        let polled = this.call.seen(polled);
        if let Ok(None) = polled {
            ready!(this.call.poll_limits(cx));
        }
        self.as_mut().drop_body();
        let this = self.as_mut().project();
        let next = match polled {
            Ok(Some(value)) => after_return(this.call, value, *this.judge, |_| true),
            Ok(None) => after_timeout(this.call, *this.ending),
            Err(panicked) => after_panic(this.call, panicked, *this.ending, |_| true),
        };
        self.follow(next, cx)
    }

    /// A run that ended before it had a body.
    #[cold]
    #[inline(never)]
    fn stillborn(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<ControlFlow<F::Output>> {
        let mut this = self.as_mut().project();
        this.state.set(State::Over);
        let next = match this.call.take_stillborn() {
            Some(panicked) => after_panic(this.call, panicked, *this.ending, |_| true),
            None => ControlFlow::Continue(()),
        };
        self.follow(next, cx)
    }

    fn follow(
        self: Pin<&mut Self>,
        next: ControlFlow<F::Output>,
        cx: &mut Context<'_>,
    ) -> Poll<ControlFlow<F::Output>> {
        match next {
            ControlFlow::Break(value) => Poll::Ready(ControlFlow::Break(value)),
            ControlFlow::Continue(()) => self.poll_pause(cx),
        }
    }

    fn poll_pause(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<ControlFlow<F::Output>> {
        self.project()
            .call
            .poll_pause(cx)
            .map(ControlFlow::Continue)
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
