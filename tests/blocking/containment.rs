//! Nothing that user code does inside a run reaches the loop or its caller.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};
use std::sync::Arc;
use std::thread;

use supervise::{Reason, supervised};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};

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

#[test]
fn every_kind_of_payload_is_told() {
    #[supervised(blocking, name = "payloads", restart = true, backoff = "0s")]
    fn payloads(runs: &Runs) {
        match runs.next() {
            1 => panic!("a str"),
            2 => panic!("{}", runs.count()),
            3 => panic_any(7),
            4 => resume_unwind(Box::new("without the hook")),
            _ => {}
        }
    }
    let (record, _guard) = record();
    payloads(&Runs::new());
    let told = record.with_message("worker panicked");
    let told: Vec<_> = told
        .iter()
        .map(|line| line.field("exception.message").unwrap())
        .collect();
    assert_eq!(told, ["a str", "2", "Box<dyn Any>", "without the hook"]);
    assert_eq!(status("payloads").panics, 4);
}

#[test]
fn a_payload_that_panics_when_dropped_is_a_panic_in_the_clean_up() {
    #[supervised(blocking, name = "payload bomb", restart = true, backoff = "0s")]
    fn payload_bomb(runs: &Runs) {
        if runs.next() < 3 {
            panic_any(Bomb("payload"));
        }
    }
    let (record, _guard) = record();
    payload_bomb(&Runs::new());
    assert_failed_twice("payload bomb", Reason::Panic, 4);
    let told = record.with_message("panic in the clean-up after a run");
    let runs: Vec<_> = told.iter().map(|line| line.field("run").unwrap()).collect();
    // Of the run that left it behind.
    assert_eq!(runs, ["1", "2"]);
}

struct CloneBomb(Arc<Runs>);

impl Clone for CloneBomb {
    fn clone(&self) -> Self {
        self.0.panic_twice();
        Self(self.0.clone())
    }
}

#[derive(Clone)]
struct CloneBombSelf(CloneBomb);

impl CloneBombSelf {
    #[supervised(blocking, name = "clone of self", restart = true, backoff = "0s")]
    fn run(self) {
        let _ = self.0;
    }
}

#[test]
fn a_panic_in_cloning_an_argument_is_a_failed_run() {
    #[supervised(blocking, name = "clone", restart = true, backoff = "0s")]
    fn cloned(_argument: CloneBomb, _other: String) {}
    cloned(CloneBomb(Arc::default()), String::new());
    assert_failed_twice("clone", Reason::Panic, 2);
    CloneBombSelf(CloneBomb(Arc::default())).run();
    assert_failed_twice("clone of self", Reason::Panic, 2);
}

#[test]
fn a_panic_in_dropping_a_value_or_an_error_is_a_panic_in_the_clean_up() {
    struct BombError(#[expect(dead_code, reason = "dropped")] Bomb);
    impl fmt::Display for BombError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an error with a bomb")
        }
    }
    #[supervised(blocking, name = "error bomb", restart = true, backoff = "0s")]
    fn error_bomb(runs: &Runs) -> Result<(), BombError> {
        if runs.next() < 3 {
            return Err(BombError(Bomb("error")));
        }
        Ok(())
    }
    #[supervised(
        blocking,
        name = "value bomb",
        restart = "always",
        backoff = "0s",
        max_restarts = 0
    )]
    fn value_bomb(runs: &Runs) -> Option<Bomb> {
        let run = runs.next();
        assert!(run < 4, "enough");
        Some(Bomb("value"))
    }
    assert!(error_bomb(&Runs::new()).is_ok());
    assert_failed_twice("error bomb", Reason::Error, 2);

    let runs = Runs::new();
    assert!(catch_unwind(AssertUnwindSafe(|| value_bomb(&runs))).is_err());
    let worker = status("value bomb");
    assert_eq!((worker.exits[Reason::Finished], worker.panics), (3, 4));
    assert_eq!(worker.exits[Reason::Panic], 1);
}

#[test]
fn a_panic_in_formatting_an_error_is_no_second_failure() {
    struct Unspeakable;
    impl fmt::Display for Unspeakable {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("no words");
        }
    }
    #[supervised(blocking, name = "unspeakable", restart = true, backoff = "0s")]
    fn unspeakable(runs: &Runs) -> Result<(), Unspeakable> {
        if runs.next() < 3 {
            return Err(Unspeakable);
        }
        Ok(())
    }
    assert!(unspeakable(&Runs::new()).is_ok());
    assert_failed_twice("unspeakable", Reason::Error, 2);
}

#[test]
fn a_panic_in_dropping_an_argument_is_a_failed_run() {
    #[supervised(blocking, name = "argument bomb")]
    fn argument_bomb(_bomb: Bomb) {}
    argument_bomb(Bomb("argument"));
    let worker = status("argument bomb");
    assert_eq!((worker.panics, worker.exits[Reason::Panic]), (1, 1));
}

#[test]
fn a_panic_that_goes_on_is_counted_once_in_each_worker_that_it_passes() {
    #[supervised(
        blocking,
        name = "inner thread worker",
        restart = true,
        backoff = "0s",
        max_restarts = 1
    )]
    fn inner() -> u8 {
        panic!("through both");
    }
    #[supervised(blocking, name = "outer thread worker")]
    fn outer() -> u8 {
        inner()
    }
    let (record, _guard) = record();
    assert!(catch_unwind(outer).is_err());
    let worker = status("inner thread worker");
    assert_eq!((worker.panics, worker.exits[Reason::Panic]), (2, 2));
    let worker = status("outer thread worker");
    assert_eq!((worker.panics, worker.exits[Reason::Panic]), (1, 1));
    assert_eq!(worker.exits.total(), worker.starts);
    let told = record.with_message("worker panicked");
    assert_eq!(told.len(), 3);
    assert!(told[2].field("code.line.number").is_some());
}

#[test]
fn a_panic_in_making_the_callers_error_is_the_callers() {
    #[derive(Debug)]
    struct BadError;
    impl From<supervise::Failure> for BadError {
        fn from(_: supervise::Failure) -> Self {
            panic!("in `From`");
        }
    }
    #[supervised(blocking, name = "bad error")]
    fn bad_error() -> Result<(), BadError> {
        panic!("in the run");
    }
    assert!(catch_unwind(bad_error).is_err());
    let worker = status("bad error");
    assert_eq!((worker.starts, worker.panics), (1, 1));
    assert_eq!((worker.exits.total(), worker.gave_up), (1, 1));
}
