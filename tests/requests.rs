//! Requests of HTTP and gRPC that panic: what is contained, told and counted, and
//! what the client gets.

mod requests {
    mod answers;
    mod axum;
    mod bodies;
    mod client;
    mod drops;
    mod echo;
    mod load;
    pub mod service;
    mod stacks;
    mod tonic;
    mod workers;
}

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::task::{Poll, Waker};
use std::{task, thread};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::Empty;
use prometheus::{Registry, TextEncoder};
use requests::service::{Abc, At, answer, get, read, requests, supervised};
use supervise::tower::SupervisedLayer;
use supervise::{Kind, Reason};
use supervise_tests::record::record;
use tower::{Layer, Service, ServiceExt, service_fn};
use tracing::span::Id;
use tracing::{Instrument, Subscriber, info_span};
use tracing_subscriber::layer::{Context, SubscriberExt};

#[tokio::test]
async fn a_panic_before_the_response_is_counted_told_and_answered_and_the_next_request_is_not_its_business()
 {
    let (service, mut supervised) = supervised("before the response", At::Nowhere);
    for (times, at) in [At::Call, At::Future]
        .into_iter()
        .cycle()
        .take(4)
        .enumerate()
    {
        let (record, _guard) = record();
        service.set(at);
        let span = info_span!("http request", id = 7);
        let request = get("/orders/1?key=secret");
        let response = answer(&mut supervised, request).instrument(span).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(response.headers().is_empty());
        assert_eq!(response.body().size_hint().exact(), Some(0));
        let (text, _, error) = read(response.into_body()).await;
        assert!(text.is_empty() && error.is_none());

        let status = requests("before the response");
        assert_eq!(status.panics, times as u64 + 1);
        let failure = status.last_failure().unwrap();
        assert_eq!(failure.message, format!("in {at:?}"));
        assert_eq!(failure.reason, Reason::Panic);
        assert_eq!(failure.count, status.panics);

        let lines = record.lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        let line = &lines[0];
        assert_eq!(line.message(), "request panicked");
        assert_eq!(
            (line.level, line.target.as_str()),
            (tracing::Level::ERROR, "supervise::panic")
        );
        for (field, value) in [
            ("worker", "before the response"),
            ("http.request.method", "GET"),
            ("url.path", "/orders/1"),
            ("exception.type", "panic"),
            ("exception.message", &failure.message),
        ] {
            assert_eq!(line.field(field), Some(value));
        }
        assert!(
            line.field("code.file.path")
                .unwrap()
                .ends_with("service.rs")
        );
        assert!(line.field("code.line.number").is_some());
        assert_eq!(line.field("run"), None);
        assert_eq!(line.spans[0].0, "http request");
        // Of the first at a place, and all are at one.
        assert_eq!(line.field("exception.stacktrace").is_some(), times == 0);

        service.set(At::Nowhere);
        let response = answer(&mut supervised, get("/")).await;
        assert_eq!(read(response.into_body()).await.0, "abc");
        assert_eq!(record.lines().len(), 1);
    }
}

#[tokio::test]
async fn a_service_that_panics_when_it_is_asked_whether_it_is_ready_answers_with_that_and_is_asked_again()
 {
    let (record, _guard) = record();
    let (service, mut supervised) = supervised("not ready", At::PollReady);
    // However often it is polled, one panic is the answer to one request.
    for _ in 0..2 {
        let ready = ServiceExt::<Request<()>>::ready(&mut supervised).await;
        ready.unwrap();
    }
    let mut other = supervised.clone();
    service.set(At::Nowhere);
    let response = supervised.call(get("/")).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(requests("not ready").panics, 1);
    let lines = record.with_message("request panicked");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].field("exception.message"), Some("in PollReady"));
    assert_eq!(lines[0].field("url.path"), None);

    let response = answer(&mut supervised, get("/")).await;
    assert_eq!(response.status(), StatusCode::OK);
    // It is not the business of a clone.
    let response = answer(&mut other, get("/")).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_request_that_the_service_cannot_be_asked_is_dropped_whatever_that_does() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in the request");
        }
    }
    let mut supervised = SupervisedLayer::new("not asked").layer(Abc::panics(At::PollReady));
    let response = answer(&mut supervised, Request::new(Bomb)).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(requests("not asked").panics, 2);
}

#[tokio::test]
async fn what_is_in_the_payload_of_a_panic_does_not_get_past_the_layer_either() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            std::panic::panic_any("in the payload");
        }
    }
    let service = service_fn(async |_| -> Result<Response<String>, Infallible> {
        std::panic::panic_any(Bomb)
    });
    let supervised = SupervisedLayer::new("payload").layer(service);
    let response = supervised.oneshot(get("/")).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(requests("payload").panics, 2);
}

/// Panics when a span closes.
struct Hostile;

impl<S: Subscriber> tracing_subscriber::Layer<S> for Hostile {
    fn on_close(&self, _: Id, _: Context<'_, S>) {
        assert!(thread::panicking(), "over a span that closes");
    }
}

#[tokio::test]
async fn a_subscriber_that_panics_over_the_span_of_a_panic_does_not_get_past_the_layer() {
    let _record = record();
    let subscriber = tracing_subscriber::registry().with(Hostile);
    let _guard = tracing::subscriber::set_default(subscriber);
    let service = service_fn(async |_| -> Result<Response<String>, Infallible> {
        info_span!("handler").in_scope(|| panic!("in a span"))
    });
    let supervised = SupervisedLayer::new("subscriber").layer(service);
    let response = supervised.oneshot(get("/")).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(requests("subscriber").panics, 1);
}

#[tokio::test]
async fn an_error_of_the_service_is_passed_on_and_is_nobodys_panic() {
    let service = service_fn(async |_| Err::<Response<Empty<Bytes>>, _>("no such table"));
    let supervised = SupervisedLayer::new("errors").layer(service);
    assert_eq!(
        supervised.oneshot(get("/")).await.unwrap_err(),
        "no such table"
    );
    assert_eq!(requests("errors").panics, 0);
}

#[test]
fn what_can_be_sent_still_can() {
    fn can_be_sent<T: Send>(_: &T) {}
    let (_, mut supervised) = supervised("sent", At::Nowhere);
    can_be_sent(&supervised);
    let response = supervised.call(get("/"));
    can_be_sent(&response);
    let mut context = task::Context::from_waker(Waker::noop());
    let mut response = pin!(response);
    assert!(response.as_mut().poll(&mut context).is_pending());
    let Poll::Ready(Ok(response)) = response.poll(&mut context) else {
        unreachable!()
    };
    can_be_sent(&response);
}

#[test]
fn the_series_of_a_layer_is_there_from_its_creation_and_the_only_one() {
    let registry = Registry::new();
    supervise::metrics::register(&registry).unwrap();
    let _layer = SupervisedLayer::new("only series");
    let families = registry.gather();
    let text = TextEncoder::new().encode_to_string(&families).unwrap();
    let lines: Vec<_> = text
        .lines()
        .filter(|line| line.contains("only series"))
        .collect();
    let series = r#"supervise_panics_total{kind="request",worker="only series"} 0"#;
    assert_eq!(lines, [series]);

    let status = requests("only series");
    assert_eq!(
        (status.kind, status.kind.as_str()),
        (Kind::Request, "request")
    );
    assert_eq!(
        (status.starts, status.running, status.exits.total()),
        (0, 0, 0)
    );
    assert!(status.location.file().ends_with("requests.rs"));
}

#[test]
#[should_panic(expected = "a layer needs a name")]
fn a_layer_without_a_name_is_a_mistake() {
    let _layer = SupervisedLayer::new(" ");
}
