//! To and from cancellation tokens.

use std::future::pending;
use std::time::Duration;

use supervise::{Supervisor, shutdown_token};
use tokio::runtime::Handle;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

#[tokio::test(start_paused = true)]
async fn a_supervisor_made_from_a_token_shuts_down_with_it_whether_or_not_anybody_waits() {
    let token = CancellationToken::new();
    let supervisor = Supervisor::from(token.clone());
    let worker = supervisor.spawn(pending::<()>());
    sleep(Duration::from_secs(1)).await;
    assert!(!supervisor.is_shutting_down());
    token.cancel();
    assert!(worker.await.unwrap_err().is_cancelled());
    assert!(supervisor.is_shutting_down());
    supervisor.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_for_another_reason_leaves_the_token_alone_and_no_task_behind() {
    let token = CancellationToken::new();
    let supervisor = Supervisor::from(token.clone());
    supervisor.spawn(pending::<()>());
    yield_now().await;
    supervisor.shutdown();
    supervisor.wait().await.unwrap();
    yield_now().await;
    assert!(!token.is_cancelled());
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_token_that_it_hands_out_is_cancelled_by_the_shutdown_and_stops_nothing() {
    let supervisor = Supervisor::new();
    let token = supervisor.token();
    token.cancel();
    yield_now().await;
    assert!(!supervisor.is_shutting_down());

    let token = supervisor.token();
    let waiting = tokio::spawn(token.clone().cancelled_owned());
    supervisor.shutdown();
    waiting.await.unwrap();
    assert!(supervisor.token().is_cancelled());
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_takes_a_token_has_asked_and_is_told_by_it() {
    async fn knows_tokens(stop: CancellationToken) {
        stop.cancelled().await;
        sleep(Duration::from_secs(1)).await;
    }
    let supervisor = Supervisor::new();
    let by_shutdown = supervisor.spawn(async { knows_tokens(shutdown_token()).await });
    let by_stop = supervisor.spawn(async { knows_tokens(shutdown_token()).await });
    yield_now().await;
    let start = Instant::now();
    by_stop.stop().await.unwrap();
    by_stop.await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 1);
    supervisor.shutdown();
    supervisor.wait().await.unwrap();
    by_shutdown.await.unwrap();
    assert!(!shutdown_token().is_cancelled());
}

#[tokio::test(start_paused = true)]
async fn the_token_of_a_task_that_was_told_before_is_cancelled_already() {
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(async {
        supervise::shutdown_requested().await;
        shutdown_token().is_cancelled()
    });
    yield_now().await;
    handle.stop().await.unwrap();
    assert!(handle.await.unwrap());
}
