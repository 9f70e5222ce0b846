//! Closures of a supervisor: what has begun has a thread, and can't be dropped.

use std::future::{pending, ready};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use supervise::{
    Reason, ShutdownError, Supervisor, TaskState, is_shutting_down, shutdown_requested,
};
use supervise_tests::record::record;
use supervise_tests::status;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::LocalSet;
use tokio::time::{sleep, timeout};
use tracing::Level;

use crate::{ended, is_listed};

const MOMENT: Duration = Duration::from_millis(5);
const GRACE: Duration = Duration::from_millis(50);

fn runtime(blocking_threads: usize) -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(blocking_threads)
        .enable_all()
        .build()
        .unwrap()
}

/// Until a shutdown, or for as long as another test would never take.
fn until_asked() -> bool {
    let start = Instant::now();
    while !is_shutting_down() && start.elapsed() < 100 * GRACE {
        thread::sleep(MOMENT);
    }
    is_shutting_down()
}

/// Ready when `running` closures of this name have begun.
async fn have_begun(name: &str, running: u64) {
    while !is_listed(name) || status(name).running < running {
        sleep(MOMENT).await;
    }
}

/// Shuts down what was spawned: how it went, and how long that took.
async fn stop(supervisor: &Supervisor) -> (Result<(), ShutdownError>, Duration) {
    let start = Instant::now();
    let result = supervisor.wait_until(ready(())).await;
    (result, start.elapsed())
}

#[test]
fn what_has_begun_is_given_time_and_finds_out_at_any_depth() {
    const NAME: &str = "what_has_begun_is_given_time_and_finds_out_at_any_depth";
    fn by_polling() {
        assert!(until_asked());
    }
    fn by_waiting() {
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(shutdown_requested());
    }
    fn by_handle() {
        Handle::current().block_on(async { shutdown_requested().await });
    }
    fn on_threads() {
        supervise::spawn_thread(by_polling);
        supervise::spawn_thread(by_waiting);
    }
    let runtime = runtime(10);
    let supervisor = Supervisor::new();
    runtime.block_on(async {
        supervisor.spawn_blocking(by_polling);
        supervisor.spawn_blocking(by_waiting);
        supervisor.spawn_blocking(by_handle);
        supervisor.spawn(async {
            supervise::spawn_blocking(by_polling);
            supervise::spawn_blocking(by_handle);
            supervise::spawn_blocking(on_threads);
            supervise::spawn_thread(on_threads);
        });
        for (name, running) in [("by_polling", 4), ("by_waiting", 3), ("by_handle", 2)] {
            have_begun(&format!("{NAME}::{name}"), running).await;
        }
        // The supervisor would have to wait for 10 s.
        let (result, took) = stop(&supervisor).await;
        result.unwrap();
        assert!(took < 100 * GRACE, "{took:?}");
    });
    for (name, finished) in [("by_polling", 4), ("by_waiting", 3), ("by_handle", 2)] {
        let task = ended(&format!("{NAME}::{name}"));
        assert_eq!(task.exits[Reason::Finished], finished);
    }
}

#[test]
fn what_never_asked_is_given_time_too() {
    fn never_asks() {
        thread::sleep(4 * MOMENT);
    }
    let runtime = runtime(10);
    let supervisor = Supervisor::new();
    let name = "what_never_asked_is_given_time_too::never_asks";
    runtime.block_on(async {
        let handle = supervisor.spawn_blocking(never_asks);
        supervisor.spawn(async { supervise::spawn_thread(never_asks) });
        have_begun(name, 2).await;
        stop(&supervisor).await.0.unwrap();
        handle.await.unwrap();
    });
    assert_eq!(ended(name).exits[Reason::Finished], 2);
}

#[test]
fn what_comes_to_its_end_a_little_late_was_not_dropped() {
    const NAME: &str = "what_comes_to_its_end_a_little_late_was_not_dropped::late";
    fn late() {
        until_asked();
        thread::sleep(GRACE * 3 / 2);
    }
    let runtime = runtime(2);
    runtime.block_on(async {
        let supervisor = Supervisor::new().grace_period(GRACE);
        supervisor.spawn_blocking(late);
        let handle = supervisor.spawn_blocking(late);
        have_begun(NAME, 2).await;
        handle.stop().await.unwrap();
        stop(&supervisor).await.0.unwrap();
    });
    assert_eq!(ended(NAME).exits[Reason::Finished], 2);
}

