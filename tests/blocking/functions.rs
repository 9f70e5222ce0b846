//! Every plain function can be one.

use std::fmt::Display;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use supervise::{Backoff, Failure, MaxRestarts, Policy, Reason, Restart, Worker, supervised};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};

/// A service's synchronous `start`: contained, logged and counted, and no more.
#[supervised(blocking)]
fn start(port: u16) -> Result<u16, io::Error> {
    assert!(port > 0, "no port");
    Ok(port)
}

#[test]
fn a_start_that_is_run_once_is_contained_logged_and_counted() {
    let (record, _guard) = record();
    assert_eq!(start(1).unwrap(), 1);
    let error = start(0).unwrap_err();
    let name = "functions::start";
    assert_eq!(
        error.to_string(),
        format!("worker `{name}` panicked: no port")
    );
    let failure = error.into_inner().unwrap().downcast::<Failure>().unwrap();
    assert!(failure.is_panic() && failure.location().is_some());
    let worker = status(name);
    assert_eq!((worker.starts, worker.panics, worker.gave_up), (2, 1, 1));
    assert_eq!(worker.exits[Reason::Finished], 1);
    let told = record.with_message("worker panicked");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].field("exception.message"), Some("no port"));
    assert!(
        told[0]
            .field("exception.stacktrace")
            .unwrap()
            .contains("start")
    );
    assert_eq!(record.with_message("worker finished").len(), 1);
    let (name, fields) = &told[0].spans[0];
    assert_eq!((*name, fields["run"].as_str()), ("worker", "1"));
}

#[derive(Clone, Default)]
struct Service {
    runs: Arc<Runs>,
    total: u32,
}

trait Work {
    fn by_default(&self) -> &Runs;

    #[supervised(blocking, name = "default body", restart = true, backoff = "0s")]
    fn work(&self, add: u32) -> u32 {
        self.by_default().panic_twice();
        self.by_default().count() + add
    }
}

impl Work for Service {
    fn by_default(&self) -> &Runs {
        &self.runs
    }
}

impl Service {
    #[supervised(blocking, restart = true, backoff = "0s")]
    fn shared(&self) -> &u32 {
        self.runs.panic_twice();
        &self.total
    }

    #[supervised(blocking, restart = true, backoff = "0s")]
    fn exclusive(&mut self, add: u32) -> u32 {
        self.total += add;
        self.runs.panic_twice();
        self.total
    }

    #[supervised(blocking, restart = true, backoff = "0s")]
    fn owned(mut self) -> u32 {
        self.total += 1;
        self.runs.panic_twice();
        self.total
    }

    #[supervised(blocking, restart = true, backoff = "0s")]
    fn in_an_arc(self: Arc<Self>) -> Arc<Self> {
        self.runs.panic_twice();
        self
    }

    #[supervised(blocking, restart = true, backoff = "0s")]
    fn kept(#[keep] self) -> u32 {
        self.total += 1;
        self.runs.panic_twice();
        self.total
    }

    #[supervised(blocking)]
    fn lent_once(&mut self) -> &mut u32 {
        &mut self.total
    }
}

#[test]
fn methods_have_every_receiver() {
    let service = Service::default;
    assert_eq!(*service().shared(), 0);
    assert_eq!(service().work(4), 7);
    // What earlier runs wrote is there.
    assert_eq!(service().exclusive(2), 6);
    // Each run has a copy of what the caller passed.
    assert_eq!(service().owned(), 1);
    let shared = Arc::new(service());
    assert!(Arc::ptr_eq(&Arc::clone(&shared).in_an_arc(), &shared));
    assert_eq!(service().kept(), 3);
    *service().lent_once() += 1;
    for method in ["shared", "exclusive", "owned", "in_an_arc", "kept"] {
        let worker = status(&format!("Service::{method}"));
        assert_eq!((worker.starts, worker.panics), (3, 2), "{method}");
    }
}

#[supervised(blocking, name = "arguments", restart = true, backoff = "0s")]
fn arguments<'a, T: Clone + Display>(
    runs: &'a Runs,
    out: &mut Vec<String>,
    (low, mut high): (u32, u32),
    generic: T,
    show: impl Fn(&str) -> String + Clone,
    #[keep] jobs: Receiver<u32>,
    mut text: String,
) -> (&'a Runs, impl Iterator<Item = u32>) {
    high += 1;
    text.push('!');
    let job = jobs.try_recv().unwrap_or_default();
    out.push(show(&format!("{low} {high} {generic} {text} {job}")));
    runs.panic_twice();
    (runs, jobs.try_iter().collect::<Vec<_>>().into_iter())
}

#[test]
fn arguments_are_copied_lent_and_kept() {
    let (sender, jobs) = channel();
    (1..=5).for_each(|job| sender.send(job).unwrap());
    let (runs, mut out) = (Runs::new(), Vec::new());
    let pair = (1, 2);
    let show = |text: &str| format!("<{text}>");
    let (_, rest) = arguments(&runs, &mut out, pair, 'x', show, jobs, "a".into());
    assert_eq!(rest.collect::<Vec<_>>(), [4, 5]);
    assert_eq!(out, ["<1 3 x a! 1>", "<1 3 x a! 2>", "<1 3 x a! 3>"]);
}

