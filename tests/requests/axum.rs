//! A real axum server on loopback.

use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::get;
use http::StatusCode;
use supervise::tower::SupervisedLayer;
use supervise::{Reason, Supervisor, supervised};
use supervise_tests::status;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::{Notify, oneshot};
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};
use tokio_stream::StreamExt;

use super::client::Connection;
use super::service::requests;

/// A service, fine and otherwise.
pub fn shop() -> Router {
    supervise::log_panics_only();
    Router::new()
        .route("/fine", get(fine))
        .route("/at-once", get(at_once))
        .route("/later", get(later))
        .route("/body", get(async || body(1)))
        .route("/whole-body", get(async || body(3)))
}

async fn fine() -> &'static str {
    yield_now().await;
    "fine"
}

async fn at_once() -> &'static str {
    panic!("before it waits")
}

async fn later() -> &'static str {
    yield_now().await;
    panic!("after it has waited")
}

/// Panics instead of the chunk of this number, or instead of an end.
fn body(panics_at: usize) -> Body {
    let chunks = tokio_stream::iter(0..=3).then(move |chunk| async move {
        // Each is on its way before the next is made.
        yield_now().await;
        assert_ne!(chunk, panics_at);
        Ok::<_, Infallible>("chunk")
    });
    Body::from_stream(chunks)
}

/// A server of this, on a task of its own.
pub async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    address
}

async fn assert_fine(connection: &mut Connection) {
    let (status, body) = connection.get("/fine").await;
    assert_eq!((status, &*body.unwrap()), (StatusCode::OK, &b"fine"[..]));
}

async fn assert_answers(connection: &mut Connection) {
    for path in ["/at-once", "/later", "/at-once", "/later"] {
        let (status, body) = connection.get(path).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(body.unwrap().is_empty());
        assert_fine(connection).await;
    }
}

#[tokio::test]
async fn an_http1_client_gets_a_500_on_a_connection_that_lives_on_and_a_body_that_breaks_off() {
    let router = shop().layer(SupervisedLayer::new("axum http1"));
    let server = serve(router).await;
    let mut connection = Connection::http1(server).await;
    assert_answers(&mut connection).await;
    assert_eq!(requests("axum http1").panics, 4);

    for (panics, path) in [(5, "/body"), (6, "/whole-body")] {
        let (status, body) = connection.get(path).await;
        assert_eq!(status, StatusCode::OK);
        // There is no other way to say that this was not all.
        assert!(body.is_err());
        assert!(connection.is_closed().await);
        assert_eq!(requests("axum http1").panics, panics);
        connection = Connection::http1(server).await;
        assert_fine(&mut connection).await;
    }
}

#[tokio::test]
async fn an_http2_client_gets_a_500_or_a_reset_stream_on_a_connection_that_lives_on() {
    let router = shop().layer(SupervisedLayer::new("axum http2"));
    let mut connection = Connection::http2(serve(router).await).await;
    assert_answers(&mut connection).await;
    for path in ["/body", "/whole-body"] {
        let (status, body) = connection.get(path).await;
        assert_eq!(status, StatusCode::OK);
        assert!(body.is_err());
        assert_fine(&mut connection).await;
    }
    assert_eq!(requests("axum http2").panics, 6);
}

static HANGS: Notify = Notify::const_new();

async fn hangs() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in the destructor");
        }
    }
    let _bomb = Bomb;
    HANGS.notify_one();
    pending::<()>().await;
}

#[tokio::test]
async fn what_panics_because_the_client_has_gone_harms_no_other_on_the_connection() {
    let layer = SupervisedLayer::new("axum gone");
    let server = serve(shop().route("/hangs", get(hangs)).layer(layer)).await;
    let mut connection = Connection::http2(server).await;
    tokio::select! {
        biased;
        _ = connection.get("/hangs") => unreachable!("it never answers"),
        () = HANGS.notified() => {}
    }
    assert_fine(&mut connection).await;
    wait_for_panics("axum gone", 1).await;
    assert_fine(&mut connection).await;

    let mut connection = Connection::http1(server).await;
    tokio::select! {
        biased;
        _ = connection.get("/hangs") => unreachable!("it never answers"),
        () = HANGS.notified() => {}
    }
    drop(connection);
    wait_for_panics("axum gone", 2).await;
    assert_fine(&mut Connection::http1(server).await).await;
}

async fn wait_for_panics(layer: &str, count: u64) {
    let all = async {
        while requests(layer).panics < count {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(10), all).await.unwrap();
}

#[tokio::test]
async fn the_answer_is_what_axum_makes_of_anything() {
    let layer = SupervisedLayer::new("axum answer")
        .respond(|_| (StatusCode::IM_A_TEAPOT, "short and stout").into_response());
    let server = serve(shop().layer(layer)).await;
    let mut connection = Connection::http1(server).await;
    let (status, body) = connection.get("/later").await;
    assert_eq!(status, StatusCode::IM_A_TEAPOT);
    assert_eq!(&*body.unwrap(), b"short and stout");
}

#[supervised(name = "axum server", critical = true)]
async fn server(listener: TcpListener) -> std::io::Result<()> {
    let router = shop().layer(SupervisedLayer::new("axum supervised"));
    axum::serve(listener, router)
        .with_graceful_shutdown(supervise::shutdown_requested())
        .await
}

#[tokio::test]
async fn a_server_that_is_a_worker_has_nothing_to_do_with_the_panics_of_its_requests() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let supervisor = Supervisor::new();
    supervisor.spawn(server(listener));
    let mut connection = Connection::http1(address).await;
    assert_answers(&mut connection).await;
    drop(connection);
    supervisor.shutdown();
    supervisor.wait().await.unwrap();
    let server = status("axum server");
    assert_eq!((server.starts, server.panics), (1, 0));
    assert_eq!(server.exits[Reason::Finished], 1);
    assert_eq!(requests("axum supervised").panics, 4);
}

/// A server with a thread and a runtime of its own.
#[supervised(name = "axum thread", blocking)]
fn serve_on_a_thread(listener: std::net::TcpListener, stop: oneshot::Receiver<()>) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let router = shop().layer(SupervisedLayer::new("axum on a thread"));
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener).unwrap();
        let server = axum::serve(listener, router);
        let server = server.with_graceful_shutdown(async { stop.await.unwrap() });
        server.await.unwrap();
    });
}

#[tokio::test]
async fn requests_on_a_thread_that_is_a_worker_are_requests() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let thread = thread::spawn(move || serve_on_a_thread(listener, stopped));
    let mut connection = Connection::http1(address).await;
    assert_answers(&mut connection).await;
    drop(connection);
    stop.send(()).unwrap();
    thread.join().unwrap();
    let worker = status("axum thread");
    assert_eq!((worker.starts, worker.panics), (1, 0));
    assert_eq!(worker.exits[Reason::Finished], 1);
    let failures = requests("axum on a thread").last_failures;
    assert_eq!(failures.len(), 2);
    assert!(failures.iter().all(|failure| failure.place.is_some()));
}
