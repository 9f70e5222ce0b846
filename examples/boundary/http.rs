//! With axum: a layer of the router.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use supervise::tower::SupervisedLayer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::PRICES;

pub async fn serve(listener: TcpListener) -> io::Result<()> {
    let router = Router::new()
        .route("/price/{shelf}", get(price))
        .layer(SupervisedLayer::new("http"));
    axum::serve(listener, router).await
}

async fn price(Path(shelf): Path<usize>) -> String {
    format!("{}\n", PRICES[shelf])
}

/// Three requests on one connection: all that comes back.
pub async fn visit(address: SocketAddr) -> io::Result<String> {
    let mut connection = TcpStream::connect(address).await?;
    for (shelf, then) in [(1, "keep-alive"), (9, "keep-alive"), (2, "close")] {
        let request = format!(
            "GET /price/{shelf} HTTP/1.1\r\n\
             Host: {address}\r\n\
             Connection: {then}\r\n\r\n"
        );
        connection.write_all(request.as_bytes()).await?;
    }
    let mut answers = String::new();
    connection.read_to_string(&mut answers).await?;
    Ok(answers)
}
