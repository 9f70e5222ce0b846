//! Requests of HTTP and gRPC that panic: what is contained, told and counted, and
//! what the client gets.

mod requests {
    mod axum;
    mod client;
    mod echo;
    mod load;
    pub mod service;
    mod stacks;
    mod tonic;
    mod workers;
}

use std::cell::Cell;
use std::convert::Infallible;
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Empty, Full};
use prometheus::{Registry, TextEncoder};
use requests::service::{Abc, At, read, requests};
use supervise::tower::{ResponseBody, Supervised, SupervisedLayer};
use supervise::{Failure, Kind, Reason};
use supervise_tests::record::record;
use tower::{Layer, Service, ServiceExt, service_fn};
use tracing::{Instrument, info_span};

fn get(path: &str) -> Request<()> {
    Request::get(path).body(()).unwrap()
}

fn grpc(content_type: &str) -> Request<()> {
    let request = Request::post("/shop.Orders/List").header(CONTENT_TYPE, content_type);
    request.body(()).unwrap()
}

fn supervised(name: &'static str, at: At) -> (Abc, Supervised<Abc>) {
    let service = Abc::panics(at);
    let supervised = SupervisedLayer::new(name).layer(service.clone());
    (service, supervised)
}

async fn answer<S, R, B>(service: &mut S, request: Request<R>) -> Response<B>
where
    S: Service<Request<R>, Response = Response<B>, Error = Infallible>,
{
    service.ready().await.unwrap().call(request).await.unwrap()
}

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
async fn a_body_that_panics_breaks_off_with_the_failure_and_is_over() {
    let (service, mut supervised) = supervised("in the body", At::Nowhere);
    for (panics, frame) in [0, 1, 3].into_iter().enumerate() {
        let (record, _guard) = record();
        service.set(At::Frame(frame));
        let response = answer(&mut supervised, get("/file")).await;
        assert_eq!(response.status(), StatusCode::OK);
        let (text, status, error) = read(response.into_body()).await;
        assert_eq!((text.as_str(), status), (&"abc"[..frame], None));
        let failure = error.unwrap().downcast::<Failure>().unwrap();
        assert_eq!(failure.worker(), "in the body");
        assert_eq!(failure.message(), format!("in Frame({frame})"));
        assert_eq!(requests("in the body").panics, panics as u64 + 1);
        let lines = record.with_message("request panicked");
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].field("url.path"), Some("/file"));
    }
}

#[tokio::test]
async fn a_grpc_client_is_told_by_a_status_before_the_response_and_in_the_trailers_after_it() {
    let (service, mut supervised) = supervised("grpc", At::PollReady);
    for at in [At::PollReady, At::Call, At::Future] {
        for (kind, answered) in [
            ("application/grpc", "application/grpc"),
            ("application/grpc+proto", "application/grpc"),
            ("application/grpc-web+proto", "application/grpc-web+proto"),
        ] {
            service.set(at);
            let response = answer(&mut supervised, grpc(kind)).await;
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers()[CONTENT_TYPE], answered);
            assert_eq!(response.headers()["grpc-status"], "13");
            assert!(!response.headers().contains_key("grpc-message"));
            assert!(response.body().is_end_stream());
        }
    }
    for frame in [0, 2, 3] {
        service.set(At::Frame(frame));
        let response = answer(&mut supervised, grpc("application/grpc")).await;
        let (text, status, error) = read(response.into_body()).await;
        assert_eq!(text, &"abc"[..frame]);
        assert_eq!(status.as_deref(), Some("13"));
        assert!(error.is_none());

        // Its trailers are part of the body.
        let response = answer(&mut supervised, grpc("application/grpc-web")).await;
        let (_, status, error) = read(response.into_body()).await;
        assert!(status.is_none() && error.is_some());
    }
    assert_eq!(requests("grpc").panics, 9 + 6);
}

#[tokio::test]
async fn the_message_goes_to_a_grpc_client_if_it_is_told_to() {
    let service = service_fn(async |_| -> Result<Response<String>, Infallible> {
        panic!("100 % full\nof dust")
    });
    let layer = SupervisedLayer::new("exposed").expose_message(true);
    let mut supervised = layer.layer(service);
    let response = answer(&mut supervised, grpc("application/grpc")).await;
    let message = &response.headers()["grpc-message"];
    assert_eq!(message, "100 %25 full%0Aof dust");

    let (service, _) = supervised_body();
    let mut supervised = layer.layer(service);
    let response = answer(&mut supervised, grpc("application/grpc")).await;
    let trailers = response.into_body().collect().await.unwrap();
    let trailers = trailers.trailers().unwrap();
    assert_eq!(trailers["grpc-message"], "in Frame(1)");

    let response = answer(&mut supervised, get("/")).await;
    assert!(response.headers().is_empty());
}

fn supervised_body() -> (Abc, Supervised<Abc>) {
    supervised("hidden", At::Frame(1))
}

