//! Restarts that somebody orders by a handle.

use std::future::pending;
use std::time::Duration;

use supervise::{
    Backoff, MaxRestarts, Policy, Reason, Restart, Supervisor, TaskState, shutdown_requested,
    supervised,
};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};
use tokio::runtime::Builder;
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::sleep;

const SECOND: Duration = Duration::from_secs(1);

/// Waits of 1 s, 2 s, 4 s, ….
const POLICY: Policy = Policy::new()
    .restart(Restart::OnFailure)
    .backoff(Backoff::doubling(SECOND, Duration::from_secs(60)))
    .jitter(false);

#[supervised(name = "restarted in a wait", policy = POLICY)]
async fn fails(runs: &'static Runs) {
    runs.next();
    panic!("again");
}

#[tokio::test(start_paused = true)]
async fn a_restart_cuts_a_wait_short_and_the_next_wait_is_the_first_again() {
    static RUNS: Runs = Runs::new();
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(fails(&RUNS));
    // Failures at 0, 1 and 3 s; the third wait would be 4 s.
    sleep(4 * SECOND).await;
    assert_eq!(RUNS.count(), 3);
    assert!(handle.restart());
    yield_now().await;
    assert_eq!(RUNS.count(), 4);
    // Not the 8 s that four failures in a row are worth.
    sleep(Duration::from_millis(1_100)).await;
    assert_eq!(RUNS.count(), 5);
    sleep(2 * SECOND).await;
    assert_eq!(RUNS.count(), 6);
    let worker = status("restarted in a wait");
    // Only health forgives.
    assert_eq!(worker.consecutive_failures, 6);
    assert_eq!((worker.restarts[Reason::Panic], worker.waiting), (5, 1));
}

