//! Workers wherever a future can be polled: several in one task, on one thread,
//! without a task, in a runtime that ends.

use std::future::{Future, pending, poll_fn};
use std::panic::{catch_unwind, panic_any, resume_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use supervise::{Reason, supervised};
use supervise_tests::{Runs, status};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{LocalSet, yield_now};
use tokio::time::{Instant, sleep, timeout};

fn paused() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

#[supervised(name = "selected", restart = true, backoff = "10s")]
async fn selected(fails: &Runs) {
    if fails.next() < 3 {
        yield_now().await;
        panic_any("while another is polled");
    }
    pending::<()>().await;
}

#[tokio::test(start_paused = true)]
async fn workers_of_one_select_fail_wait_and_end_by_themselves() {
    let (first, second) = (Runs::new(), Runs::new());
    let start = Instant::now();
    tokio::select! {
        () = selected(&first) => unreachable!("it never ends"),
        () = selected(&second) => unreachable!("it never ends"),
        () = sleep(Duration::from_secs(60)) => {}
    }
    assert_eq!(start.elapsed().as_secs(), 60);
    assert_eq!((first.count(), second.count()), (3, 3));
    let worker = status("selected");
    assert_eq!((worker.panics, worker.exits[Reason::Panic]), (4, 4));
    assert_eq!(worker.exits[Reason::Cancelled], 2);
    assert_eq!((worker.running, worker.waiting), (0, 0));
}

/// A worker that is dropped in the unwinding of another, and one that is polled.
#[supervised(name = "falls with others")]
async fn falls_with_others() {
    struct Polls;
    impl Drop for Polls {
        fn drop(&mut self) {
            let mut cx = Context::from_waker(Waker::noop());
            assert!(pin!(held(false)).poll(&mut cx).is_ready());
        }
    }
    let _polls = Polls;
    let mut held = pin!(held(true));
    let first_poll = poll_fn(|cx| Poll::Ready(held.as_mut().poll(cx))).await;
    assert!(first_poll.is_pending());
    panic_any("the one that counts");
}

#[supervised(name = "held in a fall")]
async fn held(pends: bool) {
    if pends {
        pending::<()>().await;
    }
}

#[tokio::test]
async fn a_panic_keeps_its_place_whoever_is_polled_and_dropped_in_its_unwinding() {
    falls_with_others().await;
    let failure = status("falls with others").last_failure().unwrap().clone();
    assert_eq!(failure.message, "the one that counts");
    assert!(failure.place.is_some(), "its place is lost");
    let held = status("held in a fall");
    assert_eq!(
        (held.exits[Reason::Cancelled], held.exits[Reason::Finished]),
        (1, 1)
    );
    assert_eq!(held.panics, 0);
}

#[tokio::test]
async fn a_panic_that_the_body_handles_lends_its_place_to_no_later_one() {
    #[supervised(name = "handles the first")]
    async fn handles_the_first() {
        assert!(catch_unwind(|| panic_any("handled")).is_err());
        yield_now().await;
        // The hook does not see it.
        resume_unwind(Box::new("the one that counts"));
    }
    handles_the_first().await;
    let worker = status("handles the first");
    let failure = worker.last_failure().unwrap();
    assert_eq!(failure.message, "the one that counts");
    assert!(failure.place.is_none(), "{:?}", failure.place);
}

#[test]
fn a_worker_needs_no_task_of_its_own() {
    #[supervised(name = "blocked on", restart = true)]
    async fn worker(runs: &Runs) -> u32 {
        yield_now().await;
        runs.panic_twice();
        runs.count()
    }
    assert_eq!(paused().block_on(worker(&Runs::new())), 3);
    let worker = status("blocked on");
    assert_eq!((worker.starts, worker.panics), (3, 2));
}

#[test]
fn a_worker_that_cannot_be_sent_runs_on_its_thread() {
    #[supervised(name = "on its thread", restart = true)]
    async fn worker(runs: Rc<Runs>) {
        yield_now().await;
        runs.panic_twice();
    }
    let runs = Rc::new(Runs::new());
    let local = LocalSet::new();
    let task = local.spawn_local(worker(Rc::clone(&runs)));
    paused().block_on(local.run_until(task)).unwrap();
    assert_eq!(runs.count(), 3);
    assert_eq!(status("on its thread").panics, 2);
}

#[supervised(name = "cancelled at each point", restart = true, backoff = "10s")]
async fn cancelled_anywhere(runs: &Runs) {
    yield_now().await;
    runs.panic_twice();
    pending::<()>().await;
}

#[tokio::test(start_paused = true)]
async fn a_worker_may_be_dropped_at_any_point_and_leaves_no_state_behind() {
    for millis in [0, 1, 5_000, 9_999, 15_000, 30_000, 60_000] {
        let runs = Runs::new();
        let mut worker = Box::pin(cancelled_anywhere(&runs));
        if millis == 0 {
            let poll = worker
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
            assert!(poll.is_pending());
        } else {
            let limit = Duration::from_millis(millis);
            assert!(timeout(limit, worker.as_mut()).await.is_err());
        }
        drop(worker);
        let worker = status("cancelled at each point");
        assert_eq!(
            (worker.running, worker.waiting),
            (0, 0),
            "after {millis} ms"
        );
        assert_eq!(worker.consecutive_failures, 0, "after {millis} ms");
        assert_eq!(worker.starts, worker.exits.total(), "after {millis} ms");
        assert!(worker.next_start.is_none(), "after {millis} ms");
    }
}

#[supervised(name = "left waiting", restart = true, backoff = "1h")]
async fn left_waiting() {
    panic_any("at once");
}

#[test]
fn a_runtime_that_is_shut_down_leaves_no_waiting_worker_behind() {
    for _ in 0..50 {
        let runtime = paused();
        runtime.block_on(async {
            for _ in 0..4 {
                tokio::spawn(left_waiting());
            }
            sleep(Duration::from_secs(1)).await;
        });
        assert_eq!(status("left waiting").waiting, 4);
        assert_eq!(runtime.metrics().num_alive_tasks(), 4);
        drop(runtime);
        let worker = status("left waiting");
        assert_eq!((worker.running, worker.waiting), (0, 0));
    }
}

#[test]
fn a_future_that_is_never_polled_never_starts() {
    #[supervised(name = "never polled")]
    async fn worker() {}
    drop(worker());
    let started = supervise::workers();
    assert!(started.iter().all(|worker| worker.name != "never polled"));
}

#[test]
fn a_worker_that_is_polled_by_hand_is_ready_when_it_is() {
    #[supervised(name = "by hand", restart = true, backoff = "0s")]
    async fn worker(runs: &Runs) -> u32 {
        runs.panic_twice();
        runs.count()
    }
    let runs = Runs::new();
    let mut worker = pin!(worker(&runs));
    let mut context = Context::from_waker(Waker::noop());
    // It gives way after each failed run, even when there is nothing to wait for.
    assert!(worker.as_mut().poll(&mut context).is_pending());
    assert!(worker.as_mut().poll(&mut context).is_pending());
    assert_eq!(worker.as_mut().poll(&mut context), Poll::Ready(3));
}
