//! `supervise::spawn` and its like beside those of tokio and the standard
//! library: the same to the caller, but not silent.

mod spawn {
    mod closures;
    mod destructors;
    mod names;
    mod races;
    mod shutdown;
    mod shutdown_threads;
}

use std::future::{Future, pending, ready};
use std::panic::{panic_any, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use supervise::{Kind, Reason, WorkerStatus, supervised};
use supervise_tests::record::{Line, record};
use supervise_tests::{Runs, status};
use tokio::runtime::{Builder, Handle};
use tokio::task::{JoinHandle, LocalSet, yield_now};
use tokio::time::sleep;
use tracing::{Instrument, Level, info_span};

/// What is told of `name`, all of which has ended and been counted.
fn ended(name: &str) -> WorkerStatus {
    let status = status(name);
    assert_eq!(status.running, 0, "{name}");
    assert_eq!(status.starts, status.exits.total(), "{name}");
    status
}

/// Whether anything is told of what has `part` in its name.
fn is_listed(part: &str) -> bool {
    let workers = supervise::workers();
    workers.iter().any(|worker| worker.name.contains(part))
}

fn alive() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

/// The one line that tells a panic of `name`, as it should be.
#[track_caller]
fn assert_told_once(lines: &[Line], name: &str, message: &str, file: &str) {
    let told = |line: &&Line| line.field("worker") == Some(name) && line.level == Level::ERROR;
    let lines: Vec<_> = lines.iter().filter(told).collect();
    let [line] = lines[..] else {
        panic!("not one line: {lines:#?}");
    };
    assert_eq!(line.message(), "task panicked");
    assert_eq!(line.target, "supervise::panic");
    assert_eq!(line.field("exception.type"), Some("panic"));
    assert_eq!(line.field("exception.message"), Some(message));
    assert!(line.field("code.file.path").unwrap().ends_with(file));
    assert!(line.field("code.line.number").is_some());
    assert!(line.field("exception.stacktrace").is_some());
}

#[test]
fn the_signatures_are_those_of_tokio_and_the_standard_library() {
    type Sent = Pin<Box<dyn Future<Output = u8> + Send>>;
    type Local = Pin<Box<dyn Future<Output = Rc<u8>>>>;
    type Closure = Box<dyn FnOnce() -> u8 + Send>;
    type Spawns<F, T> = [fn(F) -> JoinHandle<T>; 2];
    type Threads<F, T> = [fn(F) -> thread::JoinHandle<T>; 2];
    let _: Spawns<Sent, u8> = [tokio::spawn::<Sent>, supervise::spawn::<Sent>];
    let _: Spawns<Local, Rc<u8>> = [
        tokio::task::spawn_local::<Local>,
        supervise::spawn_local::<Local>,
    ];
    let _: Spawns<Closure, u8> = [
        tokio::task::spawn_blocking::<Closure, u8>,
        supervise::spawn_blocking::<Closure, u8>,
    ];
    let _: Threads<Closure, u8> = [
        thread::spawn::<Closure, u8>,
        supervise::spawn_thread::<Closure, u8>,
    ];
}

async fn gives_its_value(value: u8) -> u8 {
    yield_now().await;
    value
}

#[tokio::test(start_paused = true)]
async fn a_task_gives_its_value_lives_on_without_its_handle_and_can_be_aborted() {
    async fn aborted() {
        pending::<()>().await;
    }
    assert_eq!(supervise::spawn(gives_its_value(1)).await.unwrap(), 1);
    drop(supervise::spawn(gives_its_value(2)));
    sleep(Duration::from_secs(1)).await;
    let task = ended("spawn::gives_its_value");
    assert_eq!((task.kind, task.exits[Reason::Finished]), (Kind::Task, 2));

    let (record, _guard) = record();
    let name = "a_task_gives_its_value_lives_on_without_its_handle_and_can_be_aborted::aborted";
    let handle = supervise::spawn(aborted());
    handle.abort();
    assert!(handle.await.unwrap_err().is_cancelled());
    assert!(!is_listed(name), "it never began");
    let handle = supervise::spawn(aborted());
    yield_now().await;
    assert_eq!(status(name).running, 1);
    handle.abort();
    assert!(handle.await.unwrap_err().is_cancelled());
    assert_eq!(ended(name).exits[Reason::Cancelled], 1);
    let lines = record.with_message("task cancelled");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].level, Level::DEBUG);
    assert_eq!(lines[0].field("worker"), Some(name));
    assert_eq!(alive(), 0);
}

async fn panics() {
    yield_now().await;
    panic_any(vec![1, 2, 3]);
}

