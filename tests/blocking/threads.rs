//! Wherever a thread may block.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use supervise::{Kind, Reason, Supervisor, supervised};
use supervise_tests::record::record;
use supervise_tests::{Runs, starts, status};
use tokio::runtime::Builder;
use tokio::task::{self, JoinSet};

use crate::{eventually, timed};

#[supervised(blocking, name = "anywhere", restart = true, backoff = "2ms")]
fn anywhere(runs: &Runs) -> u32 {
    runs.panic_twice();
    runs.count()
}

#[test]
fn in_std_threads_and_scoped_ones_without_any_runtime() {
    assert_eq!(anywhere(&Runs::new()), 3);
    let runs = thread::spawn(|| anywhere(&Runs::new())).join();
    assert_eq!(runs.unwrap(), 3);
    let runs = supervise::spawn_thread(|| anywhere(&Runs::new())).join();
    assert_eq!(runs.unwrap(), 3);
    let (first, second) = (Runs::new(), Runs::new());
    thread::scope(|scope| {
        scope.spawn(|| anywhere(&first));
        scope.spawn(|| anywhere(&second));
    });
    assert_eq!((first.count(), second.count()), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn in_spawn_blocking_of_a_runtime_whose_clock_stands_still() {
    #[supervised(blocking, name = "ticks while the clock stands", every = "2ms")]
    fn ticks(runs: &Runs) -> Result<(), String> {
        if runs.next() == 3 {
            return Err("enough".into());
        }
        Ok(())
    }
    #[supervised(
        blocking,
        name = "stands",
        restart = true,
        max_restarts = "2 in 1m",
        backoff = "1ms"
    )]
    fn limited(runs: &Runs) {
        runs.next();
        panic!("again");
    }
    let runs = task::spawn_blocking(|| anywhere(&Runs::new())).await;
    assert_eq!(runs.unwrap(), 3);
    let runs = supervise::spawn_blocking(|| anywhere(&Runs::new())).await;
    assert_eq!(runs.unwrap(), 3);
    let runs = task::spawn_blocking(|| {
        let runs = Runs::new();
        limited(&runs);
        runs.count()
    });
    assert_eq!(runs.await.unwrap(), 3);
    let supervisor = Supervisor::new();
    let ticks = supervisor.spawn_blocking(|| ticks(&Runs::new()));
    task::spawn_blocking(|| {
        eventually("it ticks", || starts("ticks while the clock stands") >= 2);
    })
    .await
    .unwrap();
    supervisor.shutdown();
    supervisor.wait().await.unwrap();
    ticks.await.unwrap().ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_block_in_place_where_the_task_around_it_is_the_supervisors() {
    static ENDED: AtomicU32 = AtomicU32::new(0);
    #[supervised(blocking, name = "in place", restart = true, backoff = "1h")]
    fn in_place() -> Result<(), String> {
        Err("the last".into())
    }
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(async {
        let result = task::block_in_place(in_place);
        ENDED.fetch_add(1, SeqCst);
        result
    });
    task::spawn_blocking(|| {
        eventually("it waits", || {
            starts("in place") == 1 && status("in place").waiting == 1
        });
    })
    .await
    .unwrap();
    // It can be restarted there, too.
    assert!(handle.restart());
    task::spawn_blocking(|| {
        eventually("it waits again", || {
            starts("in place") == 2 && status("in place").waiting == 1
        });
    })
    .await
    .unwrap();
    supervisor.shutdown();
    supervisor.wait().await.unwrap();
    assert_eq!(ENDED.load(SeqCst), 1);
    let worker = status("in place");
    assert_eq!((worker.waiting, worker.gave_up_total), (0, 0));
    assert_eq!(worker.exits[Reason::Error], 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside_an_async_worker_its_panic_is_the_run_that_it_is_in() {
    #[supervised(blocking, name = "inner in place")]
    fn inner() -> u8 {
        panic!("in place");
    }
    #[supervised(name = "outer of a place")]
    async fn outer() -> Result<u8, std::io::Error> {
        Ok(task::block_in_place(inner))
    }
    assert!(tokio::spawn(outer()).await.unwrap().is_err());
    for name in ["inner in place", "outer of a place"] {
        assert_eq!((status(name).panics, status(name).gave_up), (1, 1));
    }
}

#[test]
fn a_thread_of_a_task_is_part_of_its_shutdown_even_in_its_wait() {
    #[supervised(blocking, name = "thread of a task", restart = true, backoff = "1h")]
    fn waits() -> Result<(), String> {
        Err("the last".into())
    }
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let supervisor = Supervisor::new();
        let thread = supervisor.spawn(async { supervise::spawn_thread(waits) });
        let thread = thread.await.unwrap();
        eventually("it waits", || {
            starts("thread of a task") == 1 && status("thread of a task").waiting == 1
        });
        supervisor.shutdown();
        let (result, took) = timed(|| thread.join().unwrap());
        assert_eq!(result, Err("the last".into()));
        assert!(took < Duration::from_secs(5), "{took:?}");
        supervisor.wait().await.unwrap();
    });
}

#[test]
fn a_closure_that_is_a_worker_leaves_no_series_of_its_own() {
    supervise::spawn_thread(|| anywhere(&Runs::new()))
        .join()
        .unwrap();
    let tasks = supervise::workers();
    let name = "threads::a_closure_that_is_a_worker_leaves_no_series_of_its_own";
    let mut tasks = tasks.iter().filter(|worker| worker.kind == Kind::Task);
    assert!(tasks.all(|task| task.name != name));
}

#[test]
fn code_in_a_run_knows_which_it_is_and_why_the_last_one_ended() {
    #[supervised(
        blocking,
        name = "knows itself",
        restart = true,
        backoff = "0s",
        critical = true
    )]
    fn knows(runs: &Runs) {
        let current = supervise::current().unwrap();
        assert!(supervise::is_supervised());
        let last_end = match runs.next() {
            1 => None,
            _ => Some(Reason::Panic),
        };
        assert_eq!(current.name, "knows itself");
        assert_eq!(
            (current.run, current.last_end),
            (runs.count().into(), last_end)
        );
        assert!(!supervise::is_shutting_down());
        supervise::ready();
        assert!(runs.count() > 2, "again");
    }
    let (record, _guard) = record();
    let runs = Runs::new();
    knows(&runs);
    assert_eq!(runs.count(), 3);
    assert!(status("knows itself").ready);
    assert_eq!(supervise::current(), None);
    // As there is no supervisor.
    assert_eq!(record.with_message("a critical worker outside").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_of_threads_under_one_name_adds_up() {
    #[supervised(blocking, name = "thread pool", restart = true, backoff = "1ms")]
    fn member(runs: &Runs) {
        runs.panic_twice();
    }
    let mut pool = JoinSet::new();
    for _ in 0..20 {
        pool.spawn_blocking(|| member(&Runs::new()));
    }
    pool.join_all().await;
    let worker = status("thread pool");
    assert_eq!((worker.starts, worker.panics, worker.running), (60, 40, 0));
    assert_eq!(worker.exits[Reason::Finished], 20);
    assert_eq!((worker.waiting, worker.consecutive_failures), (0, 0));
}

#[test]
fn a_worker_that_was_unwound_leaves_nothing_behind() {
    #[supervised(
        blocking,
        name = "unwound",
        restart = true,
        backoff = "1ms",
        max_restarts = 2
    )]
    fn unwound() -> u8 {
        panic!("goes on");
    }
    for _ in 0..3 {
        assert!(catch_unwind(AssertUnwindSafe(unwound)).is_err());
    }
    let worker = status("unwound");
    assert_eq!((worker.starts, worker.exits.total()), (9, 9));
    assert_eq!((worker.panics, worker.gave_up_total), (9, 3));
    assert_eq!(worker.exits[Reason::Cancelled], 0);
    assert_eq!((worker.running, worker.waiting), (0, 0));
}
