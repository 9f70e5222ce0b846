//! A hook that ends the process at each panic, as some services set one, knows
//! whom to spare: one test, as a process has one hook.

use std::collections::BTreeMap;
use std::future::pending;
use std::panic::{self, PanicHookInfo, catch_unwind};
use std::sync::Mutex;
use std::thread;

use supervise::{Supervisor, is_supervised, supervised};
use tokio::runtime::Builder;
use tokio::task::{JoinHandle, LocalSet, yield_now};

/// By the message of the panic: whether the hook would have spared the process.
static SPARED: Mutex<BTreeMap<String, bool>> = Mutex::new(BTreeMap::new());

fn hook(info: &PanicHookInfo<'_>) {
    let payload = info.payload();
    let message = payload.downcast_ref::<String>().cloned();
    let message = message.or_else(|| payload.downcast_ref().map(|text: &&str| (*text).into()));
    let mut spared = SPARED.lock().unwrap();
    spared.insert(message.unwrap(), is_supervised());
}

/// Panics later, when what is found by its task has to be found.
async fn panics(message: &'static str) {
    yield_now().await;
    panic!("{message}");
}

#[supervised(name = "panics with a message")]
async fn worker(message: &'static str) {
    panics(message).await;
}

#[supervised(name = "spawns children that panic")]
async fn parent() {
    let child = supervise::spawn_child(async {
        over(supervise::spawn_child(panics("true: in a grandchild"))).await;
        over(tokio::spawn(panics(
            "false: in what a child spawns by tokio",
        )))
        .await;
        over(supervise::spawn(panics("true: in what a child spawns"))).await;
        panic!("true: in a child");
    });
    over(child).await;
}

#[supervised(name = "spawns what panics")]
async fn spawns() {
    over(tokio::spawn(panics(
        "false: in what a worker spawns by tokio",
    )))
    .await;
    over(supervise::spawn(panics("true: in what a worker spawns"))).await;
    let thread = || panic!("false: on a thread of a worker's");
    assert!(thread::spawn(thread).join().is_err());
}

/// The thread has a runtime of its own, for what is not all supervised.
fn is_a_runtime(bare: &'static str, spawned: &'static str, inside: &'static str) {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        over(tokio::spawn(panics(bare))).await;
        over(supervise::spawn(panics(spawned))).await;
        tokio::spawn(worker(inside)).await.unwrap();
    });
}

#[supervised(blocking, name = "is a runtime")]
fn is_a_runtime_and_panics() {
    is_a_runtime(
        "false: on the runtime of a run",
        "true: spawned on the runtime of a run",
        "true: in a worker on the runtime of a run",
    );
    panic!("true: in a run with a runtime");
}

#[supervised(name = "stays")]
async fn stays() {
    pending::<()>().await;
}

struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("{}", self.0);
    }
}

async fn over<T>(handle: JoinHandle<T>) {
    assert!(handle.await.is_err());
}

async fn everywhere() {
    worker("true: in a worker").await;
    parent().await;
    spawns().await;

    let supervisor = Supervisor::new();
    assert!(
        supervisor
            .spawn(panics("true: in a supervisor's"))
            .await
            .is_err()
    );
    let beside = async { tokio::join!(stays(), panics("true: beside a worker")).0 };
    assert!(supervisor.spawn(beside).await.is_err());
    let closure = || panic!("true: in a supervisor's closure");
    assert!(supervisor.spawn_blocking(closure).await.is_err());
    supervisor.spawn(parent()).await.unwrap();
    supervisor.spawn(spawns()).await.unwrap();

    over(supervise::spawn(panics("true: in a task"))).await;
    over(supervise::spawn_blocking(|| panic!("true: in a closure"))).await;
    let thread = || panic!("true: on a thread");
    assert!(supervise::spawn_thread(thread).join().is_err());
    let thread = || {
        is_a_runtime(
            "false: on the runtime of a thread",
            "true: spawned on the runtime of a thread",
            "true: in a worker on the runtime of a thread",
        );
        panic!("true: on a thread with a runtime")
    };
    assert!(supervise::spawn_thread(thread).join().is_err());
    thread::spawn(is_a_runtime_and_panics).join().unwrap();
    let bomb = Bomb("true: in a destructor");
    let aborted = supervise::spawn(async move {
        let _bomb = bomb;
        pending::<()>().await;
    });
    yield_now().await;
    aborted.abort();
    over(aborted).await;

    over(tokio::spawn(panics("false: in a task of tokio's"))).await;
    over(tokio::task::spawn_blocking(|| {
        panic!("false: in a closure of tokio's")
    }))
    .await;
    assert!(
        thread::spawn(|| panic!("false: on a thread of its own"))
            .join()
            .is_err()
    );
    assert!(catch_unwind(|| panic!("false: in no task")).is_err());
}

#[test]
fn a_hook_is_told_who_is_supervised_whether_it_was_set_before_ours_or_after() {
    let local = LocalSet::new();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let all_that_panics = || {
        runtime.block_on(local.run_until(async {
            everywhere().await;
            over(supervise::spawn_local(panics("true: in a local task"))).await;
            over(tokio::task::spawn_local(panics(
                "false: in a local task of tokio's",
            )))
            .await;
        }));
        std::mem::take(&mut *SPARED.lock().unwrap())
    };
    panic::set_hook(Box::new(hook));
    let before = all_that_panics();
    panic::set_hook(Box::new(hook));
    let after = all_that_panics();
    drop(panic::take_hook());
    for spared in [before, after] {
        assert_eq!(spared.len(), 29, "{spared:#?}");
        for (message, spared) in spared {
            let (expected, _) = message.split_once(':').unwrap();
            assert_eq!(spared.to_string(), expected, "{message}");
        }
    }
}
