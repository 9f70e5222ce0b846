//! The shutdown: who is given time, who is dropped, and that nothing starts
//! after the request.

use std::future::pending;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use supervise::{
    Backoff, Policy, Reason, Restart, Supervisor, is_shutting_down, shutdown_requested, supervised,
};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};
use tokio::runtime::{Builder, Handle};
use tokio::task::{JoinSet, yield_now};
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

/// How long the shutdown of what was spawned takes, in milliseconds.
async fn stop(supervisor: &Supervisor) -> u128 {
    let start = Instant::now();
    supervisor.shutdown();
    // Who did not stop is the business of another test.
    let _ = supervisor.wait().await;
    start.elapsed().as_millis()
}

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
        pending().await
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
        pending().await
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
    // That of the child, which inherited its length, and then its own.
    assert_eq!(stop(&supervisor).await, 200);
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
    // Made before the task that it is awaited in.
    let early = shutdown_requested();
    static RUNS: Runs = Runs::new();
    let supervisor = Supervisor::new();
    let handles = [
        supervisor.spawn(by_a_trait()),
        supervisor.spawn(by_looking()),
        supervisor.spawn(in_an_earlier_run(&RUNS)),
        supervisor.spawn(async move { early.await }),
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
}

#[tokio::test(start_paused = true)]
async fn outside_of_a_supervisor_nobody_is_ever_told() {
    assert!(!is_shutting_down());
    let supervisor = Supervisor::new();
    let strays = supervisor.spawn(async {
        tokio::spawn(async {
            tokio::select! {
                () = shutdown_requested() => unreachable!("it is a task of its own"),
                () = sleep(60 * SECOND) => is_shutting_down(),
            }
        })
    });
    let stray = strays.await.unwrap();
    stop(&supervisor).await;
    tokio::select! {
        () = shutdown_requested() => unreachable!("there is no supervisor here"),
        told = stray => assert!(!told.unwrap()),
    }
}

// Who waits.

