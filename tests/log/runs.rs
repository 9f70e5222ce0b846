//! The life of a worker that does not fail.

use std::future::{pending, ready};
use std::pin::pin;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use supervise::{Supervisor, spawn_child, supervised};
use supervise_tests::Runs;
use supervise_tests::scene::scene;
use tokio::runtime::{Builder, Handle};
use tokio::time::{sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_worker_starts_and_finishes() {
    #[supervised(name = "quiet life")]
    async fn finishes() {
        sleep(2 * SECOND).await;
    }
    let (told, _guard) = scene();
    finishes().await;
    told.is([
        r#"DEBUG worker{worker="quiet life" run=1}: supervise: worker started worker="quiet life" run=1"#,
        r#" INFO worker{worker="quiet life" run=1}: supervise: worker finished worker="quiet life" run=1 uptime=2*s"#,
    ]);
}

#[tokio::test(start_paused = true)]
async fn a_worker_is_cancelled() {
    #[supervised(name = "cut short")]
    async fn pends() {
        pending::<()>().await;
    }
    let (told, _guard) = scene();
    assert!(timeout(SECOND, pends()).await.is_err());
    told.is([
        r#"DEBUG worker{worker="cut short" run=1}: supervise: worker started worker="cut short" run=1"#,
        r#"DEBUG worker{worker="cut short" run=1}: supervise: worker cancelled worker="cut short" run=1 uptime=1*s"#,
    ]);
}

#[tokio::test(start_paused = true)]
async fn a_periodic_worker_ticks() {
    #[supervised(name = "ticks", every = "1m")]
    async fn ticks() {
        sleep(SECOND).await;
    }
    let (told, _guard) = scene();
    assert!(timeout(90 * SECOND, ticks()).await.is_err());
    told.is([
        r#"DEBUG worker{worker="ticks" run=1}: supervise: worker started worker="ticks" run=1"#,
        r#"DEBUG worker{worker="ticks" run=1}: supervise: tick finished worker="ticks" run=1 uptime=1*s"#,
        r#"DEBUG worker{worker="ticks" run=2}: supervise: worker started worker="ticks" run=2"#,
        r#"DEBUG worker{worker="ticks" run=2}: supervise: tick finished worker="ticks" run=2 uptime=1*s"#,
    ]);
}

#[tokio::test(start_paused = true)]
async fn a_worker_recovers_at_the_moment_of_its_health() {
    #[supervised(
        name = "recovers",
        restart = true,
        backoff = "1s",
        healthy_after = "1m"
    )]
    async fn recovers(runs: &Runs) -> Result<(), &'static str> {
        if runs.next() <= 2 {
            return Err("not yet");
        }
        pending().await
    }
    let (told, _guard) = scene();
    let runs = Runs::new();
    assert!(timeout(100 * SECOND, recovers(&runs)).await.is_err());
    told.has(
        r#" INFO worker{worker="recovers" run=3}: supervise: worker recovered worker="recovers" run=3 failures=2 uptime=60*s"#,
    );
}

#[tokio::test(start_paused = true)]
async fn a_worker_is_restarted_by_hand() {
    #[supervised(name = "by hand", restart = true)]
    async fn pends() {
        pending::<()>().await;
    }
    let (told, _guard) = scene();
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(pends());
    sleep(SECOND).await;
    assert!(handle.restart());
    sleep(SECOND).await;
    told.is([
        r#"DEBUG worker{worker="by hand" run=1}: supervise: worker started worker="by hand" run=1"#,
        r#" INFO worker{worker="by hand" run=1}: supervise: worker restarted by hand worker="by hand" run=1"#,
        r#"DEBUG worker{worker="by hand" run=2}: supervise: worker started worker="by hand" run=2"#,
    ]);
}

/// Where a child blocks its thread until it is released.
struct Elsewhere {
    runtime: Handle,
    released: Mutex<Option<Receiver<()>>>,
}

impl Elsewhere {
    /// Returns when the child is at it, if it is the first: on the clock of the
    /// parent that takes no time.
    fn spawn_child(&self) {
        let Some(released) = self.released.lock().unwrap().take() else {
            return;
        };
        let (at_it, is_at_it) = channel();
        let _entered = self.runtime.enter();
        spawn_child(blocks(at_it, released));
        is_at_it.recv().unwrap();
    }
}

async fn blocks(at_it: Sender<()>, released: Receiver<()>) {
    ready(()).await;
    at_it.send(()).unwrap();
    released.recv().unwrap();
}

#[test]
fn a_child_that_blocks_its_thread_holds_up_the_next_run() {
    #[supervised(name = "held up", restart = true, backoff = "1s")]
    async fn held_up(elsewhere: &Elsewhere, runs: &Runs) -> Result<(), &'static str> {
        elsewhere.spawn_child();
        match runs.next() {
            1 => Err("its child stays"),
            _ => Ok(()),
        }
    }
    let threads = Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let (release, released) = channel();
    let elsewhere = Elsewhere {
        runtime: threads.handle().clone(),
        released: Mutex::new(Some(released)),
    };
    let (told, _guard) = scene();
    let paused = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    paused.unwrap().block_on(async {
        let runs = Runs::new();
        let mut worker = pin!(held_up(&elsewhere, &runs));
        assert!(timeout(11 * SECOND, &mut worker).await.is_err());
        release.send(()).unwrap();
        worker.await.unwrap();
    });
    told.has(
        r#" WARN worker{worker="held up" run=1}: supervise: children of the run were dropped and are not gone, as they block their thread: the worker runs again when they are worker="held up" run=1 children="runs::blocks" since=10s"#,
    );
}
