//! Children that do not go: nothing can drop what blocks its thread.

use std::future::pending;
use std::pin::pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use supervise::{Reason, Supervisor, TaskState, spawn_child, supervised};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, sleep, timeout};

use crate::settle;

const SECOND: Duration = Duration::from_secs(1);

async fn blocks(at_it: Sender<()>, released: Receiver<()>) {
    at_it.send(()).unwrap();
    // Until it is released, or nobody is left to do so.
    let _ = released.recv();
    // Too late to belong to a run.
    spawn_child(pending::<()>());
    pending::<()>().await;
}

/// A runtime of its own for a child that blocks the only thread there.
struct Elsewhere {
    runtime: Option<Runtime>,
    released: Mutex<Option<Receiver<()>>>,
}

impl Elsewhere {
    fn new() -> (Self, Sender<()>) {
        let (release, released) = channel();
        let runtime = Builder::new_multi_thread().worker_threads(1).build();
        let elsewhere = Self {
            runtime: Some(runtime.unwrap()),
            released: Mutex::new(Some(released)),
        };
        (elsewhere, release)
    }

    /// Returns when the child, the only one, is at it: on the clock of this thread
    /// that takes no time.
    fn spawn_child(&self) {
        let Some(released) = self.released.lock().unwrap().take() else {
            return;
        };
        let (at_it, is_at_it) = channel();
        let _entered = self.runtime.as_ref().unwrap().enter();
        spawn_child(blocks(at_it, released));
        is_at_it.recv().unwrap();
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[supervised(name = "waits for a child", restart = true, backoff = "1s")]
async fn waits(elsewhere: &Elsewhere, runs: &Runs) {
    elsewhere.spawn_child();
    assert!(runs.next() > 1, "its child stays");
}

#[tokio::test(start_paused = true)]
async fn the_next_run_waits_for_a_child_that_blocks_its_thread_which_is_named_after_10_s() {
    let (record, _guard) = record();
    let told = || record.with_message("children of the run were dropped");
    let ((elsewhere, release), runs) = (Elsewhere::new(), Runs::new());
    let mut worker = pin!(waits(&elsewhere, &runs));

    assert!(timeout(SECOND * 99 / 10, &mut worker).await.is_err());
    assert_eq!((runs.count(), told().len()), (1, 0));
    assert!(timeout(SECOND / 5, &mut worker).await.is_err());
    assert_eq!(told().len(), 1);
    assert_eq!(told()[0].level, tracing::Level::WARN);
    assert_eq!(told()[0].field("worker"), Some("waits for a child"));
    assert_eq!(told()[0].field("run"), Some("1"));
    assert_eq!(told()[0].field("children"), Some("slow::blocks"));

    assert!(timeout(SECOND * 3600, &mut worker).await.is_err());
    assert_eq!((runs.count(), told().len()), (1, 1));
    let shown = status("waits for a child");
    assert_eq!((shown.waiting, shown.running), (1, 0));

    release.send(()).unwrap();
    worker.await;
    assert_eq!(runs.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_cancelled_or_done_does_not_wait_for_its_children() {
    #[supervised(name = "does not wait")]
    async fn parent(elsewhere: &Elsewhere, ends: bool) {
        elsewhere.spawn_child();
        if !ends {
            pending::<()>().await;
        }
    }
    let (elsewhere, _release) = Elsewhere::new();
    let start = Instant::now();
    assert!(timeout(SECOND, parent(&elsewhere, false)).await.is_err());
    assert_eq!(start.elapsed(), SECOND);
    let (elsewhere, _release) = Elsewhere::new();
    parent(&elsewhere, true).await;
    assert_eq!(start.elapsed(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_restart_by_hand_cuts_the_wait_short_but_not_the_one_for_children() {
    #[supervised(name = "by hand with a child", restart = true, backoff = "1h")]
    async fn parent(elsewhere: Arc<Elsewhere>, runs: &'static Runs) {
        elsewhere.spawn_child();
        assert!(runs.next() > 1, "its child stays");
    }
    static RUNS: Runs = Runs::new();
    let (elsewhere, release) = Elsewhere::new();
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(parent(elsewhere.into(), &RUNS));
    sleep(SECOND).await;
    assert_eq!(handle.status().state, TaskState::Waiting);
    assert!(handle.restart());
    sleep(SECOND * 60).await;
    assert_eq!(RUNS.count(), 1);
    release.send(()).unwrap();
    let start = Instant::now();
    handle.await.unwrap();
    assert_eq!((RUNS.count(), start.elapsed()), (2, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn what_an_inner_worker_has_left_behind_the_run_around_it_waits_for() {
    #[supervised(name = "inner, with a child")]
    async fn inner(elsewhere: &Elsewhere) -> Result<(), &'static str> {
        elsewhere.spawn_child();
        Err("its child stays")
    }
    #[supervised(name = "outer of that", restart = true, backoff = "1s")]
    async fn outer(elsewhere: &Elsewhere, runs: &Runs) -> Result<(), &'static str> {
        if runs.next() == 1 {
            inner(elsewhere).await?;
        }
        Ok(())
    }
    let (record, _guard) = record();
    let ((elsewhere, release), runs) = (Elsewhere::new(), Runs::new());
    let mut worker = pin!(outer(&elsewhere, &runs));
    assert!(timeout(SECOND * 60, &mut worker).await.is_err());
    assert_eq!(runs.count(), 1);
    let told = record.with_message("children of the run were dropped");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].field("worker"), Some("outer of that"));
    assert_eq!(told[0].field("children"), Some("slow::blocks"));
    release.send(()).unwrap();
    worker.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_child_that_blocks_its_thread_at_a_shutdown_is_named_and_holds_up_nobody() {
    #[supervised(name = "parent of a blocked one", restart = true)]
    async fn parent(elsewhere: Arc<Elsewhere>) {
        elsewhere.spawn_child();
        pending::<()>().await;
    }
    let (elsewhere, _release) = Elsewhere::new();
    let supervisor = Supervisor::new();
    supervisor.spawn(parent(elsewhere.into()));
    sleep(SECOND).await;
    settle().await;
    supervisor.shutdown();
    let start = Instant::now();
    let error = supervisor.wait().await.unwrap_err();
    // The grace period, in which it could have come back.
    assert_eq!(start.elapsed(), SECOND * 10);
    let unstopped: Vec<_> = error
        .unstopped()
        .iter()
        .map(|it| (it.worker, it.still_running))
        .collect();
    assert_eq!(unstopped, [("slow::blocks", true)]);
    assert_eq!(status("parent of a blocked one").exits[Reason::Shutdown], 1);
}
