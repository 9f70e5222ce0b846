//! tokio = { version = "1", features = ["macros", "rt-multi-thread", "time"] }
//! futures-util = { version = "0.3", default-features = false, features = ["std"] }
//! prometheus = { version = "0.14", default-features = false }
//! tracing = { version = "0.1", default-features = false, features = ["std"] }

use std::panic::AssertUnwindSafe;
use std::sync::LazyLock;
use std::time::Duration;

use futures_util::FutureExt;
use prometheus::{IntCounterVec, register_int_counter_vec};

static RESTARTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    register_int_counter_vec!("restarts_total", "Restarts of a worker", &["worker"]).unwrap()
});

async fn hello() {
    println!("hello");
}

#[tokio::main]
async fn main() {
    let worker = async {
        let restarts = RESTARTS.with_label_values(&["hello"]);
        while let Err(panic) = AssertUnwindSafe(hello()).catch_unwind().await {
            let message = panic.downcast_ref::<&str>().unwrap_or(&"unknown");
            tracing::error!(worker = "hello", panic = message, "worker panicked");
            restarts.inc();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::spawn(worker).await.unwrap();
}
