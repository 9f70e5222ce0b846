//! Closures, on the threads that tokio has for what blocks and on their own.

use std::any::Any;
use std::future::Future;
use std::panic::{catch_unwind, panic_any};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use supervise::{Kind, Reason, supervised};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinError, yield_now};
use tokio::time::sleep;
use tracing::{Level, info_span};

use crate::{assert_told_once, ended, is_listed};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

/// What comes of `closure`, spawned in each of the two ways.
fn by_each<T: Send + 'static>(
    closure: impl FnOnce() -> T + Clone + Send + 'static,
) -> [Result<T, Box<dyn Any + Send>>; 2] {
    let again = closure.clone();
    let blocking = runtime().block_on(async { supervise::spawn_blocking(closure).await });
    let thread = supervise::spawn_thread(again).join();
    [blocking.map_err(JoinError::into_panic), thread]
}

/// Runs a worker to its end, on the thread of a closure.
fn block_on<T>(worker: impl Future<Output = T>) -> T {
    runtime().block_on(worker)
}

#[test]
fn a_closure_gives_its_value_and_is_counted_from_its_beginning() {
    const NAME: &str = "closures::a_closure_gives_its_value_and_is_counted_from_its_beginning";
    let (record, _guard) = record();
    let threads = record.clone();
    let running = by_each(move || {
        threads.on_this_thread();
        status(NAME).running
    });
    assert_eq!(running.map(Result::unwrap), [1, 1]);
    let task = ended(NAME);
    assert_eq!((task.kind, task.exits[Reason::Finished]), (Kind::Task, 2));
    let lines = record.with_message("task finished");
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].level, Level::DEBUG);
    assert_eq!(lines[0].field("worker"), Some(NAME));
}

#[test]
fn a_panic_reaches_the_handle_with_its_own_payload_and_is_told_once() {
    const NAME: &str = "closures::a_panic_reaches_the_handle_with_its_own_payload_and_is_told_once";
    let (record, _guard) = record();
    let threads = record.clone();
    let lost = by_each(move || {
        threads.on_this_thread();
        info_span!("job", id = 7).in_scope(|| panic_any(vec![1, 2, 3]));
    });
    for lost in lost {
        assert_eq!(
            *lost.unwrap_err().downcast::<Vec<i32>>().unwrap(),
            [1, 2, 3]
        );
    }
    let lines = record.with_message("task panicked");
    assert_eq!(lines.len(), 2);
    assert_told_once(&lines[..1], NAME, "Box<dyn Any>", "closures.rs");
    for line in lines {
        let (span, fields) = line.spans.last().unwrap();
        assert_eq!((*span, &*fields["id"]), ("job", "7"));
    }
    let task = ended(NAME);
    assert_eq!((task.panics, task.exits[Reason::Panic]), (2, 2));
    assert_eq!(task.last_failure().unwrap().count, 2);
}

#[tokio::test]
async fn the_status_says_where_it_was_spawned() {
    fn blocking() {}
    fn thread() {}
    let line = line!() + 1;
    supervise::spawn_blocking(blocking).await.unwrap();
    supervise::spawn_thread(thread).join().unwrap();
    let test = "the_status_says_where_it_was_spawned";
    for (name, line) in [("blocking", line), ("thread", line + 1)] {
        let task = status(&format!("{test}::{name}"));
        assert_eq!(task.location.line(), line);
        assert!(task.location.file().ends_with("closures.rs"));
    }
}

#[test]
fn a_closure_that_is_aborted_before_it_begins_is_not_counted_and_after_that_goes_on() {
    const NAME: &str =
        "a_closure_that_is_aborted_before_it_begins_is_not_counted_and_after_that_goes_on";
    fn closure(until: mpsc::Receiver<()>) -> impl FnOnce() {
        move || until.recv().unwrap_or_default()
    }
    let name = format!("{NAME}::closure");
    let runtime = Builder::new_current_thread()
        .max_blocking_threads(1)
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (release, until) = mpsc::channel();
        let first = supervise::spawn_blocking(closure(until));
        while !is_listed(NAME) {
            sleep(Duration::from_millis(1)).await;
        }
        first.abort();
        let (never, until) = mpsc::channel();
        let second = supervise::spawn_blocking(closure(until));
        second.abort();
        assert_eq!(status(&name).running, 1);
        drop(release);
        first.await.unwrap();
        assert!(second.await.unwrap_err().is_cancelled());
        assert!(never.send(()).is_err(), "it is gone");
    });
    assert_eq!(ended(&name).exits[Reason::Finished], 1);
}

