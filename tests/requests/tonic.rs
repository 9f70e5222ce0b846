//! A real tonic server on loopback, with calls of all four kinds.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use http::uri::PathAndQuery;
use supervise::tower::SupervisedLayer;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_stream::{Stream, StreamExt};
use tonic::body::Body;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Request, Response, Status, Streaming};
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tracing::info_span;

use super::echo::{Echo, MESSAGES, Text};
use super::load::{runtime, wait_for_the_end_of_connections};
use super::service::requests;
use super::stacks::traced;

/// All that came of a call.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    messages: usize,
    code: Code,
    message: String,
}

/// A client, with one connection.
#[derive(Clone)]
struct Client(Channel);

impl Client {
    async fn of(server: SocketAddr) -> Self {
        let endpoint = Endpoint::from_shared(format!("http://{server}")).unwrap();
        Self(endpoint.connect().await.unwrap())
    }

    /// Calls a method that panics at a message, or not.
    async fn call(&self, method: &str, panics_at: &str) -> Answer {
        let mut grpc = Grpc::new(self.0.clone());
        grpc.ready().await.unwrap();
        let path = PathAndQuery::try_from(format!("/test.Echo/{method}")).unwrap();
        let message = || "message".to_owned();
        let messages = tokio_stream::iter((0..MESSAGES).map(move |_| message()));
        match method {
            "Unary" => {
                let answer = grpc.unary(request(message(), panics_at), path, Text);
                Answer::of_one(answer.await)
            }
            "ClientStreaming" => {
                let answer = grpc.client_streaming(request(messages, panics_at), path, Text);
                Answer::of_one(answer.await)
            }
            "ServerStreaming" => {
                let answer = grpc.server_streaming(request(message(), panics_at), path, Text);
                Answer::of_many(answer.await).await
            }
            _ => {
                let answer = grpc.streaming(request(messages, panics_at), path, Text);
                Answer::of_many(answer.await).await
            }
        }
    }
}

fn request<T>(message: T, panics_at: &str) -> Request<T> {
    let mut request = Request::new(message);
    let panics_at = panics_at.parse().unwrap();
    request.metadata_mut().insert("panics-at", panics_at);
    request
}

impl Answer {
    fn of_one(answer: Result<Response<String>, Status>) -> Self {
        match answer {
            Ok(_) => Self::ended(1, None),
            Err(status) => Self::ended(0, Some(status)),
        }
    }

    async fn of_many(answer: Result<Response<Streaming<String>>, Status>) -> Self {
        let mut stream = match answer {
            Ok(response) => response.into_inner(),
            Err(status) => return Self::ended(0, Some(status)),
        };
        let mut messages = 0;
        loop {
            match stream.message().await {
                Ok(Some(_)) => messages += 1,
                Ok(None) => return Self::ended(messages, None),
                Err(status) => return Self::ended(messages, Some(status)),
            }
        }
    }

    fn ended(messages: usize, status: Option<Status>) -> Self {
        let status = status.unwrap_or(Status::ok(""));
        Self {
            messages,
            code: status.code(),
            message: status.message().to_owned(),
        }
    }

    fn ok(messages: usize) -> Self {
        Self::ended(messages, None)
    }

    fn internal(messages: usize) -> Self {
        Self::ended(messages, Some(Status::internal("")))
    }
}

/// What a server listens on, and how many connections it has accepted.
async fn incoming() -> (
    impl Stream<Item = io::Result<TcpStream>>,
    SocketAddr,
    Arc<AtomicUsize>,
) {
    supervise::log_panics_only();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let accepted = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&accepted);
    let incoming = TcpListenerStream::new(listener).map(move |stream| {
        count.fetch_add(1, SeqCst);
        stream.inspect(|stream| stream.set_nodelay(true).unwrap())
    });
    (incoming, address, accepted)
}

