//! Bodies that panic, and what they say of themselves.

use bytes::Bytes;
use http::StatusCode;
use http_body::Body;
use http_body_util::{BodyExt, Full};
use supervise::Failure;
use supervise::tower::ResponseBody;
use supervise_tests::record::record;

use super::service::{At, answer, get, read, requests, supervised};

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

#[test]
fn a_layer_above_can_make_an_empty_body() {
    let body = ResponseBody::<Full<Bytes>>::default();
    assert_eq!(
        (body.size_hint().exact(), body.is_end_stream()),
        (Some(0), true)
    );
}
