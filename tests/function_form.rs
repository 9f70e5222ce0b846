//! `Worker::supervise`: closures as workers.

use std::fmt;
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use supervise::{Backoff, Policy, Reason, Restart, Worker, supervised};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};
use tokio::task::{LocalSet, yield_now};
use tokio::time::{sleep, timeout};

type BoxFuture = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

const ON_FAILURE: Policy = Policy::new().restart(Restart::OnFailure);

#[tokio::test(start_paused = true)]
async fn a_static_worker_restarts_the_futures_that_its_closure_makes() {
    static REAPER: Worker = Worker::new("reaper").policy(ON_FAILURE);
    let runs = Arc::new(Runs::new());
    let task = tokio::spawn(REAPER.supervise({
        let runs = Arc::clone(&runs);
        move || {
            let runs = Arc::clone(&runs);
            async move { runs.panic_twice() }
        }
    }));
    task.await.unwrap();
    assert_eq!(runs.count(), 3);
    let worker = status("reaper");
    assert_eq!((worker.starts, worker.panics), (3, 2));
    assert_eq!(worker.restart, Restart::OnFailure);
    assert!(worker.location.file().ends_with("function_form.rs"));
}

#[tokio::test(start_paused = true)]
async fn a_local_worker_need_not_outlive_its_future() {
    let future = {
        let policy = ON_FAILURE.backoff(Backoff::constant(Duration::from_millis(1)));
        let worker = Worker::new("local worker").policy(policy);
        let mut runs = 0;
        worker.supervise(move || {
            runs += 1;
            let run = runs;
            async move { if run < 3 { Err(run) } else { Ok("done") } }
        })
    };
    assert_eq!(tokio::spawn(future).await.unwrap(), Ok("done"));
    assert_eq!(status("local worker").exits[Reason::Error], 2);
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_closure_itself_is_a_failure_of_that_run() {
    static WORKER: Worker = Worker::new("closure panics").policy(ON_FAILURE);
    let (record, _guard) = record();
    let mut runs = 0;
    let worker = WORKER.supervise(|| {
        runs += 1;
        assert!(runs > 2, "making run {runs}");
        async {}
    });
    worker.await;
    let worker = status("closure panics");
    assert_eq!((worker.starts, worker.panics), (3, 2));
    assert_eq!(worker.exits[Reason::Panic], 2);
    let told = record.with_message("worker panicked");
    assert_eq!(told[0].field("exception.message"), Some("making run 1"));
}

#[tokio::test(start_paused = true)]
async fn a_last_panic_is_held_by_a_unit_and_goes_on_from_a_result() {
    static UNIT: Worker = Worker::new("unit closure");
    static RESULT: Worker = Worker::new("result closure");
    let fails = true;
    UNIT.supervise(|| async move { assert!(!fails, "held") })
        .await;
    let worker = RESULT.supervise(|| async { panic!("goes on") });
    let worker: Pin<Box<dyn Future<Output = Result<(), String>> + Send>> = Box::pin(worker);
    let error = tokio::spawn(AssertUnwindSafe(worker)).await.unwrap_err();
    assert_eq!(error.into_panic().downcast_ref(), Some(&"goes on"));
    for name in ["unit closure", "result closure"] {
        assert_eq!(
            (status(name).panics, status(name).gave_up),
            (1, 1),
            "{name}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_async_closure_is_a_closure_too() {
    static WORKER: Worker = Worker::new("async closure").policy(ON_FAILURE);
    let runs = Runs::new();
    let runs = &runs;
    WORKER.supervise(async || runs.panic_twice()).await;
    assert_eq!(runs.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_closure_that_never_returns_is_a_worker_too() {
    static NEVER: Worker = Worker::new("never returns").policy(ON_FAILURE);
    async fn never(run: u32) -> std::convert::Infallible {
        assert!(run > 2, "run {run}");
        pending().await
    }
    let mut runs = 0;
    let worker = NEVER.supervise(|| {
        runs += 1;
        let run = never(runs);
        async { match run.await {} }
    });
    assert!(timeout(Duration::from_secs(60), worker).await.is_err());
    let worker = status("never returns");
    assert_eq!((worker.starts, worker.panics), (3, 2));
}

struct Told;

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("told by Display")
    }
}

#[tokio::test]
async fn an_error_needs_no_more_than_display() {
    static WORKER: Worker = Worker::new("displays");
    let (record, _guard) = record();
    assert!(
        WORKER
            .supervise(|| async { Err::<(), _>(Told) })
            .await
            .is_err()
    );
    let told = record.with_message("worker failed");
    assert_eq!(told[0].field("exception.message"), Some("told by Display"));
}

#[tokio::test(start_paused = true)]
async fn a_periodic_and_critical_closure_has_the_same_words() {
    static TICKER: Worker = Worker::new("ticking closure")
        .every(Duration::from_secs(10))
        .critical(true);
    let runs = Runs::new();
    let ticks = TICKER.supervise(|| async {
        match runs.next() {
            4 => Err("the fourth tick"),
            _ => Ok(()),
        }
    });
    assert_eq!(ticks.await, Err("the fourth tick"));
    let worker = status("ticking closure");
    assert!(worker.critical);
    assert_eq!(worker.periodic.unwrap().period, Duration::from_secs(10));
    assert_eq!(worker.exits[Reason::Finished], 3);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_sent_is_supervised_on_its_thread() {
    static WORKER: Worker = Worker::new("local closure").policy(ON_FAILURE);
    let runs = Rc::new(Runs::new());
    let local = LocalSet::new();
    let task = local.spawn_local(WORKER.supervise({
        let runs = Rc::clone(&runs);
        move || {
            let runs = Rc::clone(&runs);
            async move {
                yield_now().await;
                runs.panic_twice();
            }
        }
    }));
    local.run_until(task).await.unwrap();
    assert_eq!(runs.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn each_call_of_one_worker_is_its_own_and_dropping_it_is_no_failure() {
    static POOL: Worker = Worker::new("closure pool").policy(ON_FAILURE);
    let member = |fails: bool| {
        POOL.supervise(move || async move {
            assert!(!fails, "member");
            sleep(Duration::from_secs(3600)).await;
        })
    };
    let (mut sick, mut well) = (Box::pin(member(true)), Box::pin(member(false)));
    for worker in [&mut sick, &mut well] {
        assert!(timeout(Duration::from_millis(1), worker).await.is_err());
    }
    let pool = status("closure pool");
    assert_eq!((pool.running, pool.waiting), (1, 1));
    drop((sick, well));
    let pool = status("closure pool");
    assert_eq!((pool.running, pool.waiting), (0, 0));
    assert_eq!(pool.exits[Reason::Cancelled], 1);
}

#[test]
fn a_worker_is_readable() {
    let worker = Worker::new("readable").policy(ON_FAILURE);
    let text = format!("{worker:?}");
    assert!(
        text.contains("readable") && text.contains("OnFailure"),
        "{text}"
    );
}

#[test]
fn a_closure_and_a_policy_of_its_own_cost_a_future_128_bytes_at_most() {
    #[supervised(name = "sized", policy = ON_FAILURE)]
    async fn with_policy() {
        yield_now().await;
    }
    static CLOSURE: Worker = Worker::new("sized").policy(ON_FAILURE);
    let plain = size_of_val(&yield_now());
    let closure = CLOSURE.supervise(yield_now);
    assert!(size_of_val(&closure) <= plain + 128);
    // The function adds a state of its own.
    assert!(size_of_val(&with_policy()) <= plain + 8 + 128);
}

#[test]
fn a_future_that_is_polled_after_its_end_begins_nothing_anew() {
    static FINISHED: Worker = Worker::new("polled after it finished");
    static PANICKED: Worker = Worker::new("polled after its last panic");
    let finished = FINISHED.supervise(|| async { Ok::<(), String>(()) });
    let panicked = PANICKED.supervise(|| async { panic!("goes on") });
    let workers: [BoxFuture; 2] = [Box::pin(finished), Box::pin(panicked)];
    for (mut worker, name) in workers
        .into_iter()
        .zip(["polled after it finished", "polled after its last panic"])
    {
        let mut poll = || {
            let mut cx = Context::from_waker(Waker::noop());
            catch_unwind(AssertUnwindSafe(|| worker.as_mut().poll(&mut cx)))
        };
        let _ = poll();
        let panic = poll().unwrap_err();
        let text = "the future of a worker was polled after its end";
        assert_eq!(panic.downcast_ref(), Some(&text), "{name}");
        assert_eq!(status(name).starts, 1, "{name}");
    }
}

#[test]
fn a_call_that_is_never_polled_never_starts() {
    let worker = Worker::new("not polled");
    drop(Box::pin(worker.supervise(|| async {})));
    assert_eq!(status("not polled").starts, 0);
}