#[tokio::test(start_paused = true)]
async fn a_restart_takes_nothing_from_the_limit() {
    const OF_TWO: Policy = POLICY.max_restarts(MaxRestarts::since_healthy(2));
    const WITHIN: Policy = POLICY.max_restarts(MaxRestarts::within(2, Duration::from_secs(3_600)));
    #[supervised(name = "two since healthy", policy = OF_TWO)]
    async fn two_since_healthy(runs: &'static Runs) {
        runs.next();
        panic!("again");
    }
    #[supervised(name = "two in an hour", policy = WITHIN)]
    async fn two_in_an_hour(runs: &'static Runs) {
        runs.next();
        panic!("again");
    }
    static RUNS: [Runs; 2] = [Runs::new(), Runs::new()];
    let supervisor = Supervisor::new();
    for (number, runs) in RUNS.iter().enumerate() {
        let handle = match number {
            0 => supervisor.spawn(two_since_healthy(runs)),
            _ => supervisor.spawn(two_in_an_hour(runs)),
        };
        for ordered in 1..=10 {
            yield_now().await;
            assert_eq!(runs.count(), ordered);
            assert!(handle.restart());
        }
        // Then two of its own, and the end.
        handle.await.unwrap();
        assert_eq!(runs.count(), 13);
    }
    for name in ["two since healthy", "two in an hour"] {
        assert_eq!((status(name).gave_up, status(name).starts), (1, 13));
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_is_cut_off_by_a_restart_and_the_next_one_begins_at_once() {
    #[supervised(name = "restarted in a run", restart = true, backoff = "1h")]
    async fn runs_on(runs: &'static Runs) {
        runs.next();
        pending::<()>().await;
    }
    static RUNS: Runs = Runs::new();
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(runs_on(&RUNS));
    for run in 1..=5 {
        sleep(SECOND).await;
        assert_eq!(RUNS.count(), run);
        assert!(handle.restart());
    }
    sleep(SECOND).await;
    let worker = status("restarted in a run");
    assert_eq!((worker.starts, worker.running, worker.scheduled), (6, 1, 0));
    assert_eq!(
        (
            worker.exits[Reason::Cancelled],
            worker.restarts[Reason::Cancelled]
        ),
        (5, 5)
    );
    assert_eq!((worker.consecutive_failures, worker.panics), (0, 0));
    assert_eq!(record.with_message("worker restarted by hand").len(), 5);
}

#[tokio::test(start_paused = true)]
async fn every_outermost_worker_of_a_task_is_restarted() {
    #[supervised(name = "one of two", restart = true)]
    async fn one_of_two(runs: &'static Runs) {
        runs.next();
        inner(runs).await;
    }
    #[supervised(name = "inside of one of two", restart = true)]
    async fn inner(runs: &'static Runs) {
        runs.next();
        pending::<()>().await;
    }
    static RUNS: [Runs; 2] = [Runs::new(), Runs::new()];
    let supervisor = Supervisor::new();
    let handle =
        supervisor.spawn(async { tokio::join!(one_of_two(&RUNS[0]), one_of_two(&RUNS[1])) });
    sleep(SECOND).await;
    assert!(handle.restart());
    sleep(SECOND).await;
    assert_eq!([RUNS[0].count(), RUNS[1].count()], [4, 4]);
    assert_eq!(status("one of two").starts, 4);
    assert_eq!(status("inside of one of two").exits[Reason::Cancelled], 2);
}

#[tokio::test(start_paused = true)]
async fn a_periodic_worker_ticks_now_and_stays_on_its_grid() {
    #[supervised(name = "ticks now", every = "1h")]
    async fn tick(runs: &'static Runs) {
        runs.next();
    }
    static RUNS: Runs = Runs::new();
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(tick(&RUNS));
    sleep(600 * SECOND).await;
    assert_eq!(handle.status().state, TaskState::Scheduled);
    assert!(handle.restart());
    sleep(SECOND).await;
    assert_eq!(RUNS.count(), 2);
    sleep(2_998 * SECOND).await;
    assert_eq!(RUNS.count(), 2);
    sleep(2 * SECOND).await;
    assert_eq!(RUNS.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_restarted_says_so_and_goes_on() {
    #[supervised(name = "only once")]
    async fn only_once() -> u32 {
        sleep(SECOND).await;
        7
    }
    static RUNS: Runs = Runs::new();
    let supervisor = Supervisor::new();
    let once = supervisor.spawn(only_once());
    assert!(!once.restart(), "it has not begun");
    let plain = supervisor.spawn(async { sleep(SECOND).await });
    yield_now().await;
    assert!(!once.restart() && !plain.restart());
    assert_eq!(once.await.unwrap(), 7);
    plain.await.unwrap();

    let handle = supervisor.spawn(fails(&RUNS));
    yield_now().await;
    handle.stop().await.unwrap();
    assert!(!handle.restart(), "it has ended");
    assert_eq!(RUNS.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_a_worker_did_not_live_to_carry_out_is_not_for_the_next_one() {
    #[supervised(name = "one after another", restart = true, backoff = "0s")]
    async fn worker(runs: &'static Runs) {
        runs.next();
        pending::<()>().await;
    }
    static RUNS: Runs = Runs::new();
    static END: Notify = Notify::const_new();
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(async {
        tokio::select! {
            biased;
            () = END.notified() => {}
            () = worker(&RUNS) => unreachable!("it does not end"),
        }
        worker(&RUNS).await;
    });
    yield_now().await;
    // At the next poll it is dropped, before it finds out.
    END.notify_one();
    assert!(handle.restart());
    sleep(SECOND).await;
    assert_eq!(RUNS.count(), 2);
    assert!(handle.restart());
    sleep(SECOND).await;
    assert_eq!(RUNS.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_stop_wins_over_a_restart_that_was_ordered_before() {
    #[supervised(name = "restart and stop", restart = true)]
    async fn worker(runs: &'static Runs) -> u32 {
        runs.next();
        shutdown_requested().await;
        sleep(SECOND).await;
        7
    }
    static RUNS: Runs = Runs::new();
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(worker(&RUNS));
    yield_now().await;
    assert!(handle.restart());
    handle.stop().await.unwrap();
    assert_eq!(handle.await.unwrap(), 7);
    assert_eq!(RUNS.count(), 1);
}

#[test]
fn restarts_from_another_thread_are_all_carried_out_and_never_two_runs_at_once() {
    use std::sync::atomic::{AtomicI32, Ordering::SeqCst};
    static RUNS: Runs = Runs::new();
    static AT_ONCE: AtomicI32 = AtomicI32::new(0);
    struct Alone;
    impl Drop for Alone {
        fn drop(&mut self) {
            AT_ONCE.fetch_sub(1, SeqCst);
        }
    }
    #[supervised(name = "restarted from a thread", restart = true, backoff = "0s")]
    async fn worker() {
        let run = RUNS.next();
        assert_eq!(AT_ONCE.fetch_add(1, SeqCst), 0);
        let _alone = Alone;
        if run % 3 == 0 {
            yield_now().await;
            panic!("now and then");
        }
        pending::<()>().await;
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let supervisor = Supervisor::new();
    let entered = runtime.enter();
    let handle = supervisor.spawn(worker());
    drop(entered);
    while RUNS.count() < 1_000 {
        handle.restart();
        std::thread::yield_now();
    }
    runtime.block_on(async {
        handle.stop().await.unwrap();
        supervisor.wait().await.unwrap();
    });
    let worker = status("restarted from a thread");
    assert_eq!(
        (worker.running, worker.waiting, worker.scheduled),
        (0, 0, 0)
    );
    assert_eq!(worker.last_failures.len(), 1);
    assert_eq!(worker.last_failures[0].message, "now and then");
}