// What is a worker.

#[supervised(name = "in a closure", restart = true, backoff = "1ms")]
async fn resumes(runs: &'static Runs) -> u32 {
    runs.panic_twice();
    runs.count()
}

#[test]
fn what_turns_out_to_be_a_worker_is_that_worker_and_nothing_else() {
    static RUNS: Runs = Runs::new();
    let (record, _guard) = record();
    let threads = record.clone();
    let values = by_each(move || {
        threads.on_this_thread();
        thread::sleep(Duration::from_millis(5));
        let is_counted = is_listed("what_turns_out_to_be_a_worker");
        (
            is_counted,
            block_on(resumes(&RUNS)),
            is_listed("what_turns_out_to_be_a_worker"),
        )
    });
    assert_eq!(
        values.map(Result::unwrap),
        [(true, 3, false), (true, 4, false)]
    );
    assert!(!is_listed("what_turns_out_to_be_a_worker"));
    let worker = ended("in a closure");
    assert_eq!(
        (worker.kind, worker.starts, worker.panics),
        (Kind::Worker, 4, 2)
    );
    assert_eq!(record.with_message("worker panicked").len(), 2);
    assert!(record.with_message("task").is_empty());
}

#[supervised(name = "lets go of a closure", on_give_up = "panic")]
async fn lets_go() {
    panic_any(7_u8);
}

#[test]
fn a_panic_that_the_worker_has_told_is_not_told_again() {
    let (record, _guard) = record();
    let threads = record.clone();
    let lost = by_each(move || {
        threads.on_this_thread();
        block_on(lets_go());
    });
    for lost in lost {
        assert_eq!(*lost.unwrap_err().downcast::<u8>().unwrap(), 7);
    }
    assert!(!is_listed("closures::a_panic_that_the_worker_has_told"));
    assert_eq!(ended("lets go of a closure").panics, 2);
    assert_eq!(record.with_message("worker panicked").len(), 2);
    assert!(record.with_message("task panicked").is_empty());
}

#[supervised(name = "ends in a closure")]
async fn is_done() {}

#[test]
fn a_panic_after_the_worker_is_the_closures_own() {
    const NAME: &str = "closures::a_panic_after_the_worker_is_the_closures_own";
    let (record, _guard) = record();
    let threads = record.clone();
    let lost = by_each(move || {
        threads.on_this_thread();
        block_on(is_done());
        panic!("after it");
    });
    assert!(lost.iter().all(Result::is_err));
    let lines = record.with_message("task panicked");
    assert_eq!(lines.len(), 2);
    assert_told_once(&lines[..1], NAME, "after it", "closures.rs");
    let task = ended(NAME);
    assert_eq!((task.panics, task.exits[Reason::Panic]), (2, 2));
    assert_eq!(ended("ends in a closure").exits[Reason::Finished], 2);
}

#[test]
fn a_panic_of_a_worker_that_the_closure_catches_is_the_end_of_neither() {
    let values = by_each(move || {
        let caught = catch_unwind(|| block_on(lets_go_and_is_caught()));
        caught.is_err()
    });
    assert_eq!(values.map(Result::unwrap), [true, true]);
    assert!(!is_listed("a_panic_of_a_worker_that_the_closure_catches"));
    assert_eq!(ended("lets go and is caught").panics, 2);
}

#[supervised(name = "lets go and is caught", on_give_up = "panic")]
async fn lets_go_and_is_caught() {
    panic!("caught");
}

#[supervised(name = "in a task in a closure")]
async fn in_a_task() {}

async fn later() {
    yield_now().await;
    in_a_task().await;
}

#[test]
fn a_worker_in_a_task_of_a_runtime_in_the_closure_is_not_the_closure() {
    const NAME: &str =
        "closures::a_worker_in_a_task_of_a_runtime_in_the_closure_is_not_the_closure";
    let values = by_each(|| {
        block_on(async {
            tokio::spawn(in_a_task()).await.unwrap();
            supervise::spawn(in_a_task()).await.unwrap();
            supervise::spawn(later()).await.unwrap();
        });
        let running = status(NAME).running;
        // Now it is.
        block_on(in_a_task());
        (running, is_listed(NAME))
    });
    assert_eq!(values.map(Result::unwrap), [(1, false), (1, false)]);
    assert_eq!(ended("closures::later").exits[Reason::Finished], 2);
    assert_eq!(ended("in a task in a closure").exits[Reason::Finished], 8);
}