#[supervised(blocking, name = "question mark", restart = true, backoff = "0s")]
fn question_mark(runs: &Runs, text: &str) -> Result<Box<dyn Display>, Box<dyn std::error::Error>> {
    if runs.next() < 3 {
        text.parse::<u8>()?;
    }
    if text.is_empty() {
        return Ok(Box::new(0));
    }
    Ok(Box::new(text.len()))
}

#[test]
fn a_question_mark_and_a_return_end_the_run() {
    let (record, _guard) = record();
    let length = question_mark(&Runs::new(), "text").unwrap();
    assert_eq!(length.to_string(), "4");
    let told = record.with_message("worker failed");
    assert_eq!(told.len(), 2);
    let invalid = "invalid digit found in string";
    assert_eq!(told[0].field("exception.message"), Some(invalid));
}

#[derive(Debug, PartialEq)]
enum JobError {
    Fatal,
    Passing,
    Crashed(String),
}

impl JobError {
    fn is_fatal(&self) -> bool {
        *self == Self::Fatal
    }
}

impl From<Failure> for JobError {
    fn from(failure: Failure) -> Self {
        Self::Crashed(failure.message().into())
    }
}

fn unwound<T>(f: impl FnOnce() -> T) -> &'static str {
    let payload = catch_unwind(AssertUnwindSafe(f)).err().unwrap();
    payload.downcast_ref::<&'static str>().unwrap()
}

#[test]
fn the_caller_gets_what_the_output_can_hold() {
    #[supervised(blocking, name = "unit gives up")]
    fn unit() {
        panic!("held");
    }
    #[supervised(blocking, name = "holds")]
    fn holds() -> Result<u8, JobError> {
        panic!("held");
    }
    #[supervised(blocking, name = "can't hold")]
    fn other() -> u8 {
        panic!("goes on");
    }
    #[supervised(blocking, name = "no From")]
    fn result() -> Result<u8, u8> {
        panic!("goes on");
    }
    #[supervised(blocking, name = "never")]
    fn never() -> ! {
        panic!("goes on");
    }
    #[supervised(blocking, name = "unit panics", on_give_up = "panic")]
    fn unit_panics() {
        panic!("goes on");
    }
    #[supervised(blocking, name = "must hold", on_give_up = "return")]
    fn must_hold() -> Result<(), JobError> {
        panic!("held");
    }
    let (record, _guard) = record();
    unit();
    let held = || JobError::Crashed("held".into());
    assert_eq!(holds(), Err(held()));
    assert_eq!(must_hold(), Err(held()));
    assert_eq!(unwound(other), "goes on");
    assert_eq!(unwound(result), "goes on");
    assert_eq!(unwound(|| never()), "goes on");
    assert_eq!(unwound(unit_panics), "goes on");
    let names = [
        "unit gives up",
        "holds",
        "can't hold",
        "no From",
        "never",
        "unit panics",
        "must hold",
    ];
    for name in names {
        let worker = status(name);
        assert_eq!((worker.starts, worker.panics), (1, 1), "{name}");
        assert_eq!((worker.exits.total(), worker.gave_up), (1, 1), "{name}");
    }
    assert_eq!(record.with_message("worker panicked").len(), names.len());
    assert_eq!(record.with_message("worker gave up").len(), names.len());
}

#[test]
fn an_error_that_a_restart_cannot_help_ends_the_worker() {
    #[supervised(blocking, name = "judged", restart = true, backoff = "0s", give_up_if = JobError::is_fatal)]
    fn judged(runs: &Runs) -> Result<(), JobError> {
        match runs.next() {
            1 => Err(JobError::Passing),
            2 => panic_any("a panic is not asked about"),
            _ => Err(JobError::Fatal),
        }
    }
    let runs = Runs::new();
    assert_eq!(judged(&runs), Err(JobError::Fatal));
    assert_eq!((runs.count(), status("judged").gave_up), (3, 1));
}

#[test]
fn a_policy_is_a_value_and_limits_the_restarts() {
    const POLICY: Policy = Policy::new()
        .restart(Restart::OnFailure)
        .backoff(Backoff::constant(Duration::ZERO))
        .max_restarts(MaxRestarts::since_healthy(2));
    #[supervised(blocking, name = "limited", policy = policy)]
    fn limited(policy: Policy, runs: &Runs) {
        let _ = policy;
        runs.next();
        panic!("again");
    }
    let runs = Runs::new();
    limited(POLICY, &runs);
    assert_eq!((runs.count(), status("limited").gave_up), (3, 1));
}

#[test]
fn a_closure_is_a_worker_too() {
    static WORKER: Worker = Worker::new("blocking closure")
        .policy(Policy::new().restart(Restart::OnFailure).backoff(ZERO));
    static UNIT: Worker = Worker::new("blocking unit closure");
    const ZERO: Backoff = Backoff::constant(Duration::ZERO);
    let mut runs = 0;
    let value = WORKER.supervise_blocking(|| {
        runs += 1;
        match runs {
            1 => Err("an error"),
            2 => panic!("a panic"),
            _ => Ok(runs),
        }
    });
    assert_eq!(value, Ok(3));
    let worker = status("blocking closure");
    assert_eq!((worker.starts, worker.panics), (3, 1));
    assert_eq!(worker.exits[Reason::Error], 1);
    UNIT.supervise_blocking(|| assert!(runs == 0, "held"));
    assert_eq!(status("blocking unit closure").gave_up, 1);
}
