//! Groups of workers, each against what the Erlang/OTP supervisor does.
//!
//! In its words a supervised function is a supervisor and what it joins are its
//! children; `+a` is the start of a child, `-a` the drop of its future.

mod groups {
    mod escalation;
    pub mod scene;
}

use std::error::Error;
use std::future::pending;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use groups::scene::Scene;
use supervise::{Backoff, Policy, Reason, Restart, Supervisor, supervised};
use supervise_tests::{Runs, status};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::try_join;

const ONCE: Policy = Policy::new();

const RESTARTED: Policy = Policy::new()
    .restart(Restart::OnFailure)
    .backoff(Backoff::constant(Duration::from_secs(1)));

/// How often it was started, and restarted by its own doing.
fn starts_and_restarts(worker: &str) -> (u64, u64) {
    let worker = status(worker);
    (worker.starts, worker.restarts.total())
}

/// OTP's `one_for_one` restarts the child that ended and touches no other. There
/// all children spend the one budget of their supervisor; here each its own.
#[tokio::test(start_paused = true)]
async fn one_for_one_is_to_spawn_each_and_restarts_the_one_that_failed() {
    let scene = Scene::new();
    let supervisor = Supervisor::new();
    for name in ["mail", "report", "cleanup"] {
        supervisor.spawn(scene.worker(name, RESTARTED));
    }
    assert_eq!(scene.start().await, "+mail +report +cleanup");
    assert_eq!(scene.fail("report").await, "-report");
    assert_eq!((status("report").waiting, status("mail").running), (1, 1));
    assert_eq!(scene.restart().await, "+report");
    assert_eq!(starts_and_restarts("report"), (2, 1));
    assert_eq!(starts_and_restarts("mail"), (1, 0));
    assert_eq!(starts_and_restarts("cleanup"), (1, 0));
}

#[supervised(name = "link", restart = true, backoff = "1s")]
async fn link(scene: &'static Scene) -> Result<(), String> {
    try_join!(
        scene.worker("reader", ONCE),
        scene.worker("writer", ONCE),
        scene.worker("pinger", ONCE),
    )?;
    Ok(())
}

/// OTP's `one_for_all` first stops all the others, and then starts all of them
/// again. There they are stopped from the last to the first; here they are
/// dropped in the order in which they stand in the `try_join!`. There the restart
/// is immediate; here it waits for the backoff of the group.
#[tokio::test(start_paused = true)]
async fn one_for_all_is_a_try_join_and_stops_all_before_it_restarts_any() {
    let scene = Scene::new();
    tokio::spawn(link(scene));
    assert_eq!(scene.start().await, "+reader +writer +pinger");

    assert_eq!(scene.fail("writer").await, "-writer -reader -pinger");
    assert_eq!((status("link").running, status("link").waiting), (0, 1));
    assert_eq!(scene.restart().await, "+reader +writer +pinger");

    assert_eq!(scene.crash("pinger").await, "-pinger -reader -writer");
    assert_eq!(scene.restart().await, "+reader +writer +pinger");

    // One restart for each failure, whatever the number of children.
    assert_eq!(starts_and_restarts("link"), (3, 2));
    for (member, cancelled) in [("reader", 2), ("writer", 1), ("pinger", 1)] {
        let member = status(member);
        assert_eq!((member.starts, member.running), (3, 1), "{member:?}");
        assert_eq!(member.exits[Reason::Cancelled], cancelled, "{member:?}");
    }
}

fn sorted(journal: &str) -> Vec<&str> {
    let mut lines: Vec<_> = journal.split(' ').collect();
    lines.sort_unstable();
    lines
}

const SHARDS: [&str; 3] = ["first", "second", "third"];

#[supervised(name = "shards", restart = true, backoff = "1s")]
async fn shards(scene: &'static Scene) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut shards = JoinSet::from_iter(SHARDS.map(|name| scene.worker(name, ONCE)));
    while let Some(ended) = shards.join_next().await {
        ended??;
    }
    Ok(())
}

