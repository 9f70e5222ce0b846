//! Handles: one worker stopped, restarted, looked at.

use std::future::pending;
use std::sync::mpsc;
use std::time::Duration;

use supervise::{
    Backoff, MaxRestarts, Policy, Reason, Restart, Supervisor, TaskState, shutdown_requested,
    supervised,
};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};
use tokio::runtime::Builder;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

/// Waits of 1 s, 2 s, 4 s, ….
const POLICY: Policy = Policy::new()
    .restart(Restart::OnFailure)
    .backoff(Backoff::doubling(SECOND, Duration::from_secs(60)))
    .jitter(false);

// Stopping.

#[tokio::test(start_paused = true)]
async fn stop_ends_one_worker_and_leaves_the_others_alone() {
    #[supervised(name = "to be stopped", restart = true)]
    async fn to_be_stopped() {
        shutdown_requested().await;
        sleep(3 * SECOND).await;
    }
    let supervisor = Supervisor::new();
    let (one, other) = (
        supervisor.spawn(to_be_stopped()),
        supervisor.spawn(to_be_stopped()),
    );
    sleep(SECOND).await;
    let start = Instant::now();
    one.stop().await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 3);
    one.await.unwrap();
    sleep(60 * SECOND).await;
    assert_eq!(other.status().state, TaskState::Running);
    assert!(!supervisor.is_shutting_down());
}

#[tokio::test(start_paused = true)]
async fn what_never_asked_or_waits_is_stopped_at_once() {
    #[supervised(name = "stopped in a wait", restart = true, backoff = "5m")]
    async fn waits() {
        let _ = supervise::is_shutting_down();
        panic!("waits from now on");
    }
    let supervisor = Supervisor::new();
    for handle in [supervisor.spawn(waits()), supervisor.spawn(pending::<()>())] {
        sleep(SECOND).await;
        let start = Instant::now();
        handle.stop().await.unwrap();
        assert_eq!(start.elapsed().as_millis(), 0);
        assert!(handle.await.unwrap_err().is_cancelled());
    }
    assert_eq!(status("stopped in a wait").starts, 1);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_stop_within_the_grace_period_is_dropped_and_an_error() {
    #[supervised(name = "does not stop")]
    async fn does_not_stop() {
        shutdown_requested().await;
        pending().await
    }
    let supervisor = Supervisor::new().grace_period(2 * SECOND);
    let handle = supervisor.spawn(does_not_stop());
    sleep(SECOND).await;
    let start = Instant::now();
    let error = handle.stop().await.unwrap_err();
    assert_eq!(start.elapsed().as_secs(), 2);
    assert_eq!(error.unstopped()[0].worker, "does not stop");
    assert!(!error.unstopped()[0].still_running);
    // The report of this one stop: there is nothing left to stop.
    handle.stop().await.unwrap();
    supervisor.wait().await.unwrap();
}

#[test]
fn what_blocks_its_thread_is_an_error_and_not_waited_for() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let supervisor = Supervisor::new().grace_period(Duration::from_millis(20));
    let (release, until) = mpsc::channel::<()>();
    runtime.block_on(async {
        #[supervised(name = "stopped while it blocks")]
        async fn blocks(until: mpsc::Receiver<()>) {
            let _ = until.recv();
        }
        let handle = supervisor.spawn(blocks(until));
        sleep(Duration::from_millis(10)).await;
        let error = handle.stop().await.unwrap_err();
        assert_eq!(error.unstopped()[0].worker, "stopped while it blocks");
        assert!(error.unstopped()[0].still_running);
        drop(release);
        handle.stop().await.unwrap();
        supervisor.wait().await.unwrap();
    });
}