#[tokio::test]
async fn a_client_gets_the_messages_before_the_panic_and_status_internal_on_a_connection_that_lives_on()
 {
    let (incoming, address, accepted) = incoming().await;
    let server = Server::builder()
        .layer(SupervisedLayer::new("tonic"))
        .add_service(Echo);
    tokio::spawn(server.serve_with_incoming(incoming));
    let client = Client::of(address).await;
    let mut panics = 0;
    for (method, messages) in [
        ("Unary", 1),
        ("ClientStreaming", 1),
        ("ServerStreaming", MESSAGES),
        ("Streaming", MESSAGES),
    ] {
        assert_eq!(client.call(method, "never").await, Answer::ok(messages));
        for at in ["call", "handler", "0", "1", "3"] {
            if method == "Unary" && ["1", "3"].contains(&at) {
                continue;
            }
            let got = match method {
                "ServerStreaming" | "Streaming" => at.parse().unwrap_or(0),
                _ => 0,
            };
            let answer = client.call(method, at).await;
            assert_eq!(answer, Answer::internal(got), "{method} at {at}");
            panics += 1;
            assert_eq!(requests("tonic").panics, panics, "{method} at {at}");
            assert_eq!(client.call(method, "never").await, Answer::ok(messages));
        }
    }
    assert_eq!(accepted.load(SeqCst), 1);
    let failure = &requests("tonic").last_failures[0];
    assert!(failure.message.contains("assertion"), "{failure:?}");
}

#[tokio::test]
async fn a_client_is_told_the_message_if_the_layer_is_told_to() {
    let (incoming, address, _) = incoming().await;
    let layer = SupervisedLayer::new("tonic exposed").expose_message(true);
    let server = Server::builder().layer(layer).add_service(Echo);
    tokio::spawn(server.serve_with_incoming(incoming));
    let client = Client::of(address).await;
    for (method, at) in [("Unary", "0"), ("Streaming", "1")] {
        let answer = client.call(method, at).await;
        assert_eq!(answer.code, Code::Internal);
        assert!(answer.message.contains("left != right"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_client_is_told_the_beginning_of_a_message_that_no_header_can_hold() {
    let (incoming, address, _) = incoming().await;
    let stack = ServiceBuilder::new()
        .layer(SupervisedLayer::new("tonic long").expose_message(true))
        .map_request(|_: http::Request<Body>| -> http::Request<Body> {
            panic!("{}", "ä".repeat(1 << 19))
        });
    let server = Server::builder().layer(stack).add_service(Echo);
    tokio::spawn(server.serve_with_incoming(incoming));
    let answer = Client::of(address).await.call("Unary", "never").await;
    assert_eq!(answer.code, Code::Internal);
    let told = "ä".repeat(2048) + "… (1044480 bytes more)";
    assert_eq!(answer.message, told);
}

#[test]
fn two_hundred_panics_among_two_thousand_calls_in_a_whole_stack_are_counted_each_and_fail_no_neighbour()
 {
    const CLIENTS: usize = 8;
    let runtime = runtime();
    let (address, accepted) = runtime.block_on(async {
        let (incoming, address, accepted) = incoming().await;
        let stack = ServiceBuilder::new()
            .layer(traced(|| info_span!("above")))
            .layer(SupervisedLayer::new("tonic load"))
            .layer(traced(|| info_span!("below")))
            .timeout(Duration::from_secs(60))
            .layer(GlobalConcurrencyLimitLayer::new(3));
        let server = Server::builder().layer(stack).add_service(Echo);
        tokio::spawn(server.serve_with_incoming(incoming));
        (address, accepted)
    });
    let before = runtime.metrics().num_alive_tasks();
    runtime.block_on(async {
        let client = Client::of(address).await;
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            clients.spawn(visit(client.clone(), 2_000 / CLIENTS));
        }
        while let Some(client) = clients.join_next().await {
            client.unwrap();
        }
    });
    assert_eq!(requests("tonic load").panics, 200);
    assert_eq!(accepted.load(SeqCst), 1);
    wait_for_the_end_of_connections(&runtime, before);
}

async fn visit(client: Client, count: usize) {
    for call in 0..count {
        let panics_at = if call % 10 == 7 { "1" } else { "never" };
        let is_streaming = call % 20 < 10;
        let method = if is_streaming {
            "Streaming"
        } else {
            "ClientStreaming"
        };
        let expected = match (panics_at, is_streaming) {
            ("never", true) => Answer::ok(MESSAGES),
            ("never", false) => Answer::ok(1),
            (_, is_streaming) => Answer::internal(is_streaming.into()),
        };
        assert_eq!(client.call(method, panics_at).await, expected);
    }
}
