//! The response on its way.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::BoxError;
use super::body::ResponseBody;
use super::boundary::Caught;
use super::reply::{Respond, reply};
use super::request::Request;
use crate::failure::Failure;

pin_project! {
    /// The future response of a [`Supervised`](super::Supervised) service.
    pub struct ResponseFuture<F, R> {
        // Until the response has it.
        request: Option<Request>,
        respond: R,
        #[pin]
        state: State<F>,
    }

    impl<F, R> PinnedDrop for ResponseFuture<F, R> {
        fn drop(this: Pin<&mut Self>) {
            this.drop_future();
        }
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        Running { #[pin] future: F },
        // The service panicked before there was one.
        Failed { failure: Option<Failure> },
        Over,
    }
}

impl<F, R> ResponseFuture<F, R> {
    pub(super) fn new(request: Request, respond: R, future: F) -> Self {
        Self {
            request: Some(request),
            respond,
            state: State::Running { future },
        }
    }

    pub(super) fn failed(request: Request, respond: R, failure: Failure) -> Self {
        let failure = Some(failure);
        Self {
            request: Some(request),
            respond,
            state: State::Failed { failure },
        }
    }

    fn drop_future(self: Pin<&mut Self>) {
        let mut this = self.project();
        if let (Some(request), StateProj::Running { .. }) =
            (this.request, this.state.as_mut().project())
        {
            request.clean_up(&mut || this.state.as_mut().set(State::Over));
        }
    }
}

impl<F, R, B, E> Future for ResponseFuture<F, R>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Error: Into<BoxError>>,
    R: Respond<B>,
{
    type Output = Result<Response<ResponseBody<B, R::Body>>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.as_mut().project();
        let Some(request) = this.request else {
            return Poll::Pending;
        };
        let failure = match this.state.project() {
            StateProj::Running { future } => match request.inside(|| future.poll(cx)) {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(result)) => return self.returned(result),
                Err(caught) => self.as_mut().panicked(caught),
            },
            StateProj::Failed { failure } => failure.take(),
            StateProj::Over => None,
        };
        match self.answer(failure) {
            Some(response) => Poll::Ready(Ok(response)),
            None => Poll::Pending,
        }
    }
}

impl<F, R> ResponseFuture<F, R> {
    fn returned<B, E, A>(
        mut self: Pin<&mut Self>,
        result: Result<Response<B>, E>,
    ) -> Poll<Result<Response<ResponseBody<B, A>>, E>> {
        self.as_mut().drop_future();
        let Some(request) = self.project().request.take() else {
            return Poll::Pending;
        };
        let body = |body| ResponseBody::own(request, body);
        Poll::Ready(result.map(|response| response.map(body)))
    }

    #[cold]
    fn panicked(mut self: Pin<&mut Self>, caught: Caught) -> Option<Failure> {
        // Others may wait for what it holds.
        self.as_mut().drop_future();
        let request = self.project().request.as_ref()?;
        Some(request.panicked(caught))
    }

    /// What there is instead of a response.
    #[cold]
    fn answer<B>(
        self: Pin<&mut Self>,
        failure: Option<Failure>,
    ) -> Option<Response<ResponseBody<B, R::Body>>>
    where
        B: Body<Error: Into<BoxError>>,
        R: Respond<B>,
    {
        let this = self.project();
        let request = this.request.take()?;
        Some(reply(request, &failure?, this.respond))
    }
}
