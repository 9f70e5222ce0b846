//! One contained run, and the pause after it: in a future here, on a thread in
//! [`blocking`].

mod after;
mod blocking;
mod runs;

use std::future::Future;
use std::ops::ControlFlow;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use self::after::{after_panic, after_return};
pub(crate) use self::runs::Runs;
use crate::call::{Call, Stillborn};
use crate::capture;
use crate::contain::{Payload, contain, leave_at_once};
use crate::outcome::{Ending, Judge};
use crate::policy::Next;

pin_project! {
    /// Runs the worker's body once. Ready with `Break` if the worker is done,
    /// with `Continue` when it is time for the next run.
    pub struct Attempt<'c, F, J, E>
    where
        F: Future,
    {
        call: &'c mut Call,
        judge: J,
        ending: E,
        // `None` if it never came to be, or is gone, and the pause goes on.
        #[pin]
        body: Option<F>,
    }

    impl<F, J, E> PinnedDrop for Attempt<'_, F, J, E>
    where
        F: Future,
    {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if this.body.is_some() {
                this.call.drop_body(this.body);
            }
        }
    }
}

/// The body of a run, of which only the output counts: what is done with it is one
/// piece of code for all workers of that output, and a program has hundreds.
///
/// So is the catch. Beside each body it would make a panic cheaper, by the one function
/// that unwinds in between (a quarter of a restart), and every worker costlier to
/// compile, by a twentieth.
trait Body<T> {
    fn is_over(&self) -> bool;
    /// Pending for ever if it is over.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T>;
    fn let_go(self: Pin<&mut Self>);
}

impl<F: Future> Body<F::Output> for Option<F> {
    fn is_over(&self) -> bool {
        self.is_none()
    }

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match self.as_pin_mut() {
            Some(body) => body.poll(cx),
            None => Poll::Pending,
        }
    }

    fn let_go(mut self: Pin<&mut Self>) {
        self.set(None);
    }
}

/// As safe as the body: `Call` is.
impl<F: Future + UnwindSafe, J, E> UnwindSafe for Attempt<'_, F, J, E> {}
impl<F: Future + RefUnwindSafe, J, E> RefUnwindSafe for Attempt<'_, F, J, E> {}

