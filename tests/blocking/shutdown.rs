//! A shutdown ends a wait, and lets a run end.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use supervise::{Failure, Handle, Policy, Reason, Restart, Supervisor, Worker, supervised};
use supervise_tests::record::{Record, record};
use supervise_tests::{Runs, starts, status};
use tokio::runtime::{Builder, Runtime};
use tracing::dispatcher;

use crate::{eventually, timed};

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// `worker` under a supervisor, told to stop when it waits; what is logged there,
/// and what came of it.
fn stopped_in_a_wait<T: Send + 'static>(
    name: &str,
    worker: fn() -> T,
) -> (Record, Result<T, Box<dyn Any + Send>>) {
    let (record, _guard) = record();
    let log = dispatcher::get_default(Clone::clone);
    let runtime = runtime();
    let supervisor = Supervisor::new();
    let _entered = runtime.enter();
    let handle = supervisor.spawn_blocking(move || {
        dispatcher::with_default(&log, || catch_unwind(AssertUnwindSafe(worker)))
    });
    let is_paused = || status(name).waiting + status(name).scheduled == 1;
    eventually("it waits", || starts(name) == 1 && is_paused());
    supervisor.shutdown();
    let (result, took) = timed(|| runtime.block_on(supervisor.wait()));
    result.unwrap();
    assert!(took < Duration::from_secs(5), "{took:?}");
    let result = runtime.block_on(handle).unwrap();
    let worker = status(name);
    assert_eq!((worker.starts, worker.exits.total()), (1, 1), "{name}");
    assert_eq!(
        (worker.waiting, worker.scheduled, worker.running),
        (0, 0, 0)
    );
    assert_eq!((worker.gave_up, worker.gave_up_total), (0, 0), "{name}");
    assert_eq!(worker.consecutive_failures, 0, "{name}");
    assert!(record.with_message("worker gave up").is_empty());
    assert_eq!(record.with_message("worker stopped: it waited").len(), 1);
    (record, result)
}

#[derive(Debug, PartialEq)]
struct JobError(String);

impl From<Failure> for JobError {
    fn from(failure: Failure) -> Self {
        Self(failure.to_string())
    }
}

#[test]
fn a_wait_ends_and_the_caller_gets_what_giving_up_would_have_given() {
    #[supervised(blocking, name = "stopped unit", restart = true, backoff = "1h")]
    fn unit() {
        panic!("contained");
    }
    #[supervised(blocking, name = "stopped error", restart = true, backoff = "1h")]
    fn error() -> Result<u8, String> {
        Err("the last".into())
    }
    #[supervised(blocking, name = "stopped holds", restart = true, backoff = "1h")]
    fn holds() -> Result<u8, JobError> {
        panic!("held");
    }
    #[supervised(blocking, name = "stopped other", restart = true, backoff = "1h")]
    fn other() -> u8 {
        panic!("goes on");
    }
    #[supervised(blocking, name = "stopped success", restart = "always", backoff = "1h")]
    fn success() -> u8 {
        7
    }
    #[supervised(blocking, name = "stopped tick", every = "1h")]
    fn tick() -> Result<(), String> {
        Ok(())
    }
    stopped_in_a_wait("stopped unit", unit).1.unwrap();
    let (_, result) = stopped_in_a_wait("stopped error", error);
    assert_eq!(result.unwrap(), Err("the last".into()));
    let (_, result) = stopped_in_a_wait("stopped holds", holds);
    let held = "worker `stopped holds` panicked: held";
    assert_eq!(result.unwrap(), Err(JobError(held.into())));
    let (record, result) = stopped_in_a_wait("stopped other", other);
    assert_eq!(result.unwrap_err().downcast_ref(), Some(&"goes on"));
    assert_eq!(record.with_message("worker panicked").len(), 1);
    assert_eq!(status("stopped other").panics, 1);
    assert_eq!(stopped_in_a_wait("stopped success", success).1.unwrap(), 7);
    let (_, result) = stopped_in_a_wait("stopped tick", tick);
    assert_eq!(result.unwrap(), Ok(()));
    assert_eq!(status("stopped tick").exits[Reason::Finished], 1);
}

#[test]
fn a_panic_that_goes_on_at_the_shutdown_is_not_told_as_that_of_a_closure() {
    #[supervised(blocking, name = "told once", restart = true, backoff = "1h")]
    fn told_once() -> u8 {
        panic!("goes on");
    }
    let runtime = runtime();
    let supervisor = Supervisor::new();
    let _entered = runtime.enter();
    let handle = supervisor.spawn_blocking(told_once);
    eventually("it waits", || {
        starts("told once") == 1 && status("told once").waiting == 1
    });
    supervisor.shutdown();
    runtime.block_on(supervisor.wait()).unwrap();
    let error = runtime.block_on(handle).unwrap_err();
    assert_eq!(error.into_panic().downcast_ref(), Some(&"goes on"));
    assert_eq!(status("told once").panics, 1);
    assert_eq!(starts("shutdown::told_once"), 0);
}

