//! A connection to a server, which is one as long as it lasts.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Collected, Empty};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

pub enum Connection {
    Http1(http1::SendRequest<Empty<Bytes>>),
    Http2(http2::SendRequest<Empty<Bytes>>),
}

impl Connection {
    pub async fn http1(server: SocketAddr) -> Self {
        let io = TokioIo::new(TcpStream::connect(server).await.unwrap());
        let (sender, connection) = http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        Self::Http1(sender)
    }

    pub async fn http2(server: SocketAddr) -> Self {
        let io = TokioIo::new(TcpStream::connect(server).await.unwrap());
        let handshake = http2::handshake(TokioExecutor::new(), io).await;
        let (sender, connection) = handshake.unwrap();
        tokio::spawn(connection);
        Self::Http2(sender)
    }

    /// Another user of the same connection, if it can have several.
    pub fn share(&self) -> Option<Self> {
        match self {
            Self::Http1(_) => None,
            Self::Http2(sender) => Some(Self::Http2(sender.clone())),
        }
    }

    /// The status, and the body unless it broke off.
    pub async fn get(&mut self, path: &str) -> (StatusCode, hyper::Result<Bytes>) {
        let request = Request::get(path).header("host", "localhost");
        let response = match self {
            Self::Http1(sender) => {
                sender.ready().await.unwrap();
                let request = request.body(Empty::new()).unwrap();
                sender.send_request(request).await
            }
            Self::Http2(sender) => {
                let request = Request::get(format!("http://localhost{path}"));
                let request = request.body(Empty::new()).unwrap();
                sender.send_request(request).await
            }
        };
        let response = response.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await;
        (status, body.map(Collected::to_bytes))
    }

    pub async fn is_closed(&mut self) -> bool {
        match self {
            Self::Http1(sender) => sender.ready().await.is_err(),
            Self::Http2(sender) => sender.ready().await.is_err(),
        }
    }
}