impl Call {
    /// The next run, which has begun, or may not.
    #[inline]
    pub fn attempt<F, J, E>(&mut self, body: F, judge: J, ending: E) -> Attempt<'_, F, J, E>
    where
        F: Future,
        J: Judge<F::Output>,
        E: Ending<F::Output>,
    {
        Attempt {
            call: self,
            judge,
            ending,
            body: Some(body),
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
        Attempt {
            call: self,
            judge,
            ending,
            body: body.ok(),
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
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (judge, ending) = (*this.judge, *this.ending);
        this.call.poll(this.body, judge, ending, cx)
    }
}

impl Call {
    #[inline]
    fn poll<T, J, E>(
        &mut self,
        body: Pin<&mut dyn Body<T>>,
        judge: J,
        ending: E,
        cx: &mut Context<'_>,
    ) -> Poll<ControlFlow<T>>
    where
        J: Judge<T>,
        E: Ending<T>,
    {
        self.poll_in_place(body, judge, ending, cx)
    }

    /// The same, compiled into whatever calls it.
    #[expect(clippy::inline_always, reason = "one call less at each poll")]
    #[inline(always)]
    fn poll_in_place<T, J, E>(
        &mut self,
        mut body: Pin<&mut dyn Body<T>>,
        judge: J,
        ending: E,
        cx: &mut Context<'_>,
    ) -> Poll<ControlFlow<T>>
    where
        J: Judge<T>,
        E: Ending<T>,
    {
        let polled = if self.is_plain() && capture::is_outermost() {
            match capture::watched_outermost(self.here(), || contain(|| body.as_mut().poll(cx))) {
                Ok(Poll::Pending) if !capture::is_seen() => return Poll::Pending,
                Ok(Poll::Pending) => Some(Ok(None)),
                Ok(Poll::Ready(value)) => Some(Ok(Some(value))),
                Err(payload) => Some(Err(payload)),
            }
        } else {
            None
        };
        // In one place for all, or a poll of which nothing came would be told by way of
        // the memory that is for the others.
        self.go_on(polled, body, judge, ending, cx)
    }

    /// Goes on with what came of a plain poll; or polls what is no plain run, and
    /// the pause.
    #[inline(never)]
    fn go_on<T, J, E>(
        &mut self,
        polled: Option<Result<Option<T>, Payload>>,
        mut body: Pin<&mut dyn Body<T>>,
        judge: J,
        ending: E,
        cx: &mut Context<'_>,
    ) -> Poll<ControlFlow<T>>
    where
        J: Judge<T>,
        E: Ending<T>,
    {
        let polled = match polled {
            Some(polled) => polled,
            None if !self.is_running() => {
                // It was not to begin, or is over.
                if !body.is_over() {
                    self.drop_body(body);
                }
                return self.follow(ControlFlow::Continue(()), cx);
            }
            None if self.has_past() && body.is_over() => return self.stillborn(ending, cx),
            None if self.is_restart_ordered() => {
                self.drop_body(body);
                self.restart_by_hand();
                return self.follow(ControlFlow::Continue(()), cx);
            }
            None => match self.poll_in_span(body.as_mut(), cx) {
                Ok(Poll::Pending) if !capture::is_seen() && !self.has_past() => {
                    return Poll::Pending;
                }
                Ok(Poll::Pending) => Ok(None),
                Ok(Poll::Ready(value)) => Ok(Some(value)),
                Err(payload) => Err(payload),
            },
        };
        let polled = self.seen(polled);
        if let Ok(None) = polled {
            ready!(self.poll_limits(cx));
        }
        let next = match polled {
            Ok(Some(value)) => self.once_in_span(|call| {
                call.drop_body(body);
                after_return(call, value, judge, always)
            }),
            Ok(None) => {
                self.drop_body(body);
                after_timeout(self, ending)
            }
            Err(panicked) => {
                self.drop_body(body);
                after_panic(self, panicked, ending, always)
            }
        };
        self.follow(next, cx)
    }

    /// A run that ended before it had a body.
    #[cold]
    #[inline(never)]
    fn stillborn<T, E: Ending<T>>(
        &mut self,
        ending: E,
        cx: &mut Context<'_>,
    ) -> Poll<ControlFlow<T>> {
        let next = match self.take_stillborn() {
            Some(panicked) => after_panic(self, panicked, ending, always),
            None => ControlFlow::Continue(()),
        };
        self.follow(next, cx)
    }

    /// Polls the body as part of the run: in its span, with the hook watching.
    #[inline]
    fn poll_in_span<T>(
        &self,
        body: Pin<&mut dyn Body<T>>,
        cx: &mut Context<'_>,
    ) -> Result<Poll<T>, Payload> {
        capture::watched(self.here(), || {
            if !self.has_span() {
                return contain(|| body.poll(cx));
            }
            let entered = self.enter_span_at_once()?;
            let polled = contain(|| body.poll(cx));
            leave_at_once(entered);
            polled
        })
    }

    fn follow<T>(&mut self, next: ControlFlow<T>, cx: &mut Context<'_>) -> Poll<ControlFlow<T>> {
        match next {
            ControlFlow::Break(value) => Poll::Ready(ControlFlow::Break(value)),
            ControlFlow::Continue(()) => self.poll_pause(cx).map(ControlFlow::Continue),
        }
    }

    #[inline]
    fn drop_body<T>(&self, mut body: Pin<&mut dyn Body<T>>) {
        self.clean_up_at_once(|| body.as_mut().let_go());
    }
}

/// Whoever polls a future need not wait to know that it goes on.
fn always(_: &mut Call) -> bool {
    true
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
