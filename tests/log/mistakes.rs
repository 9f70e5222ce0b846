//! What is said once for a name or a supervisor, as it is not as it was meant.

use std::future::pending;
use std::thread;
use std::time::Duration;

use supervise::{Policy, Supervisor, Worker, supervised};
use supervise_tests::scene::scene;
use tokio::runtime::Builder;

#[tokio::test]
async fn two_workers_of_one_name_are_told_once_with_both_places() {
    #[supervised(name = "namesake")]
    async fn first() {}
    #[supervised(name = "namesake")]
    async fn second() {}
    #[supervised(name = "namesake")]
    async fn third() {}
    let (told, _guard) = scene();
    first().await;
    first().await;
    assert!(told.with("two different workers").is_empty());
    second().await;
    third().await;
    second().await;
    told.has(
        r#" WARN supervise: two different workers have one name, and are counted as one worker="namesake" first=tests/log/mistakes.rs:* second=tests/log/mistakes.rs:*"#,
    );
}

#[test]
fn a_timeout_on_a_thread_is_told_once_to_have_no_effect() {
    static WORKER: Worker =
        Worker::new("timed on a thread").policy(Policy::new().timeout(Duration::from_millis(1)));
    let (told, _guard) = scene();
    for _ in 0..2 {
        WORKER.supervise_blocking(|| thread::sleep(Duration::from_millis(2)));
    }
    told.has(
        r#" WARN worker{worker="timed on a thread" run=1}: supervise: the policy's timeout has no effect: a run on a thread can't be ended; bound the calls that block it worker="timed on a thread""#,
    );
}

#[tokio::test]
async fn a_critical_worker_outside_of_any_supervisor_is_told_once() {
    #[supervised(name = "critical alone", critical = true)]
    async fn alone() {}
    let (told, _guard) = scene();
    alone().await;
    alone().await;
    told.has(
        r#"ERROR supervise: a critical worker outside of any supervisor: nothing will shut down when it ends worker="critical alone""#,
    );
}

#[tokio::test]
async fn a_supervisor_that_is_dropped_before_its_workers_says_so() {
    let (told, _guard) = scene();
    let supervisor = Supervisor::new();
    supervisor.spawn(pending::<()>());
    let child = supervisor.child();
    drop(supervisor.clone());
    drop(child);
    assert!(told.texts().is_empty());
    drop(supervisor);
    told.is([
        r" WARN supervise: supervisor dropped while its workers run: they run on, and nobody waits for them tasks=1",
    ]);
}

#[test]
fn without_io_it_is_told_that_no_signal_comes() {
    let (told, _guard) = scene();
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let supervisor = Supervisor::new();
        supervisor.spawn(async {});
        supervisor.wait().await.unwrap();
    });
    told.has(r#"ERROR supervise: no signal will shut down: they can't be received error="*""#);
}
