//! `#[keep]`: a value that outlives its runs and is lent to each.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use supervise::supervised;
use supervise_tests::{Runs, status};
use tokio::sync::mpsc::{Receiver, UnboundedSender, channel, unbounded_channel};
use tokio::time::sleep;

fn send<F: Future + Send>(future: F) -> F {
    future
}

#[supervised(name = "consume", restart = true)]
async fn consume(#[keep] jobs: Receiver<u32>, done: UnboundedSender<u32>) {
    while let Some(job) = jobs.recv().await {
        assert!(job != 3, "job {job}");
        let _ = done.send(job);
    }
}

#[tokio::test(start_paused = true)]
async fn the_queue_and_what_is_sent_during_the_wait_outlive_a_panic() {
    let (sender, jobs) = channel(16);
    let (done, mut results) = unbounded_channel();
    let worker = tokio::spawn(consume(jobs, done));
    for job in [1, 2, 3, 4] {
        sender.send(job).await.unwrap();
    }
    sleep(Duration::from_millis(100)).await;
    assert_eq!(status("consume").waiting, 1);
    sender.send(5).await.unwrap();
    drop(sender);
    worker.await.unwrap();
    let mut seen = Vec::new();
    while let Some(job) = results.recv().await {
        seen.push(job);
    }
    assert_eq!(seen, [1, 2, 4, 5], "only the item that was taken is lost");
}

struct NotClone(u32);

#[supervised(restart = true)]
async fn kept<T>(
    runs: &Runs,
    #[keep] mut plain: NotClone,
    #[keep] generic: Vec<T>,
    #[keep] opaque: impl FnMut() -> T + Send,
    (a, _): (u32, u32),
    #[keep] after_a_pattern: NotClone,
) -> (u32, usize, u32)
where
    T: Debug + Send,
{
    plain.0 += 1;
    generic.push(opaque());
    after_a_pattern.0 += a;
    tokio::task::yield_now().await;
    runs.panic_twice();
    (plain.0, generic.len(), after_a_pattern.0)
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_needs_no_clone_and_sees_what_earlier_runs_did() {
    let runs = Runs::new();
    let mut calls = 0;
    let count = || {
        calls += 1;
        calls
    };
    let worker = kept(&runs, NotClone(0), Vec::new(), count, (2, 0), NotClone(10));
    assert_eq!(send(worker).await, (3, 3, 16));
}

struct Service {
    runs: Arc<Runs>,
    queue: NotClone,
}

impl Service {
    #[supervised(restart = true)]
    async fn start(#[keep] self, by: u32, name: String) -> (u32, String) {
        self.queue.0 += by;
        tokio::task::yield_now().await;
        self.runs.panic_twice();
        (self.queue.0, name)
    }

    #[supervised(restart = true)]
    async fn boxed(#[keep] mut self: Box<Self>) -> u32 {
        self.queue.0 += 1;
        tokio::task::yield_now().await;
        self.runs.panic_twice();
        self.queue.0
    }

    #[supervised]
    async fn once(#[keep] self, by: u32) -> u32 {
        self.queue.0 += by;
        tokio::task::yield_now().await;
        self.queue.0
    }
}

fn service() -> Service {
    Service {
        runs: Arc::default(),
        queue: NotClone(0),
    }
}

#[tokio::test(start_paused = true)]
async fn a_kept_self_is_lent_to_each_run() {
    assert_eq!(send(service().start(2, "n".into())).await, (6, "n".into()));
    assert_eq!(send(Box::new(service()).boxed()).await, 3);
    assert_eq!(send(service().once(4)).await, 4);
}

#[supervised(restart = false)]
async fn one_run(#[keep] mut jobs: Receiver<u32>, #[keep] count: u32) -> Option<u32> {
    *count += 1;
    jobs.recv().await.map(|job| job + *count)
}

#[tokio::test]
async fn without_a_restart_it_is_lent_to_the_one_run() {
    let (sender, jobs) = channel(1);
    sender.send(1).await.unwrap();
    assert_eq!(send(one_run(jobs, 1)).await, Some(3));
}

static DROPS: AtomicU32 = AtomicU32::new(0);

struct Counted;

impl Drop for Counted {
    fn drop(&mut self) {
        DROPS.fetch_add(1, SeqCst);
    }
}

#[supervised(restart = true)]
async fn dropped_once(runs: &Runs, #[keep] _kept: Counted) {
    assert_eq!(DROPS.load(SeqCst), 0, "still kept");
    tokio::task::yield_now().await;
    runs.panic_twice();
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_is_dropped_once_when_the_worker_ends() {
    let runs = Runs::new();
    dropped_once(&runs, Counted).await;
    assert_eq!((runs.count(), DROPS.load(SeqCst)), (3, 1));
}
