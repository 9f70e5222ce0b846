//! The supervisor: what it owns, when it ends, and what it says then.

use std::future::pending;
use std::time::Duration;

use supervise::{Supervisor, supervised};
use tokio::time::{Instant, sleep};

#[supervised(name = "asks", restart = true)]
async fn asks(takes: Duration) {
    supervise::shutdown_requested().await;
    sleep(takes).await;
}

#[tokio::test(start_paused = true)]
async fn a_hundred_workers_that_stop_in_a_second_each_stop_in_a_second_together() {
    let supervisor = Supervisor::new();
    for _ in 0..100 {
        supervisor.spawn(asks(Duration::from_secs(1)));
    }
    sleep(Duration::from_secs(60)).await;
    let start = Instant::now();
    supervisor.shutdown();
    supervisor.wait().await.unwrap();
    assert_eq!(start.elapsed().as_millis(), 1_000);
}

#[tokio::test(start_paused = true)]
async fn what_never_asked_is_dropped_at_once() {
    let supervisor = Supervisor::new();
    supervisor.spawn(pending::<()>());
    sleep(Duration::from_secs(60)).await;
    let start = Instant::now();
    supervisor.shutdown();
    supervisor.wait().await.unwrap();
    assert_eq!(start.elapsed().as_millis(), 0);
}
