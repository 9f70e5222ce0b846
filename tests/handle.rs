//! Handles: one worker stopped, restarted, looked at.

use std::future::{Future, pending, poll_fn};
use std::sync::mpsc;
use std::task::Poll;
use std::time::Duration;

use supervise::{Backoff, Policy, Restart, Supervisor, TaskState, shutdown_requested, supervised};
use supervise_tests::{Runs, status};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
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
        pending::<()>().await;
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
        pending::<()>().await;
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

// Restarting. (More of it in `restart_by_hand`, where somebody reads the log.)

#[tokio::test(start_paused = true)]
async fn runs_that_nobody_traces_are_cut_off_by_each_order_to_restart() {
    #[supervised(name = "cut off untraced", restart = true)]
    async fn worker(runs: &Runs) {
        runs.next();
        loop {
            sleep(SECOND).await;
        }
    }
    static RUNS: [Runs; 2] = [const { Runs::new() }; 2];
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(async {
        let mut workers = RUNS.each_ref().map(|runs| Box::pin(worker(runs)));
        // Polls them in turn: one carries out its order before the other finds out.
        poll_fn(|cx| {
            workers.reverse();
            workers[0].as_mut().poll(cx)
        })
        .await;
    });
    for ordered in 1..=3 {
        sleep(60 * SECOND).await;
        assert_eq!(RUNS.each_ref().map(Runs::count), [ordered; 2]);
        assert!(handle.restart());
    }
    handle.stop().await.unwrap();
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

// A worker that does not stay where it began.

#[supervised(name = "moved", policy = POLICY)]
async fn moved(#[keep] runs: Runs) -> Result<u32, &'static str> {
    let run = runs.next();
    yield_now().await;
    if run < 3 { Err("not yet") } else { Ok(run) }
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_moved_to_another_task_is_restarted_there() {
    let supervisor = Supervisor::new();
    for first_stays in [false, true] {
        let (to_other, from_first) = oneshot::channel();
        let first = supervisor.spawn(async move {
            let mut worker = Box::pin(moved(Runs::new()));
            let first_poll = poll_fn(|cx| Poll::Ready(worker.as_mut().poll(cx))).await;
            assert!(first_poll.is_pending());
            assert!(to_other.send(worker).is_ok());
            if first_stays {
                pending::<()>().await;
            }
        });
        let other = supervisor.spawn(async { from_first.await.unwrap().await });
        assert_eq!(other.await.unwrap(), Ok(3));
        // Nothing of it is left in the first, which can be stopped as ever.
        assert!(!first.restart());
        first.stop().await.unwrap();
        assert_eq!(first.status().state, TaskState::Ended);
    }
}
