//! Among other layers: of timeouts, of limits, of spans.

use std::convert::Infallible;
use std::future::pending;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::error_handling::HandleErrorLayer;
use http::{Request, Response, StatusCode};
use supervise::tower::SupervisedLayer;
use supervise_tests::record::record;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower::timeout::TimeoutLayer;
use tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tracing::instrument::{Instrument, Instrumented};
use tracing::{Span, info_span};

use super::axum::shop;
use super::load::put_under_load;
use super::service::{Abc, At, read, requests};

/// Opens a span for each request.
#[derive(Clone)]
pub struct Traced<S = ()> {
    inner: S,
    span: fn() -> Span,
}

pub fn traced(span: fn() -> Span) -> Traced {
    let inner = ();
    Traced { inner, span }
}

impl<S> Layer<S> for Traced {
    type Service = Traced<S>;

    fn layer(&self, inner: S) -> Traced<S> {
        let span = self.span;
        Traced { inner, span }
    }
}

impl<S: Service<R>, R> Service<R> for Traced<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Instrumented<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let span = (self.span)();
        let entered = span.enter();
        let future = self.inner.call(request);
        drop(entered);
        future.instrument(span)
    }
}

fn get(path: &str) -> Request<()> {
    Request::get(path).body(()).unwrap()
}

#[tokio::test]
async fn spans_of_layers_above_and_below_are_around_the_line() {
    let service = Abc::panics(At::Nowhere);
    let mut stack = ServiceBuilder::new()
        .layer(traced(|| info_span!("above")))
        .layer(SupervisedLayer::new("between spans"))
        .layer(traced(|| info_span!("below")))
        .service(service.clone());
    for at in [At::Call, At::Future, At::DropFuture] {
        let (record, _guard) = record();
        service.set(at);
        stack.call(get("/")).await.unwrap();
        service.set(At::Nowhere);
        let lines = record.lines();
        assert_eq!(lines.len(), 1);
        let spans: Vec<_> = lines[0].spans.iter().map(|(name, _)| *name).collect();
        assert_eq!(spans, ["above", "below"], "{at:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_timeout_above_drops_what_may_panic_and_one_below_is_an_error_like_any() {
    let service = service_fn(async |_| {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("in the destructor");
            }
        }
        let _bomb = Bomb;
        pending::<Result<Response<String>, Infallible>>().await
    });
    let limit = Duration::from_secs(1);
    let above = ServiceBuilder::new()
        .timeout(limit)
        .layer(SupervisedLayer::new("timeout above"))
        .service(service);
    assert!(above.oneshot(get("/")).await.is_err());
    assert_eq!(requests("timeout above").panics, 1);

    let below = ServiceBuilder::new()
        .layer(SupervisedLayer::new("timeout below"))
        .timeout(limit)
        .service(service);
    assert!(below.oneshot(get("/")).await.is_err());
    assert_eq!(requests("timeout below").panics, 1);
}

#[tokio::test(start_paused = true)]
async fn no_permit_is_lost_wherever_it_panics_with_the_limit_above_or_below() {
    let limit = GlobalConcurrencyLimitLayer::new(1);
    let service = Abc::panics(At::Nowhere);
    let below = ServiceBuilder::new()
        .layer(SupervisedLayer::new("limit below"))
        .layer(limit.clone())
        .service(service.clone());
    let above = ServiceBuilder::new()
        .layer(limit)
        .layer(SupervisedLayer::new("limit above"))
        .service(service.clone());
    for at in [
        At::PollReady,
        At::Call,
        At::Future,
        At::DropFuture,
        At::Frame(1),
        At::DropBody,
    ] {
        service.set(at);
        for _ in 0..3 {
            // Both share the one permit.
            let (below, above) = (below.clone(), above.clone());
            let all = async {
                drop(read(below.oneshot(get("/")).await.unwrap().into_body()).await);
                drop(read(above.oneshot(get("/")).await.unwrap().into_body()).await);
            };
            let end = tokio::time::timeout(Duration::from_secs(1), all).await;
            assert!(end.is_ok(), "a permit is lost: {at:?}");
        }
        service.set(At::Nowhere);
    }
    assert_eq!(requests("limit below").panics, 18);
    assert_eq!(requests("limit above").panics, 18);
}

#[test]
fn a_server_under_load_with_a_whole_stack_loses_nothing() {
    let failed = HandleErrorLayer::new(async |error: BoxError| {
        (StatusCode::GATEWAY_TIMEOUT, error.to_string())
    });
    let limit = Duration::from_secs(60);
    let outermost = ServiceBuilder::new()
        .layer(failed.clone())
        .layer(traced(|| info_span!("above")))
        .layer(SupervisedLayer::new("outermost"))
        .layer(traced(|| info_span!("below")))
        .layer(TimeoutLayer::new(limit))
        .layer(GlobalConcurrencyLimitLayer::new(3));
    put_under_load(shop().layer(outermost), "outermost", 2_000);

    let innermost = ServiceBuilder::new()
        .layer(failed)
        .layer(TimeoutLayer::new(limit))
        .layer(GlobalConcurrencyLimitLayer::new(3))
        .layer(SupervisedLayer::new("innermost"));
    put_under_load(shop().layer(innermost), "innermost", 2_000);
}
