//! With tonic: a layer of the server. Generated code would take the place of the
//! service and of the codec, whose messages are texts here.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::http;
use axum::http::uri::PathAndQuery;
use bytes::{Buf, BufMut};
use supervise::tower::SupervisedLayer;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::client;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::server::{self, NamedService};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Endpoint, Error, Server};
use tonic::{Request, Response, Status};
use tower::{Service, service_fn};

use crate::PRICES;

pub async fn serve(listener: TcpListener) -> Result<(), Error> {
    Server::builder()
        .layer(SupervisedLayer::new("grpc"))
        .add_service(Prices)
        .serve_with_incoming(TcpIncoming::from(listener))
        .await
}

async fn price(request: Request<String>) -> Result<Response<String>, Status> {
    let shelf = request.into_inner().parse::<usize>();
    let shelf = shelf.map_err(|_| Status::invalid_argument("no number"))?;
    Ok(Response::new(PRICES[shelf].to_string()))
}

/// Three calls on one connection: what comes back.
pub async fn visit(address: SocketAddr) -> Result<Vec<String>, Error> {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?;
    let mut client = client::Grpc::new(endpoint.connect().await?);
    let mut answers = Vec::new();
    for shelf in ["1", "9", "2"] {
        client.ready().await?;
        let shelf = Request::new(shelf.to_owned());
        let path = PathAndQuery::from_static("/shop.Prices/Get");
        answers.push(match client.unary(shelf, path, Text).await {
            Ok(price) => price.into_inner(),
            Err(status) => format!("{:?}", status.code()),
        });
    }
    Ok(answers)
}

#[derive(Clone)]
struct Prices;

impl NamedService for Prices {
    const NAME: &'static str = "shop.Prices";
}

impl Service<http::Request<Body>> for Prices {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async {
            let mut grpc = server::Grpc::new(Text);
            Ok(grpc.unary(service_fn(price), request).await)
        })
    }
}

#[derive(Clone, Copy)]
struct Text;

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
        text.map(Some).map_err(|_| Status::internal("no text"))
    }
}