#[test]
fn what_a_run_has_left_is_dropped_before_the_next_run_if_there_is_one() {
    static DROPPED: AtomicBool = AtomicBool::new(false);
    struct Value;
    impl Drop for Value {
        fn drop(&mut self) {
            DROPPED.store(true, SeqCst);
        }
    }
    #[supervised(
        blocking,
        name = "left behind",
        restart = "always",
        backoff = "1ms",
        max_restarts = 0
    )]
    fn left_behind(runs: &Runs) -> Result<Value, String> {
        if runs.next() == 1 {
            return Ok(Value);
        }
        assert!(DROPPED.load(SeqCst));
        Err("enough".into())
    }
    assert_eq!(left_behind(&Runs::new()).err().unwrap(), "enough");
}

#[test]
fn a_run_that_is_under_way_is_told_and_is_the_last() {
    #[supervised(
        blocking,
        name = "asks on a thread",
        restart = "always",
        backoff = "0s"
    )]
    fn asks(fails: bool) -> Result<&'static str, String> {
        RUNS.next();
        eventually("it is told", supervise::is_shutting_down);
        if fails {
            return Err("while stopping".into());
        }
        Ok("flushed")
    }
    static RUNS: Runs = Runs::new();
    let runtime = runtime();
    for fails in [false, true] {
        let (seen, supervisor) = (RUNS.count(), Supervisor::new());
        let handle: Handle<_> = {
            let _entered = runtime.enter();
            supervisor.spawn_blocking(move || asks(fails))
        };
        eventually("it runs", || RUNS.count() > seen);
        supervisor.shutdown();
        runtime.block_on(supervisor.wait()).unwrap();
        let expected = if fails {
            Err("while stopping".into())
        } else {
            Ok("flushed")
        };
        assert_eq!(runtime.block_on(handle).unwrap(), expected);
        assert_eq!(RUNS.count(), seen + 1);
    }
    let worker = status("asks on a thread");
    assert_eq!((worker.gave_up_total, worker.exits.total()), (0, 2));
}

#[test]
fn a_worker_that_is_called_after_the_request_does_not_run() {
    static RUNS: Runs = Runs::new();
    #[supervised(blocking, name = "late unit")]
    fn unit() {
        RUNS.next();
    }
    #[supervised(blocking, name = "late holds", restart = true)]
    fn holds() -> Result<u8, JobError> {
        Ok(u8::try_from(RUNS.next()).unwrap())
    }
    #[supervised(blocking, name = "late other")]
    fn other(owned: String) -> u8 {
        u8::try_from(RUNS.next()).unwrap() + u8::try_from(owned.len()).unwrap()
    }
    static LATE: Worker = Worker::new("late closure");
    static BEGUN: Runs = Runs::new();
    let (record, _guard) = record();
    let log = dispatcher::get_default(Clone::clone);
    let runtime = runtime();
    let supervisor = Supervisor::new();
    let _entered = runtime.enter();
    let handle = supervisor.spawn_blocking(move || {
        dispatcher::with_default(&log, || {
            BEGUN.next();
            eventually("it is told", supervise::is_shutting_down);
            unit();
            let held = holds();
            let closure = catch_unwind(|| LATE.supervise_blocking(|| Err::<(), _>("it ran")));
            let other = catch_unwind(|| other(String::new()));
            (held, closure.is_err(), other.unwrap_err())
        })
    });
    eventually("it has begun", || BEGUN.count() == 1);
    supervisor.shutdown();
    runtime.block_on(supervisor.wait()).unwrap();
    let (held, closure, other) = runtime.block_on(handle).unwrap();
    let text = "not started: the shutdown was requested before";
    assert_eq!(held, Err(JobError(format!("worker `late holds` {text}"))));
    assert!(closure);
    assert_eq!(other.downcast_ref(), Some(&text));
    assert_eq!(RUNS.count(), 0);
    let told = record.with_message("worker not started");
    assert_eq!(told.len(), 4);
    assert!(record.with_message("worker panicked").is_empty());
    for name in ["late unit", "late holds", "late closure", "late other"] {
        let worker = status(name);
        assert_eq!((worker.starts, worker.panics), (0, 0), "{name}");
    }
}

#[test]
fn a_refusal_that_unwinds_through_a_run_is_its_stop_and_no_panic() {
    #[supervised(blocking, name = "refused inside")]
    fn inside() -> u8 {
        1
    }
    #[supervised(blocking, name = "around a refusal", restart = true)]
    fn around() -> Result<u8, JobError> {
        eventually("it is told", supervise::is_shutting_down);
        Ok(inside())
    }
    static BEGUN: Runs = Runs::new();
    let (record, _guard) = record();
    let log = dispatcher::get_default(Clone::clone);
    let runtime = runtime();
    let supervisor = Supervisor::new();
    let _entered = runtime.enter();
    let around = supervisor.spawn_blocking(move || dispatcher::with_default(&log, around));
    let plain = supervisor.spawn_blocking(|| {
        BEGUN.next();
        eventually("it is told", supervise::is_shutting_down);
        inside()
    });
    eventually("both run", || {
        BEGUN.count() + u32::from(starts("around a refusal") == 1) == 2
    });
    supervisor.shutdown();
    runtime.block_on(supervisor.wait()).unwrap();
    let error = runtime.block_on(around).unwrap().unwrap_err();
    assert!(error.0.starts_with("worker `around a refusal` stopped: "));
    assert!(runtime.block_on(plain).unwrap_err().is_panic());
    let worker = status("around a refusal");
    assert_eq!((worker.exits[Reason::Shutdown], worker.panics), (1, 0));
    assert_eq!(record.with_message("worker stopped").len(), 1);
    assert!(record.with_message("worker panicked").is_empty());
    let name = "shutdown::a_refusal_that_unwinds_through_a_run_is_its_stop_and_no_panic";
    let closure = status(name);
    assert_eq!((closure.exits[Reason::Shutdown], closure.panics), (1, 0));
    assert_eq!(closure.starts, closure.exits.total());
}