#[test]
fn what_never_stops_is_named_and_does_not_hold_up_the_end() {
    const NAME: &str = "what_never_stops_is_named_and_does_not_hold_up_the_end";
    fn blocking(until: mpsc::Receiver<()>) -> impl FnOnce() + Send {
        move || until.recv().unwrap_or_default()
    }
    fn thread(until: mpsc::Receiver<()>) -> impl FnOnce() + Send {
        move || until.recv().unwrap_or_default()
    }
    let (record, _guard) = record();
    let runtime = runtime(10);
    let supervisor = Supervisor::new().grace_period(GRACE);
    let (release, first) = mpsc::channel();
    let (release_thread, second) = mpsc::channel();
    let error = runtime.block_on(async {
        supervisor.spawn_blocking(blocking(first));
        supervisor.spawn(async { drop(supervise::spawn_thread(thread(second))) });
        for name in ["blocking", "thread"] {
            have_begun(&format!("{NAME}::{name}"), 1).await;
        }
        let (result, took) = stop(&supervisor).await;
        assert!(took >= GRACE, "{took:?}");
        result.unwrap_err()
    });
    let mut names: Vec<_> = error.unstopped().iter().collect();
    names.sort_by_key(|unstopped| unstopped.worker);
    assert_eq!(names.len(), 2);
    for (unstopped, name) in names.into_iter().zip(["blocking", "thread"]) {
        assert_eq!(unstopped.worker, format!("{NAME}::{name}"));
        assert!(unstopped.still_running);
    }
    let lines = record.with_message("worker did not stop");
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].level, Level::ERROR);
    drop((release, release_thread));
}

#[test]
fn what_waits_for_a_thread_is_dropped_and_holds_up_nobody() {
    const NAME: &str = "what_waits_for_a_thread_is_dropped_and_holds_up_nobody";
    fn never_begins() {
        unreachable!("it never runs");
    }
    let runtime = runtime(1);
    let supervisor = Supervisor::new();
    let (release, until) = mpsc::channel::<()>();
    runtime.block_on(async {
        // The only thread is somebody else's for longer than the shutdown takes.
        let foreign = tokio::task::spawn_blocking(move || until.recv());
        let own = supervisor.spawn_blocking(never_begins);
        let (told, spawned) = tokio::sync::oneshot::channel();
        supervisor.spawn(async { told.send(supervise::spawn_blocking(never_begins)).unwrap() });
        let spawned = spawned.await.unwrap();
        assert_eq!(own.status().state, TaskState::New);

        let (result, took) = stop(&supervisor).await;
        result.unwrap();
        assert!(took < 100 * GRACE, "{took:?}");
        drop(release);
        assert!(own.await.unwrap_err().is_cancelled());
        assert!(spawned.await.unwrap_err().is_cancelled());
        let _ = foreign.await.unwrap();
    });
    assert!(!is_listed(&format!("{NAME}::never_begins")));
}

#[test]
fn what_waits_for_a_thread_to_the_end_of_the_grace_period_is_not_said_to_block_one() {
    fn stubborn(until: &mpsc::Receiver<()>) {
        assert!(until_asked());
        supervise::spawn_blocking(|| unreachable!("it never runs"));
        let _ = until.recv();
    }
    let runtime = runtime(1);
    let supervisor = Supervisor::new().grace_period(GRACE);
    let (release, until) = mpsc::channel();
    let name = "what_waits_for_a_thread_to_the_end_of_the_grace_period_is_not_said_to_block_one";
    runtime.block_on(async {
        supervisor.spawn_blocking(move || stubborn(&until));
        have_begun(&format!("shutdown_threads::{name}"), 1).await;
        let error = stop(&supervisor).await.0.unwrap_err();
        let [only] = error.unstopped() else {
            panic!("{error}")
        };
        assert_eq!(only.worker, format!("shutdown_threads::{name}"));
    });
    drop(release);
}

#[test]
fn what_waits_for_a_thread_can_be_stopped_by_its_handle_and_is_forgotten_once() {
    fn never_begins() {
        unreachable!("it never runs");
    }
    let runtime = runtime(1);
    let supervisor = Supervisor::new();
    let (release, until) = mpsc::channel::<()>();
    runtime.block_on(async {
        tokio::task::spawn_blocking(move || until.recv());
        let handle = supervisor.spawn_blocking(never_begins);
        // It has the place in the list that the other one had.
        let other = supervisor.spawn(pending::<()>());
        let start = Instant::now();
        handle.stop().await.unwrap();
        assert!(start.elapsed() < 100 * GRACE);
        assert_eq!(handle.status().state, TaskState::Ended);
        drop(release);
        assert!(handle.await.unwrap_err().is_cancelled());
        assert!(timeout(MOMENT, supervisor.wait()).await.is_err());
        other.stop().await.unwrap();
        supervisor.wait().await.unwrap();
    });
}

