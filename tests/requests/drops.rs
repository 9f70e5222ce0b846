//! What is dropped: in the end, or because the client is gone.

use std::convert::Infallible;
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use http::Response;
use supervise::tower::SupervisedLayer;
use supervise_tests::record::record;
use tower::{Layer, Service, service_fn};

use super::service::{At, answer, get, read, requests, supervised};

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
