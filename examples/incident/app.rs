//! What the service does: it greets over HTTP, out of a cache, by a
//! configuration that can be pushed while it runs.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::routing::{get, put};
use axum::{Json, Router};
use prometheus::{IntGauge, register_int_gauge};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing::info;

use crate::admin;
use crate::cache::Cache;

#[derive(Debug, Deserialize)]
struct Config {
    #[serde(default)]
    cache: CacheConfig,
}

#[derive(Debug, Default, Deserialize)]
struct CacheConfig {
    /// To serde, a missing field is `None`: `{}` is as good a configuration as
    /// any.
    ttl_seconds: Option<u64>,
}

/// What the requests and the workers share.
pub struct App {
    cache: Cache,
    config: watch::Sender<Config>,
    cache_entries: IntGauge,
}

impl App {
    pub fn new() -> prometheus::Result<Arc<Self>> {
        let cache = CacheConfig {
            ttl_seconds: Some(3),
        };
        Ok(Arc::new(Self {
            cache: Cache::default(),
            config: watch::Sender::new(Config { cache }),
            cache_entries: register_int_gauge!(
                "incident_cache_entries",
                "Greetings in the cache."
            )?,
        }))
    }

    /// The bug: a field that may be missing is taken for granted. No request
    /// needs it, so all of them go well; only this fails, in the background.
    pub fn remove_expired(&self) {
        let ttl = self.config.borrow().cache.ttl_seconds;
        let ttl = ttl.expect("the configuration has no cache.ttl_seconds");
        self.cache.remove_older_than(Duration::from_secs(ttl));
    }

    pub fn publish_size(&self) {
        let size = i64::try_from(self.cache.size()).unwrap_or(i64::MAX);
        self.cache_entries.set(size);
    }

    /// Serves until it is to stop, and then answers the requests that it has.
    pub async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let router = Router::new()
            .route("/greet/{name}", get(greet))
            .route("/config", put(configure))
            .merge(admin::router())
            .with_state(self);
        axum::serve(listener, router)
            .with_graceful_shutdown(stop)
            .await
    }
}

async fn greet(State(app): State<Arc<App>>, Path(name): Path<String>) -> String {
    let (greeting, hit) = app.cache.greeting(&name);
    format!("{greeting} (cache {})\n", if hit { "hit" } else { "miss" })
}

async fn configure(
    State(app): State<Arc<App>>,
    body: Bytes,
) -> Result<&'static str, JsonRejection> {
    // Not by the extractor, which minds the content type: `curl -d` says form.
    let Json(config) = Json::<Config>::from_bytes(&body)?;
    info!(?config, "configuration pushed");
    app.config.send_replace(config);
    Ok("configuration accepted\n")
}
