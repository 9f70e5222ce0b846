//! Paths, methods and headers.

use http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, VARY};
use http::{Method, Request, Response, StatusCode};
use prometheus::{IntCounter, Registry};
use supervise::http::{Admin, respond};
use supervise::supervised;

use super::get;

const PATHS: [&str; 4] = ["/workers", "/metrics", "/livez", "/readyz"];

fn header(response: &Response<String>, name: http::HeaderName) -> &str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn each_page_is_answered_as_what_it_is() {
    #[supervised(name = "routed")]
    async fn routed() {}
    routed().await;
    let metrics = get("/metrics");
    assert_eq!(metrics.status(), StatusCode::OK);
    assert_eq!(header(&metrics, CONTENT_TYPE), "text/plain; version=0.0.4");
    let series = r#"supervise_starts_total{worker="routed"} 1"#;
    assert!(metrics.body().contains(series));
    for (accept, content_type) in [
        ("text/html,*/*;q=0.8", "text/html; charset=utf-8"),
        ("application/json", "application/json"),
        ("*/*", "text/plain; charset=utf-8"),
    ] {
        let request = Request::get("/workers").header(ACCEPT, accept);
        let workers = respond(&request.body(()).unwrap());
        assert_eq!(workers.status(), StatusCode::OK);
        assert_eq!(header(&workers, CONTENT_TYPE), content_type);
        assert_eq!(header(&workers, VARY), "accept");
        assert!(workers.body().contains("routed"), "{accept}");
    }
}

#[test]
fn nothing_is_kept_in_a_cache_nor_taken_for_something_else() {
    for path in PATHS {
        let response = get(path);
        assert_eq!(header(&response, CACHE_CONTROL), "no-store", "{path}");
        let sniff = http::header::X_CONTENT_TYPE_OPTIONS;
        assert_eq!(header(&response, sniff), "nosniff", "{path}");
    }
}

#[test]
fn other_methods_are_refused_and_head_has_no_body() {
    for path in PATHS {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let request = Request::builder().method(method).uri(path);
            let response = respond(&request.body(()).unwrap());
            assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
            assert_eq!(header(&response, ALLOW), "GET, HEAD");
        }
        let response = respond(&Request::head(path).body(()).unwrap());
        assert_eq!(response.status(), get(path).status());
        assert_eq!(response.body(), "");
        let content_type = header(&response, CONTENT_TYPE).to_owned();
        assert_eq!(content_type, header(&get(path), CONTENT_TYPE));
    }
}

#[test]
fn what_is_no_page_is_not_found() {
    for path in ["/", "/metrics/", "/worker", "/workers/1", "//metrics", "*"] {
        assert_eq!(get(path).status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[test]
fn metrics_are_those_of_the_registry_that_was_given() {
    let registry = Registry::new();
    let counter = IntCounter::new("mine_total", "Mine.").unwrap();
    registry.register(Box::new(counter)).unwrap();
    let admin = Admin::new().registry(registry);
    let response = admin.respond(&Request::get("/metrics").body(()).unwrap());
    let text = "# HELP mine_total Mine.\n# TYPE mine_total counter\nmine_total 0\n";
    assert_eq!(response.body(), text);
}