#[tokio::test]
async fn a_panic_reaches_the_handle_with_its_own_payload_and_is_told_once() {
    let (record, _guard) = record();
    let job = info_span!("job", id = 7);
    let lost = supervise::spawn(async move { panics().instrument(job).await }).await;
    let payload = lost.unwrap_err().into_panic();
    assert_eq!(*payload.downcast::<Vec<i32>>().unwrap(), [1, 2, 3]);

    let name = "spawn::a_panic_reaches_the_handle_with_its_own_payload_and_is_told_once";
    assert_told_once(&record.lines(), name, "Box<dyn Any>", "tests/spawn.rs");
    let line = &record.with_message("task panicked")[0];
    let (span, fields) = line.spans.last().unwrap();
    assert_eq!((*span, &*fields["id"]), ("job", "7"));
    let task = ended(name);
    assert_eq!((task.panics, task.exits[Reason::Panic]), (1, 1));
    let failure = task.last_failure().unwrap();
    assert_eq!(failure.message, "Box<dyn Any>");
    assert!(failure.place.as_ref().unwrap().file().ends_with("spawn.rs"));
    assert_eq!((task.gave_up, task.consecutive_failures), (0, 0));
}

#[tokio::test]
async fn the_panics_of_one_place_are_told_each_and_the_stack_once() {
    async fn repeats() {
        ready(()).await;
        panic!("again");
    }
    let (record, _guard) = record();
    for _ in 0..3 {
        let lost = supervise::spawn(repeats()).await;
        assert!(lost.unwrap_err().is_panic());
    }
    let lines = record.with_message("task panicked");
    let stack = |line: &Line| line.field("exception.stacktrace").is_some();
    let stacks: Vec<_> = lines.iter().map(stack).collect();
    assert_eq!(stacks, [true, false, false]);
}

#[tokio::test]
async fn the_status_says_where_it_was_spawned() {
    async fn somewhere() {
        ready(()).await;
    }
    let line = line!() + 1;
    supervise::spawn(somewhere()).await.unwrap();
    let task = status("the_status_says_where_it_was_spawned::somewhere");
    assert_eq!(task.location.line(), line);
    assert!(task.location.file().ends_with("tests/spawn.rs"));
}

// What is a worker.

#[supervised(name = "spawned and resumed", restart = true, backoff = "1s")]
async fn resumes(runs: &'static Runs) -> u32 {
    runs.panic_twice();
    runs.count()
}

#[tokio::test(start_paused = true)]
async fn what_enters_a_run_at_its_first_poll_is_that_worker_and_nothing_else() {
    static RUNS: Runs = Runs::new();
    let (record, _guard) = record();
    let value = supervise::spawn(async { resumes(&RUNS).await }).await;
    assert_eq!(value.unwrap(), 3);
    let handle = supervise::spawn(async { resumes(&RUNS).await });
    handle.abort();
    let _ = handle.await;
    assert!(!is_listed("what_enters_a_run_at_its_first_poll"));
    let worker = ended("spawned and resumed");
    assert_eq!((worker.kind, worker.panics), (Kind::Worker, 2));
    assert_eq!((worker.starts, worker.restarts[Reason::Panic]), (3, 2));
    assert_eq!(record.with_message("worker panicked").len(), 2);
    assert!(record.with_message("task").is_empty());
}

#[supervised(name = "spawned and lets go", on_give_up = "panic")]
async fn lets_go() {
    panic_any(7_u8);
}

#[tokio::test]
async fn a_panic_that_the_worker_has_told_is_not_told_again() {
    async fn later() {
        yield_now().await;
        lets_go().await;
    }
    let (record, _guard) = record();
    let lost = supervise::spawn(async { lets_go().await }).await;
    let payload = lost.unwrap_err().into_panic();
    assert_eq!(*payload.downcast::<u8>().unwrap(), 7);
    assert!(!is_listed("a_panic_that_the_worker_has_told"));

    let lost = supervise::spawn(later()).await;
    assert!(lost.unwrap_err().is_panic());
    // It has a series of its own by then, which ends, and does not count it.
    let task = ended("a_panic_that_the_worker_has_told_is_not_told_again::later");
    assert_eq!((task.exits[Reason::Panic], task.panics), (1, 0));
    assert!(task.last_failure().is_none());

    let worker = ended("spawned and lets go");
    assert_eq!((worker.panics, worker.exits[Reason::Panic]), (2, 2));
    assert_eq!(record.with_message("worker panicked").len(), 2);
    assert!(record.with_message("task panicked").is_empty());
}

#[supervised(name = "spawned and done")]
async fn is_done(pauses: bool) {
    if pauses {
        yield_now().await;
    }
}

