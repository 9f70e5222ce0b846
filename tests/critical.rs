//! Critical workers: their end is the end of all.

use std::error::Error;
use std::future::pending;
use std::time::Duration;

use supervise::{Supervisor, supervised};
use supervise_tests::record::record;
use tokio::time::sleep;

#[supervised(name = "gives up", critical = true, restart = true, max_restarts = 2)]
async fn gives_up() -> Result<(), std::num::ParseIntError> {
    "x".parse::<u32>().map(drop)
}

#[tokio::test(start_paused = true)]
async fn a_critical_worker_that_gives_up_is_the_end_and_the_error_names_its_failure() {
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    let sibling = supervisor.spawn(pending::<()>());
    supervisor.spawn(gives_up());
    let error = supervisor.wait().await.unwrap_err();
    assert!(sibling.await.unwrap_err().is_cancelled());

    assert_eq!(error.to_string(), "critical worker `gives up` gave up");
    assert_eq!(error.critical(), Some("gives up"));
    let failure = error.failure().unwrap();
    assert!(!failure.is_panic() && !failure.is_timeout());
    assert_eq!(failure.message(), "invalid digit found in string");
    let source = error.source().unwrap();
    let text = "worker `gives up` failed: invalid digit found in string";
    assert_eq!(source.to_string(), text);
    assert_eq!(
        format!("{error:?}"),
        format!("critical worker `gives up` gave up\n\nCaused by:\n    {text}")
    );
    assert!(error.unstopped().is_empty());
    // Whoever asks later is told the same.
    assert_eq!(
        supervisor.wait().await.unwrap_err().to_string(),
        error.to_string()
    );

    let ended = record.with_message("critical worker ended");
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].level, tracing::Level::ERROR);
    let down = record.with_message("shutting down");
    assert_eq!(
        down[0].field("cause"),
        Some("critical worker `gives up` ended")
    );
}

#[supervised(name = "critical panic", critical = true)]
async fn critical_panic() {
    panic!("out of ideas");
}

#[supervised(name = "critical return", critical = true)]
async fn critical_return() {}

#[supervised(
    name = "critical wait",
    critical = true,
    restart = true,
    backoff = "1h"
)]
async fn critical_wait() {
    panic!("waits after this");
}

#[tokio::test(start_paused = true)]
async fn any_end_of_a_critical_worker_before_the_request_is_the_end_of_all() {
    let supervisor = Supervisor::new();
    supervisor.spawn(critical_panic());
    let error = supervisor.wait().await.unwrap_err();
    assert!(error.failure().unwrap().is_panic());
    assert!(error.failure().unwrap().location().is_some());
    let text = format!("{error:?}");
    assert!(
        text.contains("out of ideas\n    at tests/critical.rs:"),
        "{text}"
    );

    let supervisor = Supervisor::new();
    supervisor.spawn(critical_return());
    let error = supervisor.wait().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "critical worker `critical return` finished"
    );
    assert!(error.failure().is_none() && error.source().is_none());

    // Dropped by the code around it, in the middle of a wait.
    let supervisor = Supervisor::new();
    supervisor.spawn(async {
        tokio::select! {
            () = critical_wait() => {}
            () = sleep(Duration::from_secs(60)) => {}
        }
    });
    let error = supervisor.wait().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "critical worker `critical wait` was cancelled"
    );
    assert_eq!(error.failure().unwrap().message(), "waits after this");
}

#[tokio::test(start_paused = true)]
async fn a_critical_worker_may_end_once_the_shutdown_was_requested() {
    #[supervised(name = "critical at the end", critical = true)]
    async fn critical_at_the_end() -> Result<(), String> {
        supervise::shutdown_requested().await;
        Err("could not say goodbye".into())
    }
    let supervisor = Supervisor::new();
    supervisor.spawn(critical_at_the_end());
    supervisor.spawn(critical_wait());
    sleep(Duration::from_secs(1)).await;
    supervisor.shutdown();
    supervisor.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_critical_worker_outside_of_any_supervisor_says_once_that_nothing_will_shut_down() {
    #[supervised(name = "alone", critical = true)]
    async fn alone() {}
    let (record, _guard) = record();
    alone().await;
    tokio::spawn(alone()).await.unwrap();
    Supervisor::new().spawn(alone()).await.unwrap();
    let lines = record.with_message("a critical worker outside of any supervisor");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].level, tracing::Level::ERROR);
    assert_eq!(lines[0].field("worker"), Some("alone"));
}

#[tokio::test(start_paused = true)]
async fn the_first_critical_worker_that_ends_is_the_one_that_is_named() {
    let supervisor = Supervisor::new();
    supervisor.spawn(async { tokio::join!(critical_return(), critical_panic()) });
    let error = supervisor.wait().await.unwrap_err();
    assert_eq!(error.critical(), Some("critical return"));
}
