//! What a worker takes of the heap. One test: it counts the whole process.

use std::alloc::System;
use std::convert::Infallible;
use std::future::pending;

use bytes::BytesMut;
use http::{Request, Response, Uri};
use http_body_util::BodyExt;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use supervise::tower::SupervisedLayer;
use supervise::{
    Policy, Reason, Restart, Supervisor, Worker, shutdown_requested, spawn_child, supervised,
};
use supervise_tests::{Runs, status};
use tokio::task::yield_now;
use tower::{Layer, Service, service_fn};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const RESTARTS: u32 = 100_000;
const WARM: u32 = 1_000;

/// Bytes allocated and not freed.
fn live() -> usize {
    let stats = HEAP.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

#[supervised(name = "heap panic", restart = true, backoff = "0s")]
async fn panics(runs: &Runs, live_when_warm: &mut usize) {
    let run = runs.next();
    if run == WARM {
        *live_when_warm = live();
    }
    assert!(run > RESTARTS, "run {run}");
}

#[supervised(name = "heap error", restart = true, backoff = "0s")]
async fn fails(runs: &Runs, live_when_warm: &mut usize) -> Result<(), String> {
    let run = runs.next();
    if run == WARM {
        *live_when_warm = live();
    }
    if run > RESTARTS {
        return Ok(());
    }
    Err(format!("run {run}"))
}

struct Named<T>(T);

impl<T> Named<T> {
    #[supervised]
    async fn method(&self) {}
}

#[supervised]
async fn function() {}

#[supervised(policy = Policy::new().restart(Restart::OnFailure))]
async fn with_policy() {}

static CLOSURE: Worker = Worker::new("heap closure");

/// A default name is made once for each worker of the process, and a policy is
/// shared by its calls.
async fn starting_again_allocates_nothing() {
    for warm in [true, false] {
        let before = HEAP.stats().allocations;
        function().await;
        Named(1_u8).method().await;
        Named(String::new()).method().await;
        with_policy().await;
        CLOSURE.supervise(async || {}).await;
        let made = HEAP.stats().allocations - before;
        assert!(warm || made == 0, "{made} allocations");
    }
}

/// No room is kept for the many that there were at once.
async fn a_supervisor_gives_back_what_many_tasks_have_taken() {
    const MANY: u32 = 100_000;
    static BEGUN: Runs = Runs::new();
    // Tokio keeps its queue as long as it ever was.
    let others: Vec<_> = (0..MANY).map(|_| tokio::spawn(async {})).collect();
    for other in others {
        other.await.unwrap();
    }
    let before = live();
    let supervisor = Supervisor::new();
    for _ in 0..MANY {
        supervisor.spawn(async {
            BEGUN.next();
            shutdown_requested().await;
        });
    }
    while BEGUN.count() < MANY {
        yield_now().await;
    }
    supervisor.shutdown();
    // No signals, for which this runtime has no driver.
    supervisor.wait_until(pending::<()>()).await.unwrap();
    drop(supervisor);
    // Room for some thousands is kept.
    let grown = live().saturating_sub(before);
    assert!(
        grown <= 200_000,
        "{grown} bytes more than before {MANY} tasks"
    );
}

/// Nothing is kept of what has ended: a worker, something plain, a child.
async fn a_supervisor_forgets_what_has_ended() {
    let supervisor = Supervisor::new();
    let mut live_when_warm = 0;
    for task in 0..100_000 {
        if task == WARM {
            live_when_warm = live();
        }
        supervisor.spawn(function()).await.unwrap();
        supervisor.spawn(async {}).await.unwrap();
        let stopped = supervisor.child().spawn(function());
        stopped.stop().await.unwrap();
    }
    let grown = live().saturating_sub(live_when_warm);
    assert!(grown <= 64, "{grown} bytes more than after {WARM} tasks");
}

/// Nor of what is spawned by one of its tasks, however it ends.
async fn a_supervisor_forgets_what_its_tasks_have_spawned() {
    let supervisor = Supervisor::new();
    let spawns = supervisor.spawn(async {
        let mut live_when_warm = 0;
        for task in 0..20_000 {
            if task == WARM {
                live_when_warm = live();
            }
            supervise::spawn(function()).await.unwrap();
            supervise::spawn(async {}).await.unwrap();
            let panicked = supervise::spawn(async { panic!("again") }).await;
            drop(panicked.unwrap_err());
            let aborted = supervise::spawn(pending::<()>());
            aborted.abort();
            aborted.await.unwrap_err();
            if task % 10 == 0 {
                supervise::spawn_blocking(|| {}).await.unwrap();
                supervise::spawn_thread(|| {}).join().unwrap();
            }
        }
        live().saturating_sub(live_when_warm)
    });
    let grown = spawns.await.unwrap();
    // A thread of tokio's may be gone, or there may be one more.
    assert!(grown <= 1_024, "{grown} bytes more than after {WARM} tasks");
}

/// A layer takes nothing of the heap for a request, whose path it shares.
async fn a_healthy_request_allocates_nothing() {
    let service = service_fn(async |_| Ok::<_, Infallible>(Response::new(String::new())));
    let mut supervised = SupervisedLayer::new("heap request").layer(service);
    // As servers have it: a part of what they have read.
    let path = BytesMut::from("/orders/1?page=2").split().freeze();
    let mut request = Request::new(());
    *request.uri_mut() = Uri::from_maybe_shared(path).unwrap();

    let before = HEAP.stats().allocations;
    let response = supervised.call(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap();
    assert_eq!(HEAP.stats().allocations, before);
    assert!(body.to_bytes().is_empty());
}

/// Nothing is kept of children that have ended, be they many or one in another.
#[supervised(name = "heap children", restart = true)]
async fn a_worker_forgets_children_that_have_ended(children: u32) {
    let mut live_when_warm = 0;
    for child in 0..children {
        if child == WARM {
            live_when_warm = live();
        }
        let value = spawn_child(async move {
            if child % 10 > 0 {
                return child;
            }
            spawn_child(async move { child }).await.unwrap()
        });
        assert_eq!(value.await.unwrap(), child);
    }
    let grown = live().saturating_sub(live_when_warm);
    assert!(grown <= 64, "{grown} bytes more than after {WARM} children");
}

#[test]
fn a_hundred_thousand_restarts_leave_the_heap_as_large_and_the_counters_exact() {
    // Nothing is to be printed, neither by the default hook nor by a log.
    supervise::log_panics_only();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(starting_again_allocates_nothing());
    runtime.block_on(a_healthy_request_allocates_nothing());
    runtime.block_on(a_supervisor_gives_back_what_many_tasks_have_taken());
    runtime.block_on(a_supervisor_forgets_what_has_ended());
    runtime.block_on(a_supervisor_forgets_what_its_tasks_have_spawned());
    runtime.block_on(async {
        a_worker_forgets_children_that_have_ended(100_000).await;
        let supervisor = Supervisor::new();
        supervisor.spawn(a_worker_forgets_children_that_have_ended(1_000_000));
        supervisor.wait().await.unwrap();
        assert_eq!(status("heap children").panics, 0);
    });

    let (runs, mut warm) = (Runs::new(), 0);
    runtime.block_on(panics(&runs, &mut warm));
    let grown = live().saturating_sub(warm);
    assert!(grown <= 64, "{grown} bytes more than after {WARM} panics");

    let (runs, mut warm) = (Runs::new(), 0);
    runtime.block_on(async { fails(&runs, &mut warm).await.unwrap() });
    let grown = live().saturating_sub(warm);
    assert!(grown <= 64, "{grown} bytes more than after {WARM} errors");

    for (name, reason) in [("heap panic", Reason::Panic), ("heap error", Reason::Error)] {
        let worker = status(name);
        let restarts = u64::from(RESTARTS);
        assert_eq!(worker.starts, restarts + 1);
        assert_eq!(worker.exits[reason], restarts);
        assert_eq!(worker.exits[Reason::Finished], 1);
        assert_eq!(worker.exits.total(), restarts + 1);
        assert_eq!(worker.restarts[reason], restarts);
        assert_eq!(
            worker.panics,
            if reason == Reason::Panic { restarts } else { 0 }
        );
        assert_eq!((worker.running, worker.waiting, worker.gave_up), (0, 0, 0));
    }
}