#[tokio::test(start_paused = true)]
async fn to_stop_twice_before_the_start_or_after_the_end_is_fine() {
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(async { unreachable!("it was stopped before") });
    let (first, second) = (handle.stop(), handle.stop());
    first.await.unwrap();
    second.await.unwrap();
    assert!(handle.await.unwrap_err().is_cancelled());

    let handle = supervisor.spawn(async {});
    yield_now().await;
    handle.stop().await.unwrap();
    assert_eq!(handle.status().state, TaskState::Ended);
    handle.await.unwrap();
    // No false report of one that did not stop.
    supervisor.shutdown();
    supervisor.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_critical_worker_that_is_stopped_is_nobodys_loss() {
    #[supervised(name = "critical and stopped", critical = true)]
    async fn critical() {
        pending().await
    }
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(critical());
    sleep(SECOND).await;
    handle.stop().await.unwrap();
    assert!(!supervisor.is_shutting_down());
    supervisor.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_request_stands_even_if_nobody_waits_for_the_stop() {
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(async {
        shutdown_requested().await;
        7
    });
    yield_now().await;
    drop(handle.stop());
    assert_eq!(handle.await.unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_handle_that_is_dropped_lets_its_worker_run_on() {
    static RUNS: Runs = Runs::new();
    let supervisor = Supervisor::new();
    drop(supervisor.spawn(async {
        sleep(SECOND).await;
        RUNS.next();
    }));
    supervisor.wait().await.unwrap();
    assert_eq!(RUNS.count(), 1);
}

// Restarting.

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
    sleep(Duration::from_millis(2_000)).await;
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
        pending().await
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
        pending().await
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
    let supervisor = Supervisor::new();
    let once = supervisor.spawn(only_once());
    assert!(!once.restart(), "it has not begun");
    let plain = supervisor.spawn(async { sleep(SECOND).await });
    yield_now().await;
    assert!(!once.restart() && !plain.restart());
    assert_eq!(once.await.unwrap(), 7);
    plain.await.unwrap();

    static RUNS: Runs = Runs::new();
    let handle = supervisor.spawn(fails(&RUNS));
    yield_now().await;
    handle.stop().await.unwrap();
    assert!(!handle.restart(), "it has ended");
    assert_eq!(RUNS.count(), 1);
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
        pending().await
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let supervisor = Supervisor::new();
    let handle = runtime.block_on(async { supervisor.spawn(worker()) });
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

// Looking.

#[tokio::test(start_paused = true)]
async fn the_status_tells_the_name_what_it_is_doing_and_the_numbers() {
    #[supervised(name = "looked at", policy = POLICY)]
    async fn looked_at(runs: &'static Runs) {
        sleep(SECOND).await;
        assert!(runs.next() != 1, "once");
        shutdown_requested().await;
        sleep(SECOND).await;
    }
    static RUNS: Runs = Runs::new();
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(looked_at(&RUNS));
    let name = "the_status_tells_the_name_what_it_is_doing_and_the_numbers::looked_at";
    let look = || {
        let status = handle.status();
        (status.name, status.state)
    };
    assert_eq!(look(), (name.into(), TaskState::New));
    assert!(handle.status().worker.is_none());
    yield_now().await;
    assert_eq!(look(), ("looked at".into(), TaskState::Running));
    sleep(Duration::from_millis(1_500)).await;
    assert_eq!(look(), ("looked at".into(), TaskState::Waiting));
    let worker = handle.status().worker.unwrap();
    assert_eq!((worker.name, worker.waiting), ("looked at", 1));
    assert_eq!(worker.last_failure().unwrap().message, "once");
    sleep(5 * SECOND).await;
    assert_eq!(look().1, TaskState::Running);
    let stop = handle.stop();
    assert_eq!(look().1, TaskState::Stopping);
    stop.await.unwrap();
    assert_eq!(look(), (name.into(), TaskState::Ended));

    let plain = supervisor.spawn(pending::<()>());
    yield_now().await;
    assert_eq!(plain.status().name, "Pending<()>");
    assert_eq!(plain.status().worker.unwrap().running, 1);
    assert_eq!(plain.status().state.to_string(), "running");
}
