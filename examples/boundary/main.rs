//! An HTTP server and a gRPC server, with a handler that panics, and what their
//! clients get.
//!
//! ```text
//! cargo run --example boundary
//! ```
//!
//! Both ask for the prices of shelves 1, 9 and 2. There is no shelf 9: the handlers
//! index out of bounds, as code that was written in a hurry does. Each time it is
//! one line of the log, one more in the metrics, and an answer; and the same
//! connection goes on to shelf 2.

mod grpc;
mod http;

use std::error::Error;
use std::io::{self, IsTerminal};
use std::net::Ipv4Addr;

use prometheus::TextEncoder;
use tokio::net::TcpListener;
use tracing_subscriber::fmt::time::uptime;

const PRICES: [u32; 3] = [120, 80, 310];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_ansi(io::stdout().is_terminal())
        .with_timer(uptime())
        .init();
    supervise::log_panics_only();

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    supervise::spawn(http::serve(listener));
    println!("\n# HTTP\n\n{}", http::visit(address).await?);

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    supervise::spawn(grpc::serve(listener));
    println!("\n# gRPC\n");
    for answer in grpc::visit(address).await? {
        println!("{answer}");
    }

    println!("\n# Metrics\n");
    let metrics = TextEncoder::new().encode_to_string(&prometheus::gather())?;
    for series in metrics.lines().filter(|line| line.contains("request")) {
        println!("{series}");
    }
    Ok(())
}
