//! What a good engineer writes by hand: contained, logged, counted, restarted.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::LazyLock;
use std::time::Duration;

use futures_util::FutureExt;
use prometheus::{IntCounterVec, register_int_counter_vec};

use crate::Fallible;

static RESTARTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    register_int_counter_vec!("restarts_total", "Restarts of a worker", &["worker"])
        .expect("the name is valid and registered once")
});

/// No wait before a restart.
pub fn at_once() -> Duration {
    Duration::ZERO
}

/// Runs `worker` again and again, until it returns `Ok`.
pub async fn supervise<F>(name: &'static str, wait: impl Fn() -> Duration, worker: impl Fn() -> F)
where
    F: Future<Output = Fallible>,
{
    // Before the first failure, so that the series is there at 0.
    let restarts = RESTARTS.with_label_values(&[name]);
    loop {
        match AssertUnwindSafe(worker()).catch_unwind().await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => tracing::error!(worker = name, %error, "worker failed"),
            Err(panic) => {
                tracing::error!(worker = name, panic = message(&*panic), "worker panicked");
            }
        }
        restarts.inc();
        let wait = wait();
        if wait.is_zero() {
            // A sleep of zero would last until the next millisecond.
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(wait).await;
        }
    }
}

/// Runs one tick of a periodic worker; a panic of it ends nothing.
///
/// # Errors
///
/// What the tick returns.
pub async fn tick(name: &'static str, tick: impl Future<Output = Fallible>) -> Fallible {
    match AssertUnwindSafe(tick).catch_unwind().await {
        Ok(ended) => ended,
        Err(panic) => {
            tracing::error!(worker = name, panic = message(&*panic), "tick panicked");
            Ok(())
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown")
}