#[test]
fn the_handle_of_a_closure_tells_how_it_is_and_stops_it() {
    fn closure() -> &'static str {
        assert!(until_asked());
        "stopped"
    }
    let name = "the_handle_of_a_closure_tells_how_it_is_and_stops_it::closure";
    let runtime = runtime(10);
    let supervisor = Supervisor::new();
    runtime.block_on(async {
        let handle = supervisor.spawn_blocking(closure);
        assert_eq!(handle.status().name, name);
        have_begun(name, 1).await;
        assert_eq!(handle.status().state, TaskState::Running);
        assert_eq!(handle.status().worker.unwrap().running, 1);
        assert!(!handle.restart(), "it has no worker");
        handle.stop().await.unwrap();
        assert_eq!(handle.status().state, TaskState::Ended);
        assert_eq!(handle.await.unwrap(), "stopped");
        assert!(!supervisor.is_shutting_down());
        supervisor.wait().await.unwrap();
    });
}

#[test]
fn what_a_closure_spawns_that_is_being_stopped_has_the_rest_of_the_time() {
    const NAME: &str = "what_a_closure_spawns_that_is_being_stopped_has_the_rest_of_the_time";
    fn flushes() {
        assert!(is_shutting_down());
        thread::sleep(MOMENT);
    }
    let runtime = runtime(10);
    let supervisor = Supervisor::new();
    runtime.block_on(async {
        supervisor.spawn_blocking(|| {
            assert!(until_asked());
            supervise::spawn_thread(flushes);
            supervise::spawn_blocking(flushes);
        });
        have_begun(&format!("shutdown_threads::{NAME}"), 1).await;
        stop(&supervisor).await.0.unwrap();
    });
    assert_eq!(
        ended(&format!("{NAME}::flushes")).exits[Reason::Finished],
        2
    );
}

#[test]
fn after_the_end_no_closure_begins_and_the_log_says_so() {
    const NAME: &str = "after_the_end_no_closure_begins_and_the_log_says_so";
    fn never_begins() {
        unreachable!("it never runs");
    }
    let (record, _guard) = record();
    let log = record.clone();
    let runtime = runtime(1);
    let supervisor = Supervisor::new().grace_period(Duration::ZERO);
    let (release, until) = mpsc::channel::<()>();
    runtime.block_on(async {
        // It goes on after all is over.
        let stubborn = supervisor.spawn_blocking(move || {
            log.on_this_thread();
            let _ = until.recv();
            let threads = [(); 10].map(|()| supervise::spawn_thread(never_begins));
            let blocking = [(); 10].map(|()| supervise::spawn_blocking(never_begins));
            // There is no thread to find out that it may not begin: this is the only one.
            let held = Arc::new(());
            let holds = Arc::clone(&held);
            supervise::spawn_blocking(move || drop(holds));
            assert_eq!(Arc::strong_count(&held), 1);
            (threads, blocking)
        });
        have_begun(&format!("shutdown_threads::{NAME}"), 1).await;
        stop(&supervisor).await.0.unwrap_err();
        drop(release);
        let (threads, blocking) = stubborn.await.unwrap();
        for thread in threads {
            let payload = thread.join().unwrap_err();
            let text = "not started: the shutdown was requested before";
            assert_eq!(*payload.downcast::<&str>().unwrap(), text);
        }
        for blocking in blocking {
            assert!(blocking.await.unwrap_err().is_cancelled());
        }
        let refused = supervisor.spawn_blocking(never_begins);
        assert!(refused.await.unwrap_err().is_cancelled());
    });
    let lines = record.with_message("worker not started");
    assert_eq!(lines.len(), 22);
    assert_eq!(lines[0].level, Level::WARN);
    assert_eq!(
        lines[0].field("worker"),
        Some(&*format!("{NAME}::never_begins"))
    );
    assert!(!is_listed(&format!("{NAME}::never_begins")));
}

#[test]
fn what_a_closure_spawns_on_a_runtime_of_its_own_is_the_supervisors_too() {
    async fn local(rc: Rc<()>) {
        shutdown_requested().await;
        drop(rc);
    }
    async fn never_asks() {
        pending::<()>().await;
    }
    const NAME: &str = "what_a_closure_spawns_on_a_runtime_of_its_own_is_the_supervisors_too";
    let runtime = runtime(10);
    let supervisor = Supervisor::new();
    runtime.block_on(async {
        supervisor.spawn_blocking(|| {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            LocalSet::new().block_on(&runtime, async {
                let local = supervise::spawn_local(local(Rc::new(())));
                let dropped = supervise::spawn(never_asks());
                assert!(dropped.await.unwrap_err().is_cancelled());
                local.await.unwrap();
            });
        });
        for name in ["local", "never_asks"] {
            have_begun(&format!("{NAME}::{name}"), 1).await;
        }
        stop(&supervisor).await.0.unwrap();
    });
    let task = ended(&format!("{NAME}::local"));
    assert_eq!(task.exits[Reason::Finished], 1);
    let task = ended(&format!("{NAME}::never_asks"));
    assert_eq!(task.exits[Reason::Shutdown], 1);
}