#[tokio::test(start_paused = true)]
async fn a_worker_that_waits_ends_at_once_and_never_runs_again_whether_or_not_it_asked() {
    let (record, _guard) = record();
    #[supervised(name = "waits", restart = true, backoff = "5m")]
    async fn waits(asks: bool) {
        if asks {
            let _ = is_shutting_down();
        }
        panic!("and again");
    }
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

fn starts(name: &str) -> u64 {
    let workers = supervise::workers();
    let worker = workers.iter().find(|worker| worker.name == name);
    worker.map_or(0, |worker| worker.starts)
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

// When the request comes.

#[tokio::test(start_paused = true)]
async fn a_request_before_the_first_poll_means_that_nothing_ever_runs() {
    #[supervised(name = "never polled")]
    async fn never_polled() {
        unreachable!("it never runs");
    }
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(never_polled());
    let plain = supervisor.spawn(async { unreachable!("nor does this") });
    assert_eq!(stop(&supervisor).await, 0);
    supervisor.wait().await.unwrap();
    assert!(handle.await.unwrap_err().is_cancelled());
    assert!(plain.await.unwrap_err().is_cancelled());
    assert_eq!(starts("never polled"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_request_out_of_a_panic_ends_in_order() {
    struct Requests(Supervisor);
    impl Drop for Requests {
        fn drop(&mut self) {
            self.0.shutdown();
        }
    }
    #[supervised(name = "requests as it unwinds", restart = true)]
    async fn worker(supervisor: Supervisor) {
        let _requests = Requests(supervisor);
        let _ = is_shutting_down();
        panic!("down");
    }
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(worker(supervisor.clone()));
    supervisor.wait().await.unwrap();
    handle.await.unwrap();
    let worker = status("requests as it unwinds");
    assert_eq!(
        (worker.starts, worker.panics, worker.gave_up_total),
        (1, 1, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn to_request_twice_and_from_inside_a_worker_is_to_request() {
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    let inside = supervisor.clone();
    let handle = supervisor.spawn(async move {
        let asked = shutdown_requested();
        inside.shutdown();
        inside.shutdown();
        asked.await;
    });
    sleep(SECOND).await;
    handle.await.unwrap();
    assert_eq!(stop(&supervisor).await, 0);
    assert_eq!(stop(&supervisor).await, 0);
    supervisor.wait().await.unwrap();
    assert_eq!(record.with_message("shutting down").len(), 1);
}

#[test]
fn a_spawn_that_races_the_shutdown_is_stopped_or_refused() {
    for _ in 0..200 {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let supervisor = Supervisor::new();
        let handle = runtime.handle().clone();
        let spawner = supervisor.clone();
        let racing = thread::spawn(move || {
            let _entered = handle.enter();
            let worker = || async {
                let _ = is_shutting_down();
                shutdown_requested().await;
            };
            (0..50).map(|_| spawner.spawn(worker())).collect::<Vec<_>>()
        });
        runtime.block_on(async {
            supervisor.shutdown();
            supervisor.wait().await.unwrap();
        });
        let handles = racing.join().unwrap();
        runtime.block_on(async {
            for handle in handles {
                // Stopped by itself, or refused.
                let _ = handle.await;
            }
            supervisor.wait().await.unwrap();
            settled(0).await;
        });
    }
}

// What is left.

#[supervised(name = "leaves nothing", restart = true, backoff = "1s")]
async fn leaves_nothing(fails: bool) {
    shutdown_requested_or_not(fails).await;
    assert!(!fails, "again");
    pending().await
}

async fn shutdown_requested_or_not(fails: bool) {
    if fails {
        yield_now().await;
    } else {
        shutdown_requested().await;
    }
}

async fn settled(tasks: usize) {
    for _ in 0..500 {
        if Handle::current().metrics().num_alive_tasks() == tasks {
            return;
        }
        thread::sleep(Duration::from_millis(1));
        yield_now().await;
    }
    let alive = Handle::current().metrics().num_alive_tasks();
    panic!("{alive} tasks are alive instead of {tasks}");
}

#[tokio::test(start_paused = true)]
async fn fifty_rounds_of_start_panic_and_shutdown_leave_no_task_behind() {
    let alive = || Handle::current().metrics().num_alive_tasks();
    let before = alive();
    for round in 0..50 {
        let supervisor = Supervisor::new().grace_period(SECOND);
        for worker in 0..10 {
            supervisor.spawn(leaves_nothing(worker % 2 == 0));
            supervisor.child().spawn(leaves_nothing(worker % 2 == 0));
        }
        sleep(Duration::from_millis(round * 100)).await;
        if round % 3 == 0 {
            supervisor.shutdown();
            yield_now().await;
        }
        supervisor
            .wait_until(std::future::ready(()))
            .await
            .unwrap_err();
        if round % 3 > 0 {
            assert_eq!(alive(), before);
        }
        settled(before).await;
    }
    let worker = status("leaves nothing");
    assert_eq!((worker.running, worker.waiting), (0, 0));
}

#[test]
fn rounds_on_many_threads_leave_no_task_behind_either() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        for _ in 0..50 {
            let supervisor = Supervisor::new().grace_period(Duration::from_millis(5));
            for worker in 0..20 {
                supervisor.spawn(leaves_nothing(worker % 2 == 0));
            }
            yield_now().await;
            let _ = supervisor.wait_until(std::future::ready(())).await;
            settled(0).await;
        }
    });
}

#[test]
fn a_worker_that_blocks_its_thread_is_named_and_holds_up_nobody() {
    #[supervised(name = "blocks")]
    async fn blocks(until: mpsc::Receiver<()>) {
        let _ = until.recv();
    }
    let (record, _guard) = record();
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let (release, until) = mpsc::channel();
    let supervisor = Supervisor::new().grace_period(Duration::from_millis(50));
    let others: Vec<_> = runtime.block_on(async {
        let others = (0..10)
            .map(|_| supervisor.spawn(asks(Duration::ZERO)))
            .collect();
        sleep(Duration::from_millis(10)).await;
        supervisor.spawn(blocks(until));
        others
    });
    let error = runtime.block_on(async {
        let soon = sleep(Duration::from_millis(10));
        supervisor.wait_until(soon).await.unwrap_err()
    });
    let text = "did not stop, blocking its thread: `blocks`";
    assert_eq!(error.to_string(), text);
    assert!(error.unstopped()[0].still_running);
    assert_eq!(record.with_message("worker did not stop").len(), 1);
    for other in others {
        runtime.block_on(other).unwrap();
    }
    drop(release);
}

#[test]
fn a_plain_task_that_blocks_its_thread_at_its_first_poll_is_named_too() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let (release, until) = mpsc::channel::<()>();
    let supervisor = Supervisor::new().grace_period(Duration::from_millis(20));
    let error = runtime.block_on(async {
        supervisor.spawn(async move {
            let _ = until.recv();
        });
        sleep(Duration::from_millis(10)).await;
        supervisor.shutdown();
        supervisor.wait().await.unwrap_err()
    });
    let name = "shutdown::a_plain_task_that_blocks_its_thread_at_its_first_poll_is_named_too";
    assert_eq!(error.unstopped()[0].worker, name);
    drop(release);
}

#[tokio::test]
async fn a_join_set_in_a_worker_goes_with_it() {
    static ALIVE: AtomicU32 = AtomicU32::new(0);
    struct Alive;
    impl Drop for Alive {
        fn drop(&mut self) {
            ALIVE.fetch_sub(1, SeqCst);
        }
    }
    let supervisor = Supervisor::new();
    supervisor.spawn(async {
        let mut set = JoinSet::new();
        for _ in 0..10 {
            ALIVE.fetch_add(1, SeqCst);
            let alive = Alive;
            set.spawn(async move {
                let _alive = alive;
                pending::<()>().await;
            });
        }
        set.join_all().await;
    });
    yield_now().await;
    assert_eq!(ALIVE.load(SeqCst), 10);
    stop(&supervisor).await;
    settled(0).await;
    assert_eq!(ALIVE.load(SeqCst), 0);
}

#[test]
fn without_timers_a_shutdown_still_comes_to_its_end() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let supervisor = Supervisor::new().grace_period(Duration::from_millis(20));
        supervisor.spawn(async {
            shutdown_requested().await;
            pending::<()>().await;
        });
        supervisor.spawn(pending::<()>());
        yield_now().await;
        let error = supervisor
            .wait_until(std::future::ready(()))
            .await
            .unwrap_err();
        assert_eq!(error.unstopped().len(), 1);
        assert!(!error.unstopped()[0].still_running);
    });
}

#[test]
fn a_runtime_that_ends_without_a_shutdown_takes_its_workers_along() {
    let supervisor = Supervisor::new();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        supervisor.spawn(asks(SECOND));
        supervisor.spawn(pending::<()>());
        yield_now().await;
    });
    drop(runtime);
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(supervisor.wait()).unwrap();
}
