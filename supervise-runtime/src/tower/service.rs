//! The service: what is asked for each request.

use std::fmt;
use std::task::{Context, Poll};

use http::Response;
use http_body::Body;
use tower_service::Service;

use super::BoxError;
use super::body::ResponseBody;
use super::boundary::Boundary;
use super::future::ResponseFuture;
use super::reply::Respond;
use super::request::Request;
use crate::failure::Failure;

/// A service whose panics are contained, reported and answered: what
/// [`SupervisedLayer`](super::SupervisedLayer) makes of `S`.
pub struct Supervised<S, R = ()> {
    inner: S,
    boundary: Boundary,
    respond: R,
    /// Of the panic that it was not ready for: the answer to the next request,
    /// which the service can't be asked.
    unready: Option<Failure>,
}

impl<S, R> Supervised<S, R> {
    pub(super) fn new(inner: S, boundary: Boundary, respond: R) -> Self {
        Self {
            inner,
            boundary,
            respond,
            unready: None,
        }
    }
}

/// Ready by itself, like any clone of a service.
impl<S: Clone, R: Clone> Clone for Supervised<S, R> {
    fn clone(&self) -> Self {
        Self::new(self.inner.clone(), self.boundary, self.respond.clone())
    }
}

impl<S, R, A, B> Service<http::Request<A>> for Supervised<S, R>
where
    S: Service<http::Request<A>, Response = Response<B>>,
    B: Body<Error: Into<BoxError>>,
    R: Respond<B> + Clone,
{
    type Response = Response<ResponseBody<B, R::Body>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, R>;

    /// After a panic it is ready: to answer a request with it.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        if self.unready.is_some() {
            return Poll::Ready(Ok(()));
        }
        let inner = &mut self.inner;
        self.boundary
            .inside(|| inner.poll_ready(cx))
            .unwrap_or_else(|caught| {
                self.unready = Some(self.boundary.panicked(None, caught));
                Poll::Ready(Ok(()))
            })
    }

    fn call(&mut self, request: http::Request<A>) -> Self::Future {
        let known = Request::new(self.boundary, &request);
        let respond = self.respond.clone();
        if let Some(failure) = self.unready.take() {
            let mut request = Some(request);
            known.clean_up(&mut || request = None);
            return ResponseFuture::failed(known, respond, failure);
        }
        match known.inside(|| self.inner.call(request)) {
            Ok(future) => ResponseFuture::new(known, respond, future),
            Err(caught) => {
                let failure = known.panicked(caught);
                ResponseFuture::failed(known, respond, failure)
            }
        }
    }
}

impl<S: fmt::Debug, R> fmt::Debug for Supervised<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervised")
            .field("name", &self.boundary.name())
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}
