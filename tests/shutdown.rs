//! The shutdown: who is given time, who is dropped, and that nothing starts
//! after the request.

use std::future::pending;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use supervise::{
    Backoff, Policy, Reason, Restart, Supervisor, is_shutting_down, shutdown_requested, supervised,
};
use supervise_tests::record::record;
use supervise_tests::{Runs, starts, status, stop};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

// Who asked.

#[supervised(name = "asks", restart = true)]
async fn asks(takes: Duration) {
    shutdown_requested().await;
    sleep(takes).await;
}

#[tokio::test(start_paused = true)]
async fn a_hundred_workers_that_stop_in_a_second_each_stop_in_a_second_together() {
    let supervisor = Supervisor::new();
    for _ in 0..100 {
        supervisor.spawn(asks(SECOND));
    }
    sleep(SECOND).await;
    assert_eq!(stop(&supervisor).await, 1_000);
    assert_eq!(status("asks").exits[Reason::Finished], 100);
    supervisor.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_never_asked_is_dropped_at_once_and_the_log_says_so() {
    #[supervised(name = "never asked")]
    async fn never_asked() {
        pending::<()>().await;
    }
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    supervisor.spawn(never_asked());
    sleep(SECOND).await;
    assert_eq!(stop(&supervisor).await, 0);
    supervisor.wait().await.unwrap();

    let worker = status("never asked");
    assert_eq!((worker.exits[Reason::Shutdown], worker.running), (1, 0));
    assert_eq!(worker.exits[Reason::Cancelled], 0);
    let lines = record.with_message("worker stopped: dropped at its await");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].level, tracing::Level::INFO);
    assert_eq!(lines[0].field("worker"), Some("never asked"));
    assert!(lines[0].message().contains("shutdown_requested"));
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_asked_and_does_not_stop_is_dropped_after_the_grace_period_and_named() {
    #[supervised(name = "overran")]
    async fn overran() {
        shutdown_requested().await;
        pending::<()>().await;
    }
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    supervisor.spawn(overran());
    supervisor.spawn(asks(9 * SECOND));
    sleep(SECOND).await;
    assert_eq!(stop(&supervisor).await, 10_000);

    let error = supervisor.wait().await.unwrap_err();
    let [unstopped] = error.unstopped() else {
        panic!("{error}")
    };
    assert_eq!(
        (unstopped.worker, unstopped.still_running),
        ("overran", false)
    );
    assert_eq!(
        error.to_string(),
        "dropped when the grace period was over: `overran`"
    );
    assert_eq!(status("overran").exits[Reason::Shutdown], 1);
    let lines = record.with_message("worker dropped: it did not stop within the grace period");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].level, tracing::Level::WARN);
}

#[tokio::test(start_paused = true)]
async fn the_grace_period_is_one_for_all_and_can_be_set() {
    let supervisor = Supervisor::new().grace_period(Duration::from_millis(100));
    for _ in 0..5 {
        supervisor.spawn(asks(Duration::MAX));
    }
    let child = supervisor.child();
    child.spawn(asks(Duration::MAX));
    sleep(SECOND).await;
    // In which the child had the first half.
    assert_eq!(stop(&supervisor).await, 100);
    assert_eq!(supervisor.wait().await.unwrap_err().unstopped().len(), 6);

    let never = Supervisor::new().grace_period(Duration::MAX);
    never.spawn(asks(1_000 * SECOND));
    sleep(SECOND).await;
    assert_eq!(stop(&never).await, 1_000_000);
    let none = Supervisor::new().grace_period(Duration::ZERO);
    none.spawn(asks(SECOND));
    sleep(SECOND).await;
    assert_eq!(stop(&none).await, 0);
}