#[tokio::test]
async fn whoever_makes_the_answer_may_use_a_body_of_its_own_and_panic() {
    let calls = Cell::new(0);
    let layer = SupervisedLayer::new("answers").respond(|failure| {
        calls.set(calls.get() + 1);
        assert!(calls.get() < 2, "over the answer, too");
        let text = format!("{} is out of order", failure.worker());
        let mut response = Response::new(Full::new(Bytes::from(text)));
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response
    });
    let mut supervised = layer.layer(Abc::panics(At::Future));
    let response = answer(&mut supervised, get("/")).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.body().size_hint().exact(), Some(23));
    let (text, ..) = read(response.into_body()).await;
    assert_eq!(text, "answers is out of order");

    // No gRPC client would understand it.
    let response = answer(&mut supervised, grpc("application/grpc")).await;
    assert_eq!(response.headers()["grpc-status"], "13");
    assert_eq!((calls.get(), requests("answers").panics), (1, 2));

    let response = answer(&mut supervised, get("/")).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.body().size_hint().exact(), Some(0));
    assert_eq!((calls.get(), requests("answers").panics), (2, 4));
}

#[tokio::test]
async fn a_panic_in_a_destructor_is_told_and_counted_and_the_response_stands() {
    let (record, _guard) = record();
    let text = "panic in the clean-up after a request";
    let (service, mut supervised) = supervised("destructors", At::DropFuture);
    let response = answer(&mut supervised, get("/")).await;
    assert_eq!(requests("destructors").panics, 1);
    assert_eq!(record.with_message(text).len(), 1);
    service.set(At::DropBody);
    assert_eq!(read(response.into_body()).await.0, "abc");
    assert_eq!(requests("destructors").panics, 2);

    // The client has gone away.
    service.set(At::DropFuture);
    let mut response = pin!(supervised.call(get("/left")));
    let mut context = Context::from_waker(Waker::noop());
    assert!(response.as_mut().poll(&mut context).is_pending());
    response.set(supervised.call(get("/left")));
    assert_eq!(requests("destructors").panics, 3);
    let lines = record.with_message(text);
    assert_eq!(lines[2].field("url.path"), Some("/left"));
    assert_eq!(lines[2].field("http.request.method"), Some("GET"));
    assert!(record.with_message("request panicked").is_empty());
    assert!(requests("destructors").last_failures.is_empty());
    service.set(At::Nowhere);
}

#[test]
fn a_destructor_that_panics_while_another_panic_unwinds_does_not_end_the_process() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in the destructor");
        }
    }
    let service = service_fn(async |_| {
        let _bomb = Bomb;
        pending::<Result<Response<String>, Infallible>>().await
    });
    let mut supervised = SupervisedLayer::new("two at once").layer(service);
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let mut response = pin!(supervised.call(get("/")));
        let mut context = Context::from_waker(Waker::noop());
        assert!(response.as_mut().poll(&mut context).is_pending());
        panic!("of the client");
    }));
    assert!(unwound.is_err());
    assert_eq!(requests("two at once").panics, 1);
}

#[test]
fn a_layer_above_can_make_an_empty_body() {
    let body = ResponseBody::<Full<Bytes>>::default();
    assert_eq!(
        (body.size_hint().exact(), body.is_end_stream()),
        (Some(0), true)
    );
}

#[tokio::test]
async fn what_a_body_says_of_itself_is_passed_on_and_may_panic() {
    let (service, mut supervised) = supervised("hints", At::Nowhere);
    let mut body = answer(&mut supervised, get("/")).await.into_body();
    assert_eq!(
        (body.size_hint().exact(), body.is_end_stream()),
        (Some(3), false)
    );
    body.frame().await.unwrap().unwrap();
    assert_eq!(body.size_hint().exact(), Some(2));
    while body.frame().await.is_some() {}
    assert!(body.is_end_stream());

    let body = answer(&mut supervised, get("/")).await.into_body();
    service.set(At::SizeHint);
    assert_eq!(
        (body.size_hint().lower(), body.size_hint().upper()),
        (0, None)
    );
    service.set(At::IsEndStream);
    assert!(!body.is_end_stream());
    assert_eq!(requests("hints").panics, 3);
    assert_eq!(read(body).await.0, "abc");
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

#[tokio::test]
async fn a_response_that_is_dropped_in_the_middle_leaves_nothing_behind() {
    let held = Rc::new(());
    let service = service_fn(|_| {
        let held = Rc::clone(&held);
        async move {
            pending::<()>().await;
            drop(held);
            Ok::<_, Infallible>(Response::new(String::new()))
        }
    });
    let mut supervised = SupervisedLayer::new("left").layer(service);
    let mut response = Box::pin(supervised.call(get("/")));
    let mut context = Context::from_waker(Waker::noop());
    assert!(response.as_mut().poll(&mut context).is_pending());
    assert_eq!(Rc::strong_count(&held), 2);
    drop(response);
    assert_eq!(Rc::strong_count(&held), 1);
    assert_eq!(requests("left").panics, 0);
}

#[test]
fn what_can_be_sent_still_can() {
    fn can_be_sent<T: Send>(_: &T) {}
    let (_, mut supervised) = supervised("sent", At::Nowhere);
    can_be_sent(&supervised);
    let response = supervised.call(get("/"));
    can_be_sent(&response);
    let mut context = Context::from_waker(Waker::noop());
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
