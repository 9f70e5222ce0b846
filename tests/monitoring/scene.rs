//! A service in which something of every kind is in trouble, in this process.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::Response;
use axum::routing::get;
use supervise::supervised;
use supervise::tower::SupervisedLayer;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::task::yield_now;
use tokio::time::{interval, sleep};
use tower::{ServiceBuilder, ServiceExt, service_fn};

use crate::program::eventually;

/// Where its `/metrics` are, from the first time on that it is asked for.
pub static SCENE: LazyLock<SocketAddr> = LazyLock::new(|| {
    supervise::log_panics_only();
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let bind = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let listener = runtime.block_on(bind).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || runtime.block_on(play(listener)));
    address
});

/// What `/metrics` answers, once there is a series for everything.
pub fn scrape() -> String {
    let url = format!("http://{}/metrics", *SCENE);
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    eventually("everything is in trouble", || {
        let text = agent.get(&url).call().ok()?.body_mut().read_to_string();
        let text = text.unwrap();
        let all = [
            r#"kind="task""#,
            r#"worker="scene late""#,
            r#""scene ends""#,
        ];
        all.iter().all(|one| text.contains(one)).then_some(text)
    })
}

async fn play(listener: TcpListener) {
    tokio::spawn(loops());
    tokio::spawn(often());
    tokio::spawn(late());
    tokio::spawn(again_and_again());
    let router = Router::new().route("/metrics", get(metrics));
    axum::serve(listener, router).await.unwrap();
}

async fn metrics(request: Request) -> Response<String> {
    supervise::http::respond(&request)
}

#[supervised(
    name = "scene loops",
    restart = true,
    backoff = "10ms..1s",
    critical = true
)]
async fn loops() {
    panic!("of the scene");
}

/// Healthy before it panics: never twice in a row.
#[supervised(
    name = "scene often",
    restart = true,
    backoff = "100ms",
    healthy_after = "10ms"
)]
async fn often() {
    sleep(Duration::from_millis(100)).await;
    panic!("of the scene");
}

/// Succeeds once, and fails from then on.
#[supervised(name = "scene late", every = "100ms", backoff = "100ms")]
async fn late() -> Result<(), &'static str> {
    if supervise_tests::starts("scene late") > 1 {
        return Err("of the scene");
    }
    Ok(())
}

#[supervised(name = "scene ends")]
async fn ends() -> Result<(), &'static str> {
    Err("of the scene")
}

async fn task() {
    yield_now().await;
    panic!("of the scene");
}

/// What does not repeat by itself.
async fn again_and_again() {
    let api = ServiceBuilder::new()
        .layer(SupervisedLayer::new("scene api"))
        .service(service_fn(|_: Request<String>| async {
            assert!(thread::panicking(), "of the scene");
            Ok::<_, Infallible>(Response::new(String::new()))
        }));
    let mut interval = interval(Duration::from_millis(200));
    loop {
        interval.tick().await;
        let _ = ends().await;
        supervise::spawn(task());
        let _ = api.clone().oneshot(Request::new(String::new())).await;
    }
}