#[tokio::test(start_paused = true)]
async fn asking_is_enough_at_any_depth_and_in_any_way() {
    #[async_trait::async_trait]
    trait Step {
        async fn step(&self);
    }
    struct Deep;
    #[async_trait::async_trait]
    impl Step for Deep {
        async fn step(&self) {
            tokio::select! {
                () = pending::<()>() => {}
                () = async { tokio::join!(shutdown_requested(), yield_now()).0 } => {}
            }
            sleep(SECOND).await;
        }
    }
    #[supervised(name = "by a trait")]
    async fn by_a_trait() {
        let step: Box<dyn Step + Send + Sync> = Box::new(Deep);
        step.step().await;
    }
    #[supervised(name = "by looking")]
    async fn by_looking() {
        while !is_shutting_down() {
            sleep(SECOND).await;
        }
        sleep(SECOND).await;
    }
    // In a run that is long over.
    #[supervised(name = "in an earlier run", restart = true)]
    async fn in_an_earlier_run(runs: &'static Runs) {
        if runs.next() == 1 {
            assert!(is_shutting_down(), "not yet");
        }
        sleep(30 * SECOND).await;
    }
    static RUNS: Runs = Runs::new();
    // Made before the task that it is awaited in.
    let early = shutdown_requested();
    let supervisor = Supervisor::new();
    let handles = [
        supervisor.spawn(by_a_trait()),
        supervisor.spawn(by_looking()),
        supervisor.spawn(in_an_earlier_run(&RUNS)),
        supervisor.spawn(early),
        supervisor.spawn(async { tokio::join!(shutdown_requested(), asks(SECOND)).0 }),
    ];
    sleep(3 * SECOND).await;
    assert_eq!(RUNS.count(), 2);
    stop(&supervisor).await;
    supervisor.wait().await.unwrap_err();
    let [a, b, in_an_earlier_run, c, d] = handles;
    for handle in [a, b, c, d] {
        handle.await.unwrap();
    }
    // It was given the grace period, and did not use it.
    assert!(in_an_earlier_run.await.unwrap_err().is_cancelled());
    let error = supervisor.wait().await.unwrap_err();
    assert_eq!(error.unstopped().len(), 1);
    assert_eq!(error.unstopped()[0].worker, "in an earlier run");
}