#[tokio::test]
async fn a_panic_beside_the_worker_is_the_tasks_own() {
    async fn beside(pauses: bool) {
        is_done(pauses).await;
        panic!("beside it");
    }
    let (record, _guard) = record();
    let name = "a_panic_beside_the_worker_is_the_tasks_own::beside";
    for (pauses, times) in [(false, 1), (true, 2)] {
        let lost = supervise::spawn(beside(pauses)).await;
        assert!(lost.unwrap_err().is_panic());
        let task = ended(name);
        assert_eq!((task.panics, task.exits[Reason::Panic]), (times, times));
    }
    assert_eq!(record.with_message("task panicked").len(), 2);
    assert_eq!(ended("spawned and done").exits[Reason::Finished], 2);
}

// Where it runs.

#[test]
fn what_cannot_be_sent_is_spawned_on_its_thread() {
    async fn stays(rc: Rc<u8>) -> Rc<u8> {
        yield_now().await;
        assert!(*rc < 2, "too many");
        rc
    }
    let (record, _guard) = record();
    let runtime = Builder::new_current_thread().build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        let rc = supervise::spawn_local(stays(Rc::new(1))).await.unwrap();
        assert_eq!(*rc, 1);
        let lost = supervise::spawn_local(stays(Rc::new(2))).await;
        assert!(lost.unwrap_err().is_panic());
        let line = line!() + 1;
        drop(supervise::spawn_local(pending::<Rc<u8>>()));
        yield_now().await;
        assert_eq!(status("Pending<Rc<u8>>").location.line(), line);
    });
    let name = "what_cannot_be_sent_is_spawned_on_its_thread::stays";
    assert_told_once(&record.lines(), name, "too many", "tests/spawn.rs");
    let task = ended(name);
    assert_eq!((task.panics, task.exits[Reason::Finished]), (1, 1));
    // The one that was alive went with its `LocalSet`.
    assert_eq!(ended("Pending<Rc<u8>>").exits[Reason::Cancelled], 1);
}

#[test]
fn a_runtime_that_ends_takes_its_tasks_along_and_all_are_counted() {
    async fn stays() {
        pending::<()>().await;
    }
    for workers in 1..=2 {
        let runtime = Builder::new_multi_thread()
            .worker_threads(workers)
            .build()
            .unwrap();
        runtime.block_on(async {
            for _ in 0..10 {
                supervise::spawn(stays());
                // Of which some never begin.
                supervise::spawn(async { drop(supervise::spawn(stays())) });
            }
        });
        drop(runtime);
    }
    let task = ended("a_runtime_that_ends_takes_its_tasks_along_and_all_are_counted::stays");
    assert_eq!(task.starts, task.exits[Reason::Cancelled]);
}

/// The message of the panic of `f`, which is called on a thread that has nothing
/// to do with tokio, and the file that it names.
fn panic_of(f: fn()) -> (String, String) {
    let payload = supervise::spawn_thread(f).join().unwrap_err();
    let message = payload.downcast::<String>().map(|text| *text);
    let message = message.or_else(|payload| payload.downcast::<&str>().map(|text| (*text).into()));
    let last = status("fn()").last_failures.remove(0);
    (message.unwrap(), last.place.unwrap().file().to_owned())
}

#[test]
fn outside_of_a_runtime_the_panic_is_tokios_at_the_call_and_nothing_is_left() {
    async fn nowhere() {
        ready(()).await;
    }
    fn never() {}
    let tokios = panic_of(|| drop(tokio::spawn(nowhere())));
    assert!(tokios.1.ends_with("tests/spawn.rs"));
    assert_eq!(panic_of(|| drop(supervise::spawn(nowhere()))), tokios);
    let tokios = panic_of(|| drop(tokio::task::spawn_blocking(never)));
    assert_eq!(panic_of(|| drop(supervise::spawn_blocking(never))), tokios);
    let tokios = panic_of(|| drop(tokio::task::spawn_local(nowhere())));
    assert_eq!(panic_of(|| drop(supervise::spawn_local(nowhere()))), tokios);
    for name in ["nowhere", "never"] {
        assert!(!is_listed(&format!("and_nothing_is_left::{name}")));
    }
}

#[supervised(name = "lets go of a task of tokio's", on_give_up = "panic")]
async fn lets_go_of_tokios() {
    panic!("told");
}

#[tokio::test]
async fn a_panic_without_the_hook_is_never_taken_for_one_that_was_told() {
    async fn resumes(polls: u32) {
        for _ in 0..polls {
            yield_now().await;
        }
        resume_unwind(Box::new("never told"));
    }
    let (record, _guard) = record();
    for polls in 0..3 {
        // Nobody here catches what it lets go: where the payload was, the next one is.
        drop(tokio::spawn(lets_go_of_tokios()).await.unwrap_err());
        let lost = supervise::spawn(resumes(polls)).await;
        assert!(lost.unwrap_err().is_panic());
    }
    assert_eq!(record.with_message("task panicked").len(), 3);
}
