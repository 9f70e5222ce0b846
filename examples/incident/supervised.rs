//! The service, with one line of `supervise` on each function that must not end
//! unseen. Nothing else differs from `unsupervised.rs`.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use supervise::supervised;
use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::app::App;

pub struct Service(pub Arc<App>);

impl Service {
    #[supervised(name = "service")]
    pub async fn start(self, listener: TcpListener) -> io::Result<()> {
        tokio::spawn(cleanup(self.0.clone()));
        tokio::spawn(metrics(self.0.clone()));
        self.0.serve(listener).await
    }
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
