//! The layer: what is set up once.

use std::fmt;
use std::panic::Location;

use http::Response;
use tower_layer::Layer;

use super::boundary::Boundary;
use super::service::Supervised;
use crate::failure::Failure;

/// Contains, reports and answers the panics of the service that it is put around.
///
/// `R` is what answers: `()`, or the closure that was given to
/// [`respond`](Self::respond).
///
/// # Examples
///
/// ```
/// use supervise::tower::SupervisedLayer;
///
/// // On an axum router, a tonic server or a `tower::ServiceBuilder`: `.layer(layer)`.
/// let layer = SupervisedLayer::new("api");
/// ```
#[derive(Clone, Copy)]
pub struct SupervisedLayer<R = ()> {
    boundary: Boundary,
    respond: R,
}

impl SupervisedLayer {
    /// A layer called `name`, the label `worker` of its metrics and log lines.
    /// Layers of one name have one set of numbers.
    ///
    /// Its series is there, at 0, from here on.
    ///
    /// # Panics
    ///
    /// If the name is empty.
    #[track_caller]
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        assert!(
            !name.trim_ascii().is_empty(),
            "a layer needs a name to be found by"
        );
        Self {
            boundary: Boundary::new(name, Location::caller()),
            respond: (),
        }
    }

    /// Answers a request that panicked before there was a response by what
    /// `respond` makes, instead of a 500 without a body.
    ///
    /// The body of the response may be of any type with the data of the service's
    /// own. A panic of `respond` is contained and counted like any, and answered by
    /// a 500 without a body. A gRPC request, whose client would not understand, is
    /// answered by `grpc-status: 13` all the same.
    ///
    /// # Examples
    ///
    /// ```
    /// use http::{Response, StatusCode};
    /// use supervise::tower::SupervisedLayer;
    ///
    /// let layer = SupervisedLayer::new("shop").respond(|_failure| {
    ///     let mut response = Response::new(r#"{"error": "internal"}"#.to_owned());
    ///     *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    ///     response
    /// });
    /// ```
    #[must_use]
    pub fn respond<F, B>(self, respond: F) -> SupervisedLayer<F>
    where
        F: Fn(&Failure) -> Response<B> + Clone,
    {
        SupervisedLayer {
            boundary: self.boundary,
            respond,
        }
    }
}

impl<R> SupervisedLayer<R> {
    /// Whether a gRPC client is told the message of the panic, as `grpc-message`; of
    /// one that is longer than 4 KiB the beginning, as clients limit their headers.
    /// The default is `false`: it may say what is nobody else's business.
    #[must_use]
    pub fn expose_message(mut self, expose: bool) -> Self {
        self.boundary.exposes_message = expose;
        self
    }
}

impl<S, R: Clone> Layer<S> for SupervisedLayer<R> {
    type Service = Supervised<S, R>;

    fn layer(&self, inner: S) -> Supervised<S, R> {
        Supervised::new(inner, self.boundary, self.respond.clone())
    }
}

impl<R> fmt::Debug for SupervisedLayer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SupervisedLayer")
            .field("name", &self.boundary.name())
            .field("expose_message", &self.boundary.exposes_message)
            .finish_non_exhaustive()
    }
}
