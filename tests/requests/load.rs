//! Many requests at once, one in ten of which panics.

use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use http::StatusCode;
use supervise::tower::SupervisedLayer;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use super::axum::{serve, shop};
use super::client::Connection;
use super::service::requests;

const CLIENTS: u64 = 8;

pub fn runtime() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
}

/// Sends a server of this `count` requests, of which a tenth panic, and whose
/// layer is called `name`.
pub fn put_under_load(router: Router, name: &str, count: u64) {
    let runtime = runtime();
    let server = runtime.block_on(serve(router));
    let before = runtime.metrics().num_alive_tasks();
    runtime.block_on(async {
        let shared = Connection::http2(server).await;
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            let connection = if client % 2 == 0 {
                Connection::http1(server).await
            } else {
                shared.share().unwrap()
            };
            clients.spawn(visit(connection, count / CLIENTS));
        }
        while let Some(client) = clients.join_next().await {
            client.unwrap();
        }
    });
    assert_eq!(requests(name).panics, count / 10);
    wait_for_the_end_of_connections(&runtime, before);
}

async fn visit(mut connection: Connection, count: u64) {
    for request in 0..count {
        let panics = request % 10 == 7;
        let path = match request % 20 {
            7 => "/at-once",
            17 => "/later",
            _ => "/fine",
        };
        let (status, body) = connection.get(path).await;
        let body = body.unwrap();
        if panics {
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
            assert!(body.is_empty());
        } else {
            assert_eq!((status, &*body), (StatusCode::OK, &b"fine"[..]));
        }
    }
}

/// Each is a task of the server's, which ends when the client is gone.
pub fn wait_for_the_end_of_connections(runtime: &Runtime, before: usize) {
    let start = Instant::now();
    while runtime.metrics().num_alive_tasks() > before {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "a connection is left"
        );
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_thousand_panics_among_ten_thousand_requests_are_counted_each_and_fail_no_neighbour() {
    let router = shop().layer(SupervisedLayer::new("axum load"));
    put_under_load(router, "axum load", 10_000);
}
