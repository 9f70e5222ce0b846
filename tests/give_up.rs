//! What the caller gets when a worker gives up, and when it does.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use supervise::{Failure, Reason, supervised};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};

#[derive(Debug)]
enum JobError {
    Fatal,
    Passing,
    Crashed,
}

impl JobError {
    fn is_fatal(&self) -> bool {
        matches!(self, Self::Fatal)
    }
}

impl From<Failure> for JobError {
    fn from(_: Failure) -> Self {
        Self::Crashed
    }
}

#[supervised(name = "fatal", restart = true, give_up_if = JobError::is_fatal)]
async fn fatal(runs: &Runs) -> Result<(), JobError> {
    match runs.next() {
        1 => Err(JobError::Passing),
        2 => panic!("a panic is not asked about"),
        _ => Err(JobError::Fatal),
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_a_restart_cannot_help_ends_the_worker() {
    let (record, _guard) = record();
    let runs = Runs::new();
    assert!(matches!(fatal(&runs).await, Err(JobError::Fatal)));
    assert_eq!(runs.count(), 3);
    assert_eq!(status("fatal").gave_up, 1);
    assert_eq!(record.with_message("worker gave up").len(), 1);
}

#[supervised(name = "bad judge", restart = true, give_up_if = panics)]
async fn badly_judged(runs: &Runs) -> Result<(), JobError> {
    if runs.next() < 3 {
        return Err(JobError::Passing);
    }
    Ok(())
}

fn panics(_: &JobError) -> bool {
    panic!("no judgement")
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_judging_an_error_is_contained_and_the_worker_restarted() {
    assert!(badly_judged(&Runs::new()).await.is_ok());
    let worker = status("bad judge");
    assert_eq!((worker.exits[Reason::Error], worker.panics), (2, 2));
}

type Alias<T> = Result<T, JobError>;

#[supervised(name = "aliased", restart = "on_panic")]
async fn aliased() -> Alias<u8> {
    Err(JobError::Passing)
}

#[tokio::test]
async fn an_error_behind_an_alias_is_recognised() {
    assert!(aliased().await.is_err());
    assert_eq!(status("aliased").exits[Reason::Error], 1);
}

#[supervised(on_give_up = "panic")]
async fn fail_fast() {
    panic!("for the caller");
}

#[supervised(on_give_up = "panic")]
async fn fail_fast_with_an_error() -> Result<(), JobError> {
    panic!("for the caller");
}

#[tokio::test]
async fn on_give_up_panic_hands_the_panic_to_the_caller_whatever_the_output() {
    for task in [
        tokio::spawn(fail_fast()),
        tokio::spawn(async { drop(fail_fast_with_an_error().await) }),
    ] {
        let panic = task.await.unwrap_err().into_panic();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"for the caller"));
    }
}

#[supervised(on_give_up = "return")]
async fn returns() -> Result<(), JobError> {
    panic!("held");
}

#[supervised(on_give_up = "return")]
async fn returns_nothing() {
    panic!("held");
}

#[tokio::test]
async fn on_give_up_return_holds_the_panic_in_the_output() {
    assert!(matches!(returns().await, Err(JobError::Crashed)));
    returns_nothing().await;
}

#[supervised(name = "escalates", on_give_up = "panic")]
async fn inner() {
    panic!("up");
}

static OUTER_RUNS: AtomicU32 = AtomicU32::new(0);

#[supervised(name = "is escalated to", restart = true)]
async fn outer() {
    if OUTER_RUNS.fetch_add(1, SeqCst) < 2 {
        inner().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_inner_worker_that_gives_up_escalates_to_the_outer_one() {
    outer().await;
    assert_eq!(status("escalates").gave_up_total, 2);
    assert_eq!(status("is escalated to").restarts[Reason::Panic], 2);
}

#[tokio::test]
async fn a_failure_is_an_error_that_tells_all() {
    #[supervised(name = "tells all")]
    async fn tells_all() -> Result<(), Failure> {
        panic!("why")
    }
    fn is_error<T: std::error::Error + Send + Sync + 'static>(_: &T) {}
    let failure = tells_all().await.unwrap_err();
    is_error(&failure);
    assert!(failure.is_panic() && !failure.is_timeout());
    assert_eq!((failure.worker(), failure.message()), ("tells all", "why"));
    let place = failure.location().unwrap();
    assert!(place.file().ends_with("give_up.rs") && place.line() > 1 && place.column() > 1);
    assert!(failure.stack().unwrap().contains("tells_all"));
    assert_eq!(failure.to_string(), "worker `tells all` panicked: why");
}
