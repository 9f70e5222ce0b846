//! The waits between runs: how long they are, and what ends them.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use supervise::{Backoff, Policy, Reason, Restart, Supervisor, TaskState, Worker, supervised};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};
use tokio::runtime::Builder;

use crate::{eventually, timed};

const MILLIS: Duration = Duration::from_millis(1);

#[test]
fn waits_double_to_the_longest() {
    const POLICY: Policy = Policy::new()
        .restart(Restart::OnFailure)
        .backoff(Backoff::doubling(
            Duration::from_millis(10),
            Duration::from_millis(40),
        ))
        .jitter(false);
    #[supervised(blocking, name = "doubling", policy = POLICY)]
    fn doubling(starts: &Mutex<Vec<Instant>>) {
        let mut starts = starts.lock().unwrap_or_else(PoisonError::into_inner);
        starts.push(Instant::now());
        assert!(starts.len() > 5, "again");
    }
    let starts = Mutex::new(Vec::new());
    doubling(&starts);
    let starts = starts.into_inner().unwrap_or_else(PoisonError::into_inner);
    let waits: Vec<_> = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (wait, least) in waits.iter().zip([10, 20, 40, 40, 40]) {
        assert!(*wait >= least * MILLIS, "{waits:?}");
    }
}

#[test]
fn under_always_a_return_is_followed_by_a_run_and_a_wait_that_does_not_grow() {
    #[supervised(
        blocking,
        name = "always",
        restart = "always",
        backoff = "1ms..1h",
        max_restarts = 0
    )]
    fn always(runs: &Runs) -> Result<u32, String> {
        match runs.next() {
            8 => Err("enough".into()),
            run => Ok(run),
        }
    }
    let (result, took) = timed(|| always(&Runs::new()));
    assert_eq!(result, Err("enough".into()));
    assert!(took < Duration::from_secs(30), "{took:?}");
    let worker = status("always");
    assert_eq!((worker.exits[Reason::Finished], worker.starts), (7, 8));
}

#[test]
fn a_worker_that_waits_is_shown_waiting_with_its_next_start() {
    #[supervised(blocking, name = "shown waiting", restart = true, backoff = "1h")]
    fn waits() {
        panic!("at once");
    }
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let supervisor = Supervisor::new();
    runtime.block_on(async {
        let handle = supervisor.spawn_blocking(waits);
        eventually("it waits", || handle.status().state == TaskState::Waiting);
        let worker = status("shown waiting");
        assert_eq!((worker.running, worker.consecutive_failures), (0, 1));
        assert!(worker.next_start.is_some());
        supervisor.shutdown();
        supervisor.wait().await.unwrap();
        handle.await.unwrap();
    });
    let worker = status("shown waiting");
    assert_eq!((worker.waiting, worker.next_start), (0, None));
}

#[test]
fn ticks_are_on_a_grid_and_a_failed_one_is_followed_by_another() {
    #[supervised(
        blocking,
        name = "ticks",
        every = "20ms",
        backoff = "1ms",
        max_restarts = 1
    )]
    fn ticks(starts: &Mutex<Vec<Instant>>) -> Result<(), String> {
        let mut starts = starts.lock().map_err(|error| error.to_string())?;
        starts.push(Instant::now());
        match starts.len() {
            1 => thread::sleep(Duration::from_millis(30)),
            3 | 5 | 6 => return Err("a tick".into()),
            _ => {}
        }
        Ok(())
    }
    let starts = Mutex::default();
    assert!(ticks(&starts).is_err());
    let starts = starts.into_inner().unwrap();
    assert_eq!(starts.len(), 6);
    for (start, slot) in starts.iter().zip([0, 40, 60, 80, 100, 120]) {
        let since = *start - starts[0];
        // A slot may be missed on a busy machine, but none comes early.
        assert!(since + 2 * MILLIS >= slot * MILLIS, "{since:?} {slot}");
    }
    let worker = status("ticks");
    assert_eq!(worker.exits[Reason::Finished], 3);
    assert_eq!(worker.periodic.unwrap().period, 20 * MILLIS);
}