#[test]
fn the_end_of_a_critical_one_is_the_end_of_its_supervisor() {
    #[supervised(blocking, name = "critical thread", critical = true)]
    fn critical() -> Result<(), String> {
        Err("the disk is gone".into())
    }
    #[supervised(blocking, name = "beside it", restart = true, backoff = "1h")]
    fn beside() {
        panic!("waits");
    }
    let runtime = runtime();
    let supervisor = Supervisor::new();
    let _entered = runtime.enter();
    supervisor.spawn_blocking(beside);
    eventually("it waits", || {
        starts("beside it") == 1 && status("beside it").waiting == 1
    });
    supervisor.spawn_blocking(critical);
    let error = runtime.block_on(supervisor.wait()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "critical worker `critical thread` gave up"
    );
    assert_eq!(error.failure().unwrap().message(), "the disk is gone");
}

#[test]
fn a_critical_one_whose_wait_the_shutdown_ends_is_nobodys_end() {
    #[supervised(
        blocking,
        name = "critical waits",
        critical = true,
        restart = true,
        backoff = "1h"
    )]
    fn waits() {
        panic!("again");
    }
    stopped_in_a_wait("critical waits", waits).1.unwrap();
}

#[test]
fn a_stop_by_hand_ends_the_wait_of_that_one() {
    #[supervised(blocking, name = "stopped by hand", restart = true, backoff = "1h")]
    fn by_hand() -> Result<(), String> {
        Err("the last".into())
    }
    let runtime = runtime();
    let supervisor = Supervisor::new();
    let _entered = runtime.enter();
    let handle = supervisor.spawn_blocking(by_hand);
    eventually("it waits", || {
        starts("stopped by hand") == 1 && status("stopped by hand").waiting == 1
    });
    let (stopped, took) = timed(|| runtime.block_on(handle.stop()));
    stopped.unwrap();
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(runtime.block_on(handle).unwrap(), Err("the last".into()));
    assert!(!supervisor.is_shutting_down());
}

/// Whenever the request comes, each gets the value of its last run.
#[test]
fn a_request_at_any_moment_leaves_a_value_to_return() {
    #[supervised(blocking, name = "at any moment", restart = "always", backoff = "0s")]
    fn any_moment(runs: &Runs) -> u32 {
        runs.next()
    }
    static RUNS: Runs = Runs::new();
    let runtime = runtime();
    for round in 0..200 {
        let (seen, supervisor) = (RUNS.count(), Supervisor::new());
        let handle = {
            let _entered = runtime.enter();
            supervisor.spawn_blocking(|| any_moment(&RUNS))
        };
        eventually("it runs", || RUNS.count() > seen);
        for _ in 0..round * 7_919 % 2_000 {
            std::hint::spin_loop();
        }
        supervisor.shutdown();
        runtime.block_on(supervisor.wait()).unwrap();
        assert_eq!(runtime.block_on(handle).unwrap(), RUNS.count());
    }
    let worker = status("at any moment");
    assert_eq!((worker.starts, worker.running), (worker.exits.total(), 0));
    assert_eq!((worker.waiting, worker.scheduled), (0, 0));
}

/// Whoever requests it: here what a run has left, on its way out.
#[test]
fn a_request_by_what_is_dropped_before_a_run_does_not_lose_that_run() {
    struct Requests(Supervisor);
    impl Drop for Requests {
        fn drop(&mut self) {
            self.0.shutdown();
        }
    }
    static POLICY: Policy = Policy::new().restart(Restart::Always);
    static WORKER: Worker = Worker::new("requests when dropped")
        .policy(POLICY.backoff(supervise::Backoff::constant(Duration::from_millis(1))));
    let runtime = runtime();
    let supervisor = Supervisor::new();
    let handle = {
        let _entered = runtime.enter();
        let (of_the_value, mut runs) = (supervisor.clone(), 0);
        supervisor.spawn_blocking(move || {
            let last = WORKER.supervise_blocking(|| {
                runs += 1;
                if runs == 1 {
                    Ok::<_, String>(Some(Requests(of_the_value.clone())))
                } else {
                    Ok(None)
                }
            });
            (last.unwrap().is_none(), runs)
        })
    };
    assert_eq!(runtime.block_on(handle).unwrap(), (true, 2));
    runtime.block_on(supervisor.wait()).unwrap();
}
