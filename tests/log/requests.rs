//! Requests of HTTP that panic.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use http::{Request, Response};
use supervise::tower::SupervisedLayer;
use supervise_tests::scene::scene;
use tower::{Layer, Service, service_fn};
use tracing::{Instrument, info_span};

fn get(uri: &str) -> Request<()> {
    Request::get(uri).body(()).unwrap()
}

#[tokio::test]
async fn a_request_panics_in_the_span_of_the_request() {
    let service = service_fn(
        async |_: Request<()>| -> Result<Response<String>, Infallible> {
            panic!("no such order");
        },
    );
    let mut supervised = SupervisedLayer::new("orders").layer(service);
    let (told, _guard) = scene();
    for _ in 0..2 {
        let span = info_span!("request", id = 7);
        let response = supervised
            .call(get("/orders/1?key=secret"))
            .instrument(span);
        assert_eq!(response.await.unwrap().status(), 500);
    }
    let line = r#"ERROR request{id=7}: supervise::panic: request panicked worker="orders" http.request.method="GET" url.path="/orders/1" exception.type="panic" exception.message="no such order" code.file.path="tests/log/requests.rs" code.line.number=*"#;
    told.is([&format!("{line} exception.stacktrace=0: *"), line]);
}

/// Panics when it is asked whether it is ready.
struct Never;

impl Service<Request<()>> for Never {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        panic!("not ready");
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(Response::default()))
    }
}

#[test]
fn a_service_that_is_never_ready_has_no_request_to_tell_of() {
    let mut supervised = SupervisedLayer::new("never ready").layer(Never);
    let (told, _guard) = scene();
    let mut context = Context::from_waker(Waker::noop());
    let _ = Service::<Request<()>>::poll_ready(&mut supervised, &mut context);
    told.is([
        r#"ERROR supervise::panic: request panicked worker="never ready" exception.type="panic" exception.message="not ready" code.file.path="tests/log/requests.rs" code.line.number=* exception.stacktrace=0: *"#,
    ]);
}

#[test]
fn a_request_that_the_client_has_left_panics_when_it_is_dropped() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in the destructor");
        }
    }
    struct Pending(#[allow(dead_code)] Bomb);
    impl Future for Pending {
        type Output = Result<Response<String>, Infallible>;

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
            Poll::Pending
        }
    }
    let service = service_fn(|_: Request<()>| Pending(Bomb));
    let mut supervised = SupervisedLayer::new("left").layer(service);
    let (told, _guard) = scene();
    {
        let mut response = pin!(supervised.call(get("/left")));
        let mut context = Context::from_waker(Waker::noop());
        assert!(response.as_mut().poll(&mut context).is_pending());
    }
    told.is([
        r#"ERROR supervise::panic: panic in the clean-up after a request worker="left" http.request.method="GET" url.path="/left" exception.type="panic" exception.message="in the destructor" code.file.path="tests/log/requests.rs" code.line.number=* exception.stacktrace=*"#,
    ]);
}
