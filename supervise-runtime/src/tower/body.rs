//! The body of a response.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::boundary::Caught;
use super::request::Request;
use super::{BoxError, grpc};

pin_project! {
    /// The body of a response that has passed a
    /// [`SupervisedLayer`](super::SupervisedLayer): the service's own `B`, that of
    /// an answer to a panic, `R`, or an empty one.
    ///
    /// After a panic it ends: a gRPC body with the trailers that say so, any other
    /// with a [`Failure`](crate::Failure) as the error.
    pub struct ResponseBody<B, R = B> {
        // Unless the body is empty.
        request: Option<Request>,
        #[pin]
        state: State<B, R>,
    }

    impl<B, R> PinnedDrop for ResponseBody<B, R> {
        fn drop(this: Pin<&mut Self>) {
            this.drop_body();
        }
    }
}

pin_project! {
    #[project = StateProj]
    enum State<B, R> {
        Own { #[pin] body: B },
        Reply { #[pin] body: R },
        Over,
    }
}

impl<B, R> ResponseBody<B, R> {
    /// The service's own.
    pub(super) fn own(request: Request, body: B) -> Self {
        let (request, state) = (Some(request), State::Own { body });
        Self { request, state }
    }

    /// That of an answer to a panic.
    pub(super) fn reply(request: Request, body: R) -> Self {
        let (request, state) = (Some(request), State::Reply { body });
        Self { request, state }
    }

    fn drop_body(self: Pin<&mut Self>) {
        let mut this = self.project();
        if let Some(request) = this.request {
            request.clean_up(&mut || this.state.as_mut().set(State::Over));
        }
    }

    /// What a client still gets of a body that panicked.
    #[cold]
    fn panicked<D>(mut self: Pin<&mut Self>, caught: Caught) -> Option<Result<Frame<D>, BoxError>> {
        self.as_mut().drop_body();
        let request = self.project().request.take()?;
        let failure = request.panicked(caught);
        Some(match grpc::trailers(&request, &failure) {
            Some(trailers) => Ok(Frame::trailers(trailers)),
            None => Err(failure.into()),
        })
    }
}

impl<B, R> Body for ResponseBody<B, R>
where
    B: Body<Error: Into<BoxError>>,
    R: Body<Data = B::Data, Error: Into<BoxError>>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        let this = self.as_mut().project();
        let Some(request) = this.request else {
            return Poll::Ready(None);
        };
        let polled = request.inside(|| match this.state.project() {
            StateProj::Own { body } => body.poll_frame(cx).map_err(Into::into),
            StateProj::Reply { body } => body.poll_frame(cx).map_err(Into::into),
            StateProj::Over => Poll::Ready(None),
        });
        polled.unwrap_or_else(|caught| Poll::Ready(self.panicked(caught)))
    }

    fn is_end_stream(&self) -> bool {
        let Some(request) = &self.request else {
            return true;
        };
        let is_end = request.inside(|| match &self.state {
            State::Own { body } => body.is_end_stream(),
            State::Reply { body } => body.is_end_stream(),
            State::Over => true,
        });
        is_end.unwrap_or_else(|caught| {
            request.panicked(caught);
            false
        })
    }

    fn size_hint(&self) -> SizeHint {
        let Some(request) = &self.request else {
            return SizeHint::with_exact(0);
        };
        let hint = request.inside(|| match &self.state {
            State::Own { body } => body.size_hint(),
            State::Reply { body } => body.size_hint(),
            State::Over => SizeHint::with_exact(0),
        });
        hint.unwrap_or_else(|caught| {
            request.panicked(caught);
            SizeHint::default()
        })
    }
}

/// An empty one.
impl<B, R> Default for ResponseBody<B, R> {
    fn default() -> Self {
        let (request, state) = (None, State::Over);
        Self { request, state }
    }
}

impl<B, R> fmt::Debug for ResponseBody<B, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").finish_non_exhaustive()
    }
}