#[test]
fn a_restart_by_hand_cuts_a_wait_short_and_leaves_a_run_alone() {
    #[supervised(blocking, name = "thread by hand", restart = true, backoff = "1h")]
    fn by_hand(runs: &Runs) -> u32 {
        assert!(runs.next() >= 4, "again");
        eventually("it is told to go on", || GO_ON.count() > 0);
        runs.count()
    }
    static RUNS: Runs = Runs::new();
    static GO_ON: Runs = Runs::new();
    let (record, _guard) = record();
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let supervisor = Supervisor::new();
    let _entered = runtime.enter();
    let log = tracing::dispatcher::get_default(Clone::clone);
    let handle = supervisor
        .spawn_blocking(move || tracing::dispatcher::with_default(&log, || by_hand(&RUNS)));
    for run in 1..4 {
        eventually("it waits", || {
            RUNS.count() == run && handle.status().state == TaskState::Waiting
        });
        assert!(handle.restart());
    }
    eventually("it runs", || RUNS.count() == 4);
    // It can't be cut off.
    assert!(!handle.restart());
    GO_ON.next();
    assert_eq!(runtime.block_on(handle).unwrap(), 4);
    let worker = status("thread by hand");
    assert_eq!((worker.starts, worker.restarts[Reason::Panic]), (4, 3));
    assert_eq!(record.with_message("worker restarted by hand").len(), 3);
    // Only health forgives, and a success is.
    assert_eq!(worker.consecutive_failures, 0);
}

#[test]
fn restarts_from_another_thread_are_all_carried_out_and_never_two_runs_at_once() {
    #[supervised(blocking, name = "restarted by many", restart = true, backoff = "1h")]
    fn by_many(runs: &Runs, inside: &Mutex<()>) {
        let inside = inside.try_lock().map_err(|_| ());
        drop(inside.expect("alone"));
        assert!(runs.next() > 500, "again");
    }
    static RUNS: Runs = Runs::new();
    static INSIDE: Mutex<()> = Mutex::new(());
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let supervisor = Supervisor::new();
    let _entered = runtime.enter();
    let handle = supervisor.spawn_blocking(|| by_many(&RUNS, &INSIDE));
    let mut ordered = 0;
    while RUNS.count() <= 500 {
        ordered += u32::from(handle.restart());
    }
    assert!(ordered >= 500, "{ordered}");
    runtime.block_on(handle).unwrap();
    let worker = status("restarted by many");
    assert_eq!((worker.starts, worker.panics), (501, 500));
}

#[test]
fn the_users_own_parking_is_left_alone() {
    #[supervised(blocking, name = "parks", restart = true, backoff = "5ms")]
    fn parks(runs: &Runs) {
        if runs.next() == 1 {
            // For the next run to find.
            thread::current().unpark();
            panic!("after it was unparked");
        }
        thread::park_timeout(Duration::from_secs(60));
    }
    let ((), took) = timed(|| parks(&Runs::new()));
    assert!(took < Duration::from_secs(30), "{took:?}");
}

#[test]
fn a_policys_timeout_has_no_effect_which_is_said_once() {
    static WORKER: Worker =
        Worker::new("timeout on a thread").policy(Policy::new().timeout(Duration::from_millis(1)));
    let (record, _guard) = record();
    for _ in 0..2 {
        WORKER.supervise_blocking(|| thread::sleep(Duration::from_millis(5)));
    }
    let worker = status("timeout on a thread");
    assert_eq!(worker.exits[Reason::Finished], 2);
    let told = record.with_message("the policy's timeout has no effect");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].level, tracing::Level::WARN);
    assert_eq!(told[0].field("worker"), Some("timeout on a thread"));
}
