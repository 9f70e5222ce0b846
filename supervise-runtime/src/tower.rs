//! Services of HTTP and gRPC requests that survive their panics.
//!
//! A panic in a handler ends the task of its connection: all other requests on it
//! are lost, and nothing is counted. With a [`SupervisedLayer`] around the service it
//! is one log event, a count, and an answer; the connection and the server live on.
//!
//! ```
//! use http::{Request, Response, StatusCode};
//! use supervise::tower::SupervisedLayer;
//! use tower_layer::Layer;
//! use tower_service::Service;
//! # use std::convert::Infallible;
//! # use std::future::{Ready, ready};
//! # use std::task::{Context, Poll};
//!
//! # #[derive(Clone)]
//! struct Greeter;
//!
//! impl Service<Request<String>> for Greeter {
//!     // …
//! #   type Response = Response<String>;
//! #   type Error = Infallible;
//! #   type Future = Ready<Result<Response<String>, Infallible>>;
//! #
//! #   fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
//! #       Poll::Ready(Ok(()))
//! #   }
//! #
//!     fn call(&mut self, request: Request<String>) -> Self::Future {
//!         let name = request.uri().query().expect("a name");
//!         ready(Ok(Response::new(format!("Hello {name}"))))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let mut greeter = SupervisedLayer::new("greeter").layer(Greeter);
//! let response = greeter.call(Request::new("nobody".into())).await.unwrap();
//! assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
//!
//! let workers = supervise::workers();
//! let greeter = workers.iter().find(|worker| worker.name == "greeter").unwrap();
//! assert_eq!(greeter.panics, 1);
//! # }
//! ```
//!
//! With axum, `.layer(SupervisedLayer::new("api"))` on a router; with tonic, on
//! its server; with tower, on a `ServiceBuilder`. `examples/boundary` is a program
//! that does so.
//!
//! # What is contained
//!
//! A panic in the service's `poll_ready` and `call`, in the response's future, in
//! its body, and in the destructors of future and body. What has panicked is dropped
//! and never polled again, and with it goes what it holds: a permit, a lock. The
//! service itself is asked again, whatever state the panic has left it in. The layer
//! goes around all others, but for one that opens a span for each request.
//!
//! Not contained are the destructor and the `clone` of the service itself, and
//! tasks that a handler spawns ([`supervise::spawn`](crate::spawn) is for these).
//! A worker that a handler calls is a worker of its own: what it tells is not told
//! again.
//!
//! # What the client gets
//!
//! | the panic comes | and the client gets |
//! |---|---|
//! | before the response | 500 without a body, or what [`respond`](SupervisedLayer::respond) makes |
//! | before the response, in a gRPC request | `grpc-status: 13` (internal), without a message |
//! | in the body, in a gRPC request | what there is of it, and `grpc-status: 13` in the trailers |
//! | in the body otherwise | a body that breaks off: a reset stream under HTTP/2, a closed connection under HTTP/1 |
//!
//! A request is gRPC by its `content-type`, gRPC-Web included, whose trailers are
//! part of the body: there, a body breaks off. The message of the panic stays in
//! the log, unless [`expose_message`](SupervisedLayer::expose_message) or `respond`
//! tells it.
//!
//! # What is reported
//!
//! Each panic is an event `request panicked` at `ERROR`, target
//! `supervise::panic`, in the span of the panic, with the fields of any other and
//! `http.request.method` and `url.path`, without the query. One in `poll_ready` has
//! neither: it came before the request that it answers. The layer's name is the field
//! `worker`, and the label `worker` of `supervise_panics_total`, with the kind
//! `request`; [`workers`](crate::workers) tells its last failures, too.
//!
//! # What it costs
//!
//! A healthy request costs the catch around each of its polls. Nothing is allocated
//! and the body is not boxed; the method and the path are kept until the response is
//! over, the path in the memory of the request's.

mod body;
mod boundary;
mod future;
mod grpc;
mod layer;
mod reply;
mod request;
mod service;

pub use self::body::ResponseBody;
pub use self::future::ResponseFuture;
pub use self::layer::SupervisedLayer;
pub use self::reply::Respond;
pub use self::service::Supervised;

/// Any error.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;
