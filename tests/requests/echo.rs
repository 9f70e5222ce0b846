//! A gRPC service without generated code: calls of all four kinds, that panic at
//! the message that the client says.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BufMut};
use tokio::task::yield_now;
use tokio_stream::{Stream, StreamExt};
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::server::{Grpc, NamedService};
use tonic::{Request, Response, Status, Streaming};
use tower::{Service, service_fn};

/// How many messages a client sends, and is sent.
pub const MESSAGES: usize = 3;

#[derive(Clone)]
pub struct Echo;

impl NamedService for Echo {
    const NAME: &'static str = "test.Echo";
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        assert_ne!(request.headers()["panics-at"], "call");
        Box::pin(async move {
            let mut grpc = Grpc::new(Text);
            Ok(match request.uri().path() {
                "/test.Echo/Unary" => grpc.unary(service_fn(unary), request).await,
                "/test.Echo/ClientStreaming" => {
                    let service = service_fn(client_streaming);
                    grpc.client_streaming(service, request).await
                }
                "/test.Echo/ServerStreaming" => {
                    let service = service_fn(server_streaming);
                    grpc.server_streaming(service, request).await
                }
                _ => grpc.streaming(service_fn(streaming), request).await,
            })
        })
    }
}

/// Panics if this is where.
#[derive(Clone, Copy)]
struct PanicsAt(Option<usize>);

impl PanicsAt {
    /// As the client says it.
    fn of<T>(request: &Request<T>) -> Self {
        let at = request.metadata().get("panics-at").unwrap();
        let at = at.to_str().unwrap();
        assert_ne!(at, "handler");
        Self(at.parse().ok())
    }

    fn pass(self, message: usize) {
        assert_ne!(self.0, Some(message));
    }
}

async fn unary(request: Request<String>) -> Result<Response<String>, Status> {
    let at = PanicsAt::of(&request);
    yield_now().await;
    at.pass(0);
    Ok(Response::new(request.into_inner()))
}

async fn client_streaming(request: Request<Streaming<String>>) -> Result<Response<String>, Status> {
    let at = PanicsAt::of(&request);
    let mut messages = request.into_inner();
    let mut count = 0;
    at.pass(count);
    while messages.message().await?.is_some() {
        count += 1;
        at.pass(count);
    }
    Ok(Response::new(count.to_string()))
}

async fn server_streaming(
    request: Request<String>,
) -> Result<Response<impl Stream<Item = Result<String, Status>>>, Status> {
    let at = PanicsAt::of(&request);
    let message = request.into_inner();
    let messages = (0..MESSAGES).map(move |_| Ok(message.clone()));
    Ok(Response::new(panicking(tokio_stream::iter(messages), at)))
}

async fn streaming(
    request: Request<Streaming<String>>,
) -> Result<Response<impl Stream<Item = Result<String, Status>>>, Status> {
    let at = PanicsAt::of(&request);
    Ok(Response::new(panicking(request.into_inner(), at)))
}

/// The messages, or a panic instead of one or of the end.
fn panicking<T>(messages: impl Stream<Item = T>, at: PanicsAt) -> impl Stream<Item = T> {
    let mut count = 0;
    let messages = messages.map(Some).chain(tokio_stream::once(None));
    let messages = messages.then(|message| async {
        // Each is on its way before the next is made.
        yield_now().await;
        message
    });
    messages.map_while(move |message| {
        at.pass(count);
        count += 1;
        message
    })
}

/// A message is a text, as it is.
#[derive(Clone, Copy)]
pub struct Text;

impl Codec for Text {
    type Encode = String;
    type Decode = String;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Text {
    type Item = String;
    type Error = Status;

    fn encode(&mut self, text: String, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(text.as_bytes());
        Ok(())
    }
}

impl Decoder for Text {
    type Item = String;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<String>, Status> {
        let bytes = buffer.copy_to_bytes(buffer.remaining());
        let text = String::from_utf8(bytes.into());
        text.map(Some)
            .map_err(|error| Status::internal(error.to_string()))
    }
}