/// `one_for_all` again, for as many as there are. The set aborts the others when
/// it is dropped; in which order they are gone is up to tokio.
#[tokio::test(start_paused = true)]
async fn one_for_all_is_a_join_set_as_well() {
    let scene = Scene::new();
    let task = tokio::spawn(shards(scene));
    assert_eq!(scene.start().await, "+first +second +third");

    assert_eq!(
        sorted(&scene.fail("second").await),
        ["-first", "-second", "-third"]
    );
    assert_eq!((status("shards").running, status("shards").waiting), (0, 1));
    assert_eq!(scene.restart().await, "+first +second +third");

    assert_eq!(
        sorted(&scene.crash("first").await),
        ["-first", "-second", "-third"]
    );
    assert_eq!(scene.restart().await, "+first +second +third");

    // A panic of a task is an `Err` for who joins it.
    assert_eq!(status("shards").restarts[Reason::Error], 2);
    for name in SHARDS {
        assert_eq!((status(name).starts, status(name).running), (3, 1));
    }

    task.abort();
    let gone = scene.restart().await;
    assert_eq!(sorted(&gone), ["-first", "-second", "-third"]);
}

static BLOCKING: AtomicU32 = AtomicU32::new(0);

/// It can't be dropped before it yields.
async fn blocks(begun: oneshot::Sender<()>) -> Result<(), String> {
    BLOCKING.fetch_add(1, SeqCst);
    let _ = begun.send(());
    thread::sleep(Duration::from_millis(50));
    BLOCKING.fetch_sub(1, SeqCst);
    pending().await
}

async fn fails_meanwhile(begun: oneshot::Receiver<()>) -> Result<(), String> {
    begun.await.map_err(|error| error.to_string())?;
    Err("while the other one blocks".into())
}

#[supervised(name = "patient group", restart = true, backoff = "0s")]
async fn patient_group(runs: &Runs) -> Result<(), Box<dyn Error + Send + Sync>> {
    assert_eq!(BLOCKING.load(SeqCst), 0, "the last run is not over");
    if runs.next() > 3 {
        return Ok(());
    }
    let (begins, begun) = oneshot::channel();
    let mut set = JoinSet::new();
    set.spawn(blocks(begins));
    set.spawn(fails_meanwhile(begun));
    let first = set.join_next().await;
    set.shutdown().await;
    first.map_or(Ok(()), |ended| Ok(ended??))
}

/// OTP waits for the end of each child before it restarts any. Who drops a set
/// does not, who shuts it down does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_join_set_that_is_shut_down_is_gone_before_the_group_is_restarted() {
    assert!(patient_group(&Runs::new()).await.is_ok());
    let group = status("patient group");
    assert_eq!((group.restarts[Reason::Error], group.panics), (3, 0));
}

#[supervised(name = "connection", restart = true, backoff = "1s")]
async fn connection(scene: &Scene) -> Result<(), String> {
    try_join!(scene.part("cable"), session(scene))?;
    Ok(())
}

#[supervised(name = "session", restart = true, backoff = "1s")]
async fn session(scene: &Scene) -> Result<(), String> {
    try_join!(scene.part("login"), stream(scene))?;
    Ok(())
}

#[supervised(name = "stream", restart = true, backoff = "1s")]
async fn stream(scene: &Scene) -> Result<(), String> {
    scene.part("prices").await
}

/// OTP's `rest_for_one` stops the children that were started after the one that
/// ended, and then starts it and them again; those before it go on. There they
/// are stopped from the last to the first; here they are dropped from the
/// outermost to the innermost.
#[tokio::test(start_paused = true)]
async fn rest_for_one_is_to_nest_and_restarts_the_one_that_failed_and_those_in_it() {
    let scene = Scene::new();
    tokio::spawn(connection(scene));
    assert_eq!(scene.start().await, "+cable +login +prices");

    assert_eq!(scene.fail("prices").await, "-prices");
    assert_eq!(scene.restart().await, "+prices");

    assert_eq!(scene.fail("login").await, "-login -prices");
    assert_eq!(
        (status("session").waiting, status("stream").running),
        (1, 0)
    );
    assert_eq!(scene.restart().await, "+login +prices");

    assert_eq!(scene.crash("cable").await, "-cable -login -prices");
    assert_eq!(scene.restart().await, "+cable +login +prices");

    assert_eq!(starts_and_restarts("connection"), (2, 1));
    assert_eq!(starts_and_restarts("session"), (3, 1));
    assert_eq!(starts_and_restarts("stream"), (4, 1));
    assert_eq!(status("session").exits[Reason::Cancelled], 1);
    assert_eq!(status("stream").exits[Reason::Cancelled], 2);
}