#[tokio::test(start_paused = true)]
async fn asking_after_the_request_does_not_help() {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    let inside = supervisor.clone();
    let late = supervisor.spawn(async move {
        inside.shutdown();
        // It is told the truth, and dropped all the same.
        assert!(is_shutting_down());
        shutdown_requested().await;
        ASKED.fetch_add(1, SeqCst);
        sleep(SECOND).await;
        ASKED.fetch_add(1, SeqCst);
    });
    supervisor.wait().await.unwrap();
    assert!(late.await.unwrap_err().is_cancelled());
    assert_eq!(ASKED.load(SeqCst), 1);
    let lines = record.with_message("task stopped: dropped at its await, as nothing in it");
    assert_eq!(lines.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn outside_of_a_supervisor_nobody_is_ever_told() {
    assert!(!is_shutting_down());
    let supervisor = Supervisor::new();
    let (give, stray) = tokio::sync::oneshot::channel();
    supervisor.spawn(async {
        let stray = tokio::spawn(async {
            tokio::select! {
                () = shutdown_requested() => unreachable!("it is a task of its own"),
                () = sleep(60 * SECOND) => is_shutting_down(),
            }
        });
        give.send(stray).unwrap();
    });
    let stray = stray.await.unwrap();
    stop(&supervisor).await;
    tokio::select! {
        () = shutdown_requested() => unreachable!("there is no supervisor here"),
        told = stray => assert!(!told.unwrap()),
    }
}

// Who waits.

#[tokio::test(start_paused = true)]
async fn a_worker_that_waits_ends_at_once_and_never_runs_again_whether_or_not_it_asked() {
    #[supervised(name = "waits", restart = true, backoff = "5m")]
    async fn waits(asks: bool) {
        if asks {
            let _ = is_shutting_down();
        }
        panic!("and again");
    }
    let (record, _guard) = record();
    for asks in [false, true] {
        let before = starts("waits");
        let supervisor = Supervisor::new();
        let handle = supervisor.spawn(waits(asks));
        sleep(SECOND).await;
        assert_eq!(stop(&supervisor).await, 0);
        supervisor.wait().await.unwrap();
        assert!(handle.await.unwrap_err().is_cancelled());
        sleep(3_600 * SECOND).await;
        let worker = status("waits");
        assert_eq!((worker.starts - before, worker.waiting), (1, 0));
    }
    let lines = record.with_message("worker stopped: it waited for its next run");
    assert_eq!(lines.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_periodic_worker_between_two_ticks_ends_at_once() {
    #[supervised(name = "between ticks", every = "1h")]
    async fn tick() {
        let _ = is_shutting_down();
    }
    let supervisor = Supervisor::new();
    supervisor.spawn(tick());
    sleep(SECOND).await;
    assert_eq!(stop(&supervisor).await, 0);
    supervisor.wait().await.unwrap();
    assert_eq!(
        (
            status("between ticks").starts,
            status("between ticks").scheduled
        ),
        (1, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_waits_inside_of_another_is_waited_for_by_nobody() {
    #[supervised(name = "outer", restart = true)]
    async fn outer(of_ticks: bool) {
        if of_ticks {
            inner_ticks().await;
        } else {
            inner().await;
        }
    }
    #[supervised(name = "inner", restart = true, backoff = "1h")]
    async fn inner() {
        let _ = is_shutting_down();
        panic!("waits from now on");
    }
    #[supervised(name = "inner ticks", every = "1h")]
    async fn inner_ticks() {
        let _ = is_shutting_down();
    }
    for of_ticks in [false, true] {
        let supervisor = Supervisor::new();
        supervisor.spawn(outer(of_ticks));
        sleep(SECOND).await;
        assert_eq!(stop(&supervisor).await, 0);
        supervisor.wait().await.unwrap();
    }
    assert_eq!((starts("inner"), starts("inner ticks")), (1, 1));
    assert_eq!(status("outer").exits[Reason::Shutdown], 2);
}

#[tokio::test(start_paused = true)]
async fn what_comes_after_one_that_asked_is_not_cut_off_for_another_that_waited_beside_it() {
    #[supervised(name = "waits beside", restart = true, backoff = "1h")]
    async fn waits() {
        panic!("waits from now on");
    }
    async fn flushes() {
        tokio::select! {
            () = asks(SECOND) => {}
            () = waits() => unreachable!("it never runs again"),
        }
        sleep(SECOND).await;
    }
    #[supervised(name = "flushes in a run")]
    async fn flushes_in_a_run() {
        flushes().await;
    }
    let supervisor = Supervisor::new();
    let handles = [
        supervisor.spawn(flushes()),
        supervisor.spawn(flushes_in_a_run()),
    ];
    sleep(SECOND).await;
    assert_eq!(stop(&supervisor).await, 2_000);
    for handle in handles {
        handle.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_join_the_one_that_asked_gets_its_time_and_the_one_that_waits_none() {
    #[supervised(name = "waits in a join", restart = true, backoff = "5m")]
    async fn waits_in_a_join() {
        panic!("waits from now on");
    }
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(async { tokio::join!(waits_in_a_join(), asks(3 * SECOND)) });
    sleep(SECOND).await;
    // As soon as the first is done nothing is left but the wait.
    assert_eq!(stop(&supervisor).await, 3_000);
    supervisor.wait().await.unwrap();
    assert!(handle.await.unwrap_err().is_cancelled());
    assert_eq!(status("waits in a join").starts, 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_at_the_very_moment_of_a_restart_wins() {
    const POLICY: Policy = Policy::new()
        .restart(Restart::OnFailure)
        .backoff(Backoff::constant(SECOND))
        .jitter(false);
    #[supervised(name = "at the same moment", policy = POLICY)]
    async fn same_moment() {
        panic!("in its first run");
    }
    for round in 1..=1_000 {
        let supervisor = Supervisor::new();
        if round % 2 == 0 {
            supervisor.spawn(same_moment());
        } else {
            // The task goes on, and the one that waits is polled.
            supervisor.spawn(async { tokio::join!(same_moment(), asks(SECOND)) });
        }
        yield_now().await;
        // Both timers elapse in one turn, and this one is polled first.
        sleep(SECOND).await;
        stop(&supervisor).await;
        assert_eq!(starts("at the same moment"), round);
    }
}

#[tokio::test(start_paused = true)]
async fn code_around_workers_that_asked_by_itself_gets_its_time_while_they_wait() {
    #[supervised(name = "waits inside", restart = true, backoff = "1h")]
    async fn waits() {
        panic!("waits from now on");
    }
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(async {
        tokio::select! {
            () = shutdown_requested() => sleep(SECOND).await,
            () = waits() => unreachable!("it never runs again"),
        }
    });
    sleep(SECOND).await;
    assert_eq!(stop(&supervisor).await, 1_000);
    handle.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_that_requests_the_shutdown_and_ends_leaves_nobody_to_wait_for() {
    #[supervised(name = "waits meanwhile", restart = true, backoff = "1h")]
    async fn waits() {
        panic!("waits from now on");
    }
    #[supervised(name = "requests and ends")]
    async fn requests(supervisor: Supervisor) {
        let _ = is_shutting_down();
        sleep(SECOND).await;
        supervisor.shutdown();
    }
    let supervisor = Supervisor::new();
    let requests = requests(supervisor.clone());
    supervisor.spawn(async { tokio::join!(requests, waits()) });
    let start = Instant::now();
    supervisor.wait().await.unwrap();
    assert_eq!(start.elapsed().as_millis(), 1_000);
}

// What happens after the request.

#[tokio::test(start_paused = true)]
async fn no_run_begins_after_the_request() {
    #[supervised(name = "too late")]
    async fn too_late() {
        unreachable!("it never runs");
    }
    #[supervised(name = "calls others")]
    async fn calls_others() {
        shutdown_requested().await;
        tokio::select! {
            () = too_late() => unreachable!("it is never ready"),
            () = sleep(SECOND) => {}
        }
    }
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    supervisor.spawn(calls_others());
    supervisor.spawn(async {
        shutdown_requested().await;
        too_late().await;
    });
    sleep(SECOND).await;
    // The second is left with nothing that could ever run.
    stop(&supervisor).await;
    assert_eq!(status("calls others").exits[Reason::Finished], 1);
    assert_eq!(starts("too late"), 0);
    assert_eq!(record.with_message("worker not started").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failure_during_the_shutdown_is_the_last_run_and_no_giving_up() {
    #[supervised(name = "fails late", restart = true)]
    async fn fails_late() -> Result<(), String> {
        shutdown_requested().await;
        Err("the connection is gone".into())
    }
    #[supervised(name = "panics late", restart = true)]
    async fn panics_late() {
        shutdown_requested().await;
        sleep(SECOND).await;
        panic!("while stopping");
    }
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    let fails = supervisor.spawn(fails_late());
    let panics = supervisor.spawn(panics_late());
    sleep(SECOND).await;
    assert_eq!(stop(&supervisor).await, 1_000);
    supervisor.wait().await.unwrap();
    assert_eq!(fails.await.unwrap(), Err("the connection is gone".into()));
    panics.await.unwrap();

    let worker = status("fails late");
    assert_eq!((worker.starts, worker.exits[Reason::Error]), (1, 1));
    assert_eq!((worker.gave_up_total, worker.consecutive_failures), (0, 0));
    let worker = status("panics late");
    assert_eq!((worker.starts, worker.panics, worker.gave_up), (1, 1, 0));
    assert!(record.with_message("worker gave up").is_empty());
    let lines = record.with_message("worker failed");
    assert_eq!(lines[0].level, tracing::Level::WARN);
    assert_eq!(record.with_message("worker panicked").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn under_always_a_return_during_the_shutdown_is_the_last() {
    #[supervised(name = "always asks", restart = "always")]
    async fn always_asks() -> u32 {
        shutdown_requested().await;
        7
    }
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(always_asks());
    sleep(SECOND).await;
    assert_eq!(stop(&supervisor).await, 0);
    assert_eq!(handle.await.unwrap(), 7);
}
