//! The service as it was on the day of the incident. In `supervised.rs` it has a
//! supervisor.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::app::App;

pub struct Service(pub Arc<App>);

impl Service {
    pub async fn start(self, listener: TcpListener) -> io::Result<()> {
        tokio::spawn(cleanup(self.0.clone()));
        tokio::spawn(metrics(self.0.clone()));
        serve(self.0, listener).await
    }
}

async fn serve(app: Arc<App>, listener: TcpListener) -> io::Result<()> {
    app.serve(listener, crate::signals::stop_requested()).await
}

async fn cleanup(app: Arc<App>) {
    loop {
        app.remove_expired();
        sleep(Duration::from_secs(1)).await;
    }
}

async fn metrics(app: Arc<App>) {
    loop {
        app.publish_size();
        sleep(Duration::from_secs(1)).await;
    }
}
