//! What a client gets instead of the response that there is none of.

use http::{Response, StatusCode};
use http_body::Body;

use super::body::ResponseBody;
use super::request::Request;
use super::{BoxError, grpc};
use crate::failure::Failure;

/// What answers a request that panicked before there was a response: a closure,
/// or `()` for a 500 without a body.
///
/// `B` is the body of the service's own responses; that of the answer has the same
/// [`Data`](Body::Data).
pub trait Respond<B: Body>: sealed::Sealed<B> {
    /// The body of the answer.
    type Body: Body<Data = B::Data, Error: Into<BoxError>>;

    /// The answer; `None` for a 500 without a body.
    fn respond(&self, failure: &Failure) -> Option<Response<Self::Body>>;
}

impl<B> Respond<B> for ()
where
    B: Body<Error: Into<BoxError>>,
{
    type Body = B;

    fn respond(&self, _: &Failure) -> Option<Response<B>> {
        None
    }
}

impl<F, B, R> Respond<B> for F
where
    F: Fn(&Failure) -> Response<R>,
    B: Body,
    R: Body<Data = B::Data, Error: Into<BoxError>>,
{
    type Body = R;

    fn respond(&self, failure: &Failure) -> Option<Response<R>> {
        Some(self(failure))
    }
}

mod sealed {
    use http::Response;

    use crate::failure::Failure;

    pub trait Sealed<B> {}

    impl<B> Sealed<B> for () {}
    impl<F, B, R> Sealed<B> for F where F: Fn(&Failure) -> Response<R> {}
}

/// The answer to a request that panicked before there was a response.
pub(super) fn reply<B, R>(
    request: Request,
    failure: &Failure,
    respond: &R,
) -> Response<ResponseBody<B, R::Body>>
where
    B: Body,
    R: Respond<B>,
{
    if let Some(headers) = grpc::headers(&request, failure) {
        let mut response = Response::new(ResponseBody::default());
        *response.headers_mut() = headers;
        return response;
    }
    match request.inside(|| respond.respond(failure)) {
        Ok(Some(response)) => response.map(|body| ResponseBody::reply(request, body)),
        Ok(None) => internal_server_error(),
        Err(caught) => {
            request.panicked(caught);
            internal_server_error()
        }
    }
}

fn internal_server_error<B, R>() -> Response<ResponseBody<B, R>> {
    let mut response = Response::new(ResponseBody::default());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
