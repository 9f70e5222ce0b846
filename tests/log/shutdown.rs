//! Workers that end with a shutdown, and critical ones that cause it.

use std::future::{pending, ready};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use supervise::{Supervisor, shutdown_requested, supervised};
use supervise_tests::scene::scene;
use supervise_tests::stop;
use tokio::runtime::Builder;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_worker_is_stopped_in_a_run_or_a_wait_stops_or_overruns() {
    #[supervised(name = "never asks")]
    async fn never_asks() {
        pending::<()>().await;
    }
    #[supervised(name = "in a wait", restart = true, backoff = "1h")]
    async fn in_a_wait() -> Result<(), &'static str> {
        Err("refused")
    }
    #[supervised(name = "overruns")]
    async fn overruns() {
        shutdown_requested().await;
        pending::<()>().await;
    }
    #[supervised(name = "stops by itself")]
    async fn stops() {
        pending::<()>().await;
    }
    let (told, _guard) = scene();
    let supervisor = Supervisor::new();
    supervisor.spawn(never_asks());
    supervisor.spawn(in_a_wait());
    supervisor.spawn(overruns());
    supervisor.spawn(async {
        tokio::select! {
            () = stops() => {}
            () = shutdown_requested() => {}
        }
    });
    sleep(SECOND).await;
    assert_eq!(stop(&supervisor).await, 10_000);
    for line in [
        r#" INFO supervise: shutting down cause="`shutdown` was called" tasks=4"#,
        r#" INFO worker{worker="never asks" run=1}: supervise: worker stopped: dropped at its await, as nothing in its task had asked for the shutdown (`shutdown_requested`) worker="never asks" run=1 uptime=1*s"#,
        r#" INFO worker{worker="in a wait" run=1}: supervise: worker stopped: it waited for its next run worker="in a wait" run=1"#,
        r#" INFO worker{worker="stops by itself" run=1}: supervise: worker stopped worker="stops by itself" run=1 uptime=1*s"#,
        r#" WARN worker{worker="overruns" run=1}: supervise: worker dropped: it did not stop within the grace period worker="overruns" run=1 uptime=11*s"#,
    ] {
        told.has(line);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_during_the_shutdown_is_a_warning_and_the_last() {
    #[supervised(name = "fails at the end", restart = true)]
    async fn fails_at_the_end() -> Result<(), &'static str> {
        shutdown_requested().await;
        Err("could not say goodbye")
    }
    let (told, _guard) = scene();
    let supervisor = Supervisor::new();
    supervisor.spawn(fails_at_the_end());
    sleep(SECOND).await;
    stop(&supervisor).await;
    told.is([
        r#"DEBUG worker{worker="fails at the end" run=1}: supervise: worker started worker="fails at the end" run=1"#,
        r#" INFO supervise: shutting down cause="`shutdown` was called" tasks=1"#,
        r#" WARN worker{worker="fails at the end" run=1}: supervise: worker failed worker="fails at the end" run=1 failures=1 uptime=1*s exception.type="&str" exception.message="could not say goodbye""#,
    ]);
}

#[tokio::test(start_paused = true)]
async fn a_critical_worker_ends_and_its_supervisor_shuts_down() {
    #[supervised(name = "ends all", critical = true)]
    async fn ends_all() {
        sleep(SECOND).await;
    }
    let (told, _guard) = scene();
    let supervisor = Supervisor::new();
    supervisor.spawn(ends_all());
    assert!(supervisor.wait().await.is_err());
    told.has(
        r#"ERROR worker{worker="ends all" run=1}: supervise: critical worker ended worker="ends all" run=1 reason="finished""#,
    );
    told.has(r#" INFO supervise: shutting down cause="critical worker `ends all` ended" tasks=*"#);
}

#[tokio::test]
async fn what_comes_after_the_request_is_not_started() {
    async fn late() {
        pending::<()>().await;
    }
    let (told, _guard) = scene();
    let supervisor = Supervisor::new();
    supervisor.shutdown();
    let _ = supervisor.spawn(late()).await;
    told.is([
        r#" INFO supervise: shutting down cause="`shutdown` was called" tasks=0"#,
        r#" WARN supervise: worker not started: the shutdown was requested before worker="what_comes_after_the_request_is_not_started::late""#,
    ]);
}

#[test]
fn what_blocks_its_thread_did_not_stop() {
    #[supervised(name = "blocks its thread")]
    async fn blocks(released: Receiver<()>) {
        // It has asked, and so it is told with what happened in the end.
        let _ = supervise::is_shutting_down();
        let _ = released.recv();
    }
    let (release, released) = channel();
    // One of them is for the clock.
    let threads = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let (told, _guard) = scene();
    let supervisor = Supervisor::new().grace_period(Duration::ZERO);
    threads.block_on(async {
        supervisor.spawn(blocks(released));
        let at_it = sleep(Duration::from_millis(20));
        assert!(supervisor.wait_until(at_it).await.is_err());
    });
    drop(release);
    threads.shutdown_background();
    told.has(
        r#"ERROR supervise: worker did not stop, and could not be dropped: it blocks its thread worker="blocks its thread""#,
    );
}

#[tokio::test]
async fn what_a_shutdown_was_for_is_told() {
    let (told, _guard) = scene();
    let token = CancellationToken::new();
    let supervisor = Supervisor::from(token.clone());
    supervisor.spawn(pending::<()>());
    token.cancel();
    supervisor.wait().await.unwrap();
    let supervisor = Supervisor::new();
    supervisor.spawn(pending::<()>());
    supervisor.wait_until(ready(())).await.unwrap();
    told.has(r#" INFO supervise: shutting down cause="its token was cancelled" tasks=1"#);
    told.has(r#" INFO supervise: shutting down cause="what was waited for is ready" tasks=1"#);
}
