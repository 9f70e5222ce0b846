//! What every service without a supervisor has somewhere.

use std::io;

use tokio::signal;
use tracing::error;

/// Ready when the process is to end.
pub async fn stop_requested() {
    if let Err(error) = received().await {
        error!(%error, "stopping, as no signal could do it later");
    }
}

/// Ctrl-C or, from an orchestrator, SIGTERM.
#[cfg(unix)]
async fn received() -> io::Result<()> {
    let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
    tokio::select! {
        pressed = signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn received() -> io::Result<()> {
    signal::ctrl_c().await
}
