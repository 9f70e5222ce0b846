//! Records come in over HTTP and end up in a file.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use supervise::supervised;
use tokio::fs::OpenOptions;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::interval;
use tracing::info;

/// Accepts records.
#[supervised(name = "serve", critical = true)]
pub async fn serve(listener: TcpListener, accepted: Sender<String>) -> io::Result<()> {
    let router = Router::new()
        .route("/records", post(accept))
        .with_state(accepted);
    axum::serve(listener, router)
        .with_graceful_shutdown(supervise::shutdown_requested())
        .await
}

async fn accept(State(accepted): State<Sender<String>>, record: String) -> StatusCode {
    match accepted.send(record + "\n").await {
        Ok(()) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Holds records and writes them once a minute, and before it stops. They are
/// kept when a run fails, for the next; a stop before that is their end.
#[supervised(name = "store", restart = true)]
pub async fn store(
    #[keep] records: Receiver<String>,
    #[keep] held: Vec<String>,
    file: PathBuf,
) -> io::Result<()> {
    let mut minute = interval(Duration::from_secs(60));
    loop {
        tokio::select! {
            Some(record) = records.recv() => held.push(record),
            _ = minute.tick() => write(held, &file).await?,
            () = supervise::shutdown_requested() => break,
        }
    }
    records.close();
    while let Some(record) = records.recv().await {
        held.push(record);
    }
    write(held, &file).await
}

async fn write(held: &mut Vec<String>, file: &PathBuf) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .await?;
    file.write_all(held.concat().as_bytes()).await?;
    file.flush().await?;
    info!(records = held.len(), "written");
    held.clear();
    Ok(())
}
