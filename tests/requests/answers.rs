//! What the client gets: a response of the user's, a status of gRPC.

use std::cell::Cell;
use std::convert::Infallible;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use supervise::tower::SupervisedLayer;
use tower::{Layer, service_fn};

use super::service::{Abc, At, answer, get, grpc, read, requests, supervised};

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

    let mut supervised = layer.layer(Abc::panics(At::Frame(1)));
    let response = answer(&mut supervised, grpc("application/grpc")).await;
    let trailers = response.into_body().collect().await.unwrap();
    let trailers = trailers.trailers().unwrap();
    assert_eq!(trailers["grpc-message"], "in Frame(1)");

    let response = answer(&mut supervised, get("/")).await;
    assert!(response.headers().is_empty());
}
