//! Nothing that user code does inside a run reaches the loop or its caller.

use std::future::{Future, pending};
use std::panic::{panic_any, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::task::{Context, Poll};
use std::{fmt, thread};

use supervise::{Reason, Supervisor, Worker, supervised};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};
use tokio::task::yield_now;

/// Panics when it is dropped, unless its thread panics already.
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        if !thread::panicking() {
            panic_any(self.0);
        }
    }
}

/// What a worker must have gone through that failed twice and then finished.
fn assert_failed_twice(name: &str, reason: Reason, panics: u64) {
    let worker = status(name);
    assert_eq!((worker.starts, worker.running, worker.waiting), (3, 0, 0));
    assert_eq!(worker.exits[reason], 2);
    assert_eq!(worker.exits[Reason::Finished], 1);
    assert_eq!(worker.restarts[reason], 2);
    assert_eq!(worker.panics, panics);
    assert_eq!(worker.consecutive_failures, 0);
}

#[supervised(name = "after an await", restart = true)]
async fn after_an_await(runs: &Runs) {
    yield_now().await;
    runs.panic_twice();
}

#[supervised(name = "before the first await", restart = true)]
async fn before_the_first_await(runs: &Runs) {
    runs.panic_twice();
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_body_is_contained_and_counted_once() {
    after_an_await(&Runs::new()).await;
    assert_failed_twice("after an await", Reason::Panic, 2);
    before_the_first_await(&Runs::new()).await;
    assert_failed_twice("before the first await", Reason::Panic, 2);
}

struct CloneBomb(Arc<Runs>);

impl Clone for CloneBomb {
    fn clone(&self) -> Self {
        self.0.panic_twice();
        Self(self.0.clone())
    }
}

#[supervised(name = "clone", restart = true)]
async fn cloned(_argument: CloneBomb, _other: String) {
    yield_now().await;
}

#[derive(Clone)]
struct CloneBombSelf(CloneBomb);

impl CloneBombSelf {
    #[supervised(name = "clone of self", restart = true)]
    async fn run(self) {
        let _ = self.0;
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_cloning_an_argument_is_a_failed_run() {
    cloned(CloneBomb(Arc::default()), String::new()).await;
    assert_failed_twice("clone", Reason::Panic, 2);
    CloneBombSelf(CloneBomb(Arc::default())).run().await;
    assert_failed_twice("clone of self", Reason::Panic, 2);
}

#[supervised(name = "clone, given up", restart = "on_panic")]
async fn clone_given_up(bomb: CloneBomb) -> Result<(), String> {
    drop(bomb);
    Err("on_panic ends at an error".into())
}

#[tokio::test(start_paused = true)]
async fn an_error_after_a_panic_while_cloning_is_what_the_caller_gets() {
    assert!(clone_given_up(CloneBomb(Arc::default())).await.is_err());
    assert_eq!(status("clone, given up").restarts[Reason::Panic], 2);
}

#[supervised(name = "cancelled with a bomb")]
async fn cancelled_with_a_bomb() {
    let _bomb = Bomb("dropped");
    pending::<()>().await;
}

#[tokio::test]
async fn a_panic_in_dropping_a_cancelled_run_is_counted_and_reaches_nobody() {
    static CLOSURE: Worker = Worker::new("cancelled closure with a bomb");
    let closure = CLOSURE.supervise(|| async {
        let _bomb = Bomb("dropped");
        pending::<()>().await;
    });
    let function = tokio::spawn(cancelled_with_a_bomb());
    for (task, name) in [
        (function, "cancelled with a bomb"),
        (tokio::spawn(closure), "cancelled closure with a bomb"),
    ] {
        yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        let worker = status(name);
        assert_eq!(worker.exits[Reason::Cancelled], 1);
        assert_eq!((worker.panics, worker.exits[Reason::Panic]), (1, 0));
    }
}

/// Panics when polled, and again when dropped afterwards.
struct TwoBombs(#[allow(dead_code)] Bomb, bool);

impl Future for TwoBombs {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        assert!(std::mem::replace(&mut self.1, true), "polled");
        unreachable!("a panicked future was polled again");
    }
}

#[tokio::test]
async fn a_panicked_future_is_dropped_in_a_catch_and_not_polled_again() {
    // An `async fn` drops its locals while it unwinds, where a second panic
    // aborts; only a future that is no `async fn` can panic twice.
    let worker = Worker::new("two bombs");
    worker.supervise(|| TwoBombs(Bomb("dropped"), false)).await;
    let worker = status("two bombs");
    assert_eq!((worker.exits[Reason::Panic], worker.panics), (1, 2));
}

#[supervised(name = "payload", restart = true)]
async fn payload(runs: &Runs) {
    if runs.next() < 3 {
        panic_any(Bomb("payload"));
    }
}

#[supervised(name = "last payload")]
async fn last_payload() {
    panic_any(Bomb("payload"));
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_dropping_a_payload_is_contained_and_counted() {
    payload(&Runs::new()).await;
    assert_failed_twice("payload", Reason::Panic, 4);
    last_payload().await;
    let worker = status("last payload");
    assert_eq!((worker.exits[Reason::Panic], worker.panics), (1, 2));
}

struct Nested(#[allow(dead_code)] Option<Box<Nested>>);

impl Drop for Nested {
    fn drop(&mut self) {
        if !thread::panicking() {
            panic_any(Self(None));
        }
    }
}

#[supervised(name = "nested payload", restart = true)]
async fn nested_payload(runs: &Runs) {
    if runs.next() < 3 {
        panic_any(Nested(None));
    }
}

#[tokio::test(start_paused = true)]
async fn a_payload_that_panics_for_ever_does_not_take_for_ever() {
    nested_payload(&Runs::new()).await;
    assert_failed_twice("nested payload", Reason::Panic, 4);
}

#[supervised(name = "error dropped", restart = true)]
async fn error_dropped(runs: &Runs) -> Result<(), Bomb> {
    if runs.next() < 3 {
        return Err(Bomb("error"));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_dropping_an_error_changes_no_reason() {
    assert!(error_dropped(&Runs::new()).await.is_ok());
    assert_failed_twice("error dropped", Reason::Error, 2);
}

#[supervised(name = "value dropped", restart = "always")]
async fn value_dropped(runs: &Runs) -> Bomb {
    if runs.next() == 3 {
        pending::<()>().await;
    }
    Bomb("value")
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_dropping_a_returned_value_changes_no_reason() {
    let task = tokio::spawn(async { value_dropped(&Runs::new()).await });
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    let worker = status("value dropped");
    assert_eq!((worker.exits[Reason::Finished], worker.panics), (2, 2));
    assert_eq!((worker.running, worker.exits.total()), (1, 2));
    task.abort();
}

#[derive(Debug)]
struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("no text")
    }
}

#[supervised(name = "unreadable error", restart = true)]
async fn unreadable(runs: &Runs) -> Result<(), Unreadable> {
    if runs.next() < 3 {
        return Err(Unreadable);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_formatting_an_error_is_no_second_failure() {
    assert!(unreadable(&Runs::new()).await.is_ok());
    assert_failed_twice("unreadable error", Reason::Error, 2);
    let worker = status("unreadable error");
    let last = worker.last_failure().unwrap();
    assert!(last.message.ends_with("Unreadable"), "{}", last.message);
}

#[supervised(name = "any payload", restart = true)]
async fn any_payload(runs: &Runs) {
    match runs.next() {
        1 => panic_any(7),
        2 => panic_any(String::from("owned")),
        _ => {}
    }
}

#[supervised(name = "resumed", restart = true)]
async fn resumed(runs: &Runs) {
    if runs.next() < 3 {
        resume_unwind(Box::new("no hook"));
    }
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_payload_is_told() {
    let (record, _guard) = record();
    any_payload(&Runs::new()).await;
    resumed(&Runs::new()).await;
    let lines = record.with_message("worker panicked");
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line.field("exception.message").unwrap(),
                line.field("code.line.number").is_some(),
            )
        })
        .collect();
    let expected = [
        ("Box<dyn Any>", true),
        ("owned", true),
        ("no hook", false),
        ("no hook", false),
    ];
    assert_eq!(told, expected);
    assert_failed_twice("resumed", Reason::Panic, 2);
}

#[supervised(name = "inner", restart = false)]
async fn inner() -> u8 {
    panic!("from the inner one")
}

#[supervised(name = "outer", restart = false)]
async fn outer() {
    inner().await;
}

#[tokio::test]
async fn of_nested_workers_each_reports_a_panic_with_its_place() {
    let (record, _guard) = record();
    outer().await;
    for name in ["inner", "outer"] {
        let worker = status(name);
        assert_eq!(
            (worker.panics, worker.exits[Reason::Panic]),
            (1, 1),
            "{name}"
        );
        let last = worker.last_failure().unwrap();
        assert_eq!(last.message, "from the inner one");
        assert!(last.place.is_some(), "{name} knows no place");
    }
    let lines = record.with_message("worker panicked");
    assert_eq!(lines.len(), 2);
    let stacks = lines
        .iter()
        .filter(|line| line.field("exception.stacktrace").is_some());
    assert_eq!(stacks.count(), 1, "one panic has one stack");
}

#[tokio::test(start_paused = true)]
async fn workers_joined_in_one_task_fail_by_themselves() {
    let (first, second) = (Runs::new(), Runs::new());
    tokio::join!(after_an_await(&first), before_the_first_await(&second));
    assert_eq!((first.count(), second.count()), (3, 3));
}

/// A subscriber that panics at every event of this crate, and at this of its
/// spans.
struct Hostile {
    at: At,
}

#[derive(PartialEq)]
enum At {
    Events,
    Exit,
    Close,
}

impl tracing::Subscriber for Hostile {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("supervise")
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {
        panic!("hostile event");
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {
        assert!(self.at != At::Exit, "hostile exit");
    }
    fn try_close(&self, _: tracing::span::Id) -> bool {
        assert!(self.at != At::Close, "hostile close");
        true
    }
}

#[supervised(name = "hostile events", restart = true)]
async fn hostile_events(runs: &Runs) {
    yield_now().await;
    runs.panic_twice();
}

#[supervised(name = "hostile exits", restart = true)]
async fn hostile_exits(runs: &Runs) {
    yield_now().await;
    runs.panic_twice();
}

#[supervised(name = "hostile closes", restart = true)]
async fn hostile_closes(runs: &Runs) {
    yield_now().await;
    runs.panic_twice();
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_that_panics_loses_no_failure_and_adds_none() {
    let guard = tracing::subscriber::set_default(Hostile { at: At::Events });
    hostile_events(&Runs::new()).await;
    drop(guard);
    assert_failed_twice("hostile events", Reason::Panic, 2);
    let guard = tracing::subscriber::set_default(Hostile { at: At::Exit });
    hostile_exits(&Runs::new()).await;
    drop(guard);
    assert_failed_twice("hostile exits", Reason::Panic, 2);
    let guard = tracing::subscriber::set_default(Hostile { at: At::Close });
    hostile_closes(&Runs::new()).await;
    let supervisor = Supervisor::new();
    let crash = supervisor.spawn(async { panic!("with a span to close") });
    assert!(crash.await.unwrap_err().is_panic());
    drop(guard);
    assert_failed_twice("hostile closes", Reason::Panic, 2);
}

/// A subscriber that panics once: when a span is entered, or left, for the n-th time.
struct HostileOnce {
    enters: AtomicU32,
    exits: AtomicU32,
    hostile_enter: u32,
    hostile_exit: u32,
}

impl tracing::Subscriber for HostileOnce {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("supervise")
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &tracing::span::Id) {
        let enters = self.enters.fetch_add(1, SeqCst) + 1;
        assert!(enters != self.hostile_enter, "hostile enter");
    }
    fn exit(&self, _: &tracing::span::Id) {
        let exits = self.exits.fetch_add(1, SeqCst) + 1;
        assert!(exits != self.hostile_exit, "hostile exit");
    }
}

#[supervised(name = "hostile once", restart = true)]
async fn hostile_once(runs: &Runs) -> Result<(), String> {
    yield_now().await;
    match runs.next() {
        run @ 1..=2 => Err(format!("run {run}")),
        _ => Ok(()),
    }
}

/// Runs it under such a subscriber; how often its spans were entered.
async fn enters_with_hostile(hostile_enter: u32, hostile_exit: u32) -> u32 {
    let subscriber = Arc::new(HostileOnce {
        enters: AtomicU32::new(0),
        exits: AtomicU32::new(0),
        hostile_enter,
        hostile_exit,
    });
    let guard = tracing::subscriber::set_default(Arc::clone(&subscriber));
    hostile_once(&Runs::new()).await.unwrap();
    drop(guard);
    let enters = subscriber.enters.load(SeqCst);
    // What could not be entered is not left.
    let failed = u32::from((1..=enters).contains(&hostile_enter));
    assert_eq!(enters - failed, subscriber.exits.load(SeqCst));
    enters
}

#[tokio::test(start_paused = true)]
async fn wherever_a_subscriber_panics_over_a_span_the_errors_are_counted_and_the_worker_goes_on() {
    let name = "hostile once";
    let enters = enters_with_hostile(0, 0).await;
    assert_failed_twice(name, Reason::Error, 0);
    // By each of three runs: for the line about its start, by two polls, and once for
    // all that its end is.
    assert_eq!(enters, 12);
    let (mut times, mut panics) = (1, 0);
    for nth in 1..=enters {
        for (enter, exit) in [(nth, 0), (0, nth)] {
            enters_with_hostile(enter, exit).await;
            times += 1;
            let worker = status(name);
            assert_eq!(worker.exits[Reason::Error], 2 * times);
            assert_eq!(worker.exits[Reason::Finished], times);
            // Only what keeps the body from being polled is a failure.
            let more = worker.exits[Reason::Panic] - panics;
            assert!(more <= u64::from(enter > 0), "at {nth}: {more}");
            panics += more;
            assert_eq!((worker.panics, worker.running), (panics, 0));
        }
    }
    // The polls.
    assert_eq!(panics, 6);
}

#[supervised(name = "unrelated catch", restart = true)]
async fn catches_its_own(runs: &Runs) {
    let caught = std::panic::catch_unwind(|| panic!("handled inside"));
    assert!(caught.is_err());
    runs.panic_twice();
}

#[tokio::test(start_paused = true)]
async fn a_panic_that_the_body_handles_is_nobodys_business() {
    catches_its_own(&Runs::new()).await;
    assert_failed_twice("unrelated catch", Reason::Panic, 2);
    let worker = status("unrelated catch");
    assert_eq!(worker.last_failure().unwrap().message, "run 2");
}
