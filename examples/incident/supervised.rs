//! The service, with one line of `supervise` on each function that must not end
//! unseen, and with a supervisor that spawns and stops them. Nothing else differs
//! from `unsupervised.rs`.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use supervise::{ShutdownError, Supervisor, supervised};
use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::app::App;

pub struct Service(pub Arc<App>);

impl Service {
    pub async fn start(self, listener: TcpListener) -> Result<(), ShutdownError> {
        let supervisor = Supervisor::new();
        supervisor.spawn(cleanup(self.0.clone()));
        supervisor.spawn(metrics(self.0.clone()));
        supervisor.spawn(serve(self.0, listener));
        supervisor.wait().await
    }
}

#[supervised(name = "service", critical = true)]
async fn serve(app: Arc<App>, listener: TcpListener) -> io::Result<()> {
    app.serve(listener, supervise::shutdown_requested()).await
}

#[supervised(name = "cleanup", restart = true, backoff = "500ms..5s")]
async fn cleanup(app: Arc<App>) {
    loop {
        app.remove_expired();
        sleep(Duration::from_secs(1)).await;
    }
}

#[supervised(name = "metrics", restart = true, backoff = "500ms..5s")]
async fn metrics(app: Arc<App>) {
    loop {
        app.publish_size();
        sleep(Duration::from_secs(1)).await;
    }
}
