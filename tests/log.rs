//! Each transition of a worker is one log event, with the contract's target,
//! level and fields.

use std::error::Error;
use std::fmt;
use std::future::pending;
use std::panic::catch_unwind;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use supervise::supervised;
use supervise_tests::Runs;
use supervise_tests::record::{Line, record};
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};
use tracing::span::Id;
use tracing::{Level, Subscriber, info, info_span};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

fn fields(line: &Line) -> Vec<&str> {
    line.fields.keys().copied().collect()
}

#[supervised(name = "told panic", restart = true, backoff = "4s")]
async fn told_panic(runs: &Runs) {
    sleep(Duration::from_millis(1_500)).await;
    runs.panic_twice();
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_one_error_with_what_where_and_why() {
    let (record, _guard) = record();
    told_panic(&Runs::new()).await;
    let lines = record.with_message("worker panicked");
    assert_eq!(lines.len(), 2);
    let first = &lines[0];
    assert_eq!(
        (first.level, first.target.as_str()),
        (Level::ERROR, "supervise::panic")
    );
    for (field, value) in [
        ("worker", "told panic"),
        ("run", "1"),
        ("failures", "1"),
        ("exception.type", "panic"),
        ("exception.message", "run 1"),
    ] {
        assert_eq!(first.field(field), Some(value), "{field}");
    }
    assert!(first.field("uptime").unwrap().starts_with("1.5"));
    let wait = first.field("restart_in").unwrap();
    assert!(
        ["2", "3", "4"].iter().any(|s| wait.starts_with(s)) && wait.ends_with('s'),
        "{wait}"
    );
    // `Runs::panic_twice`, which the body called.
    assert!(first.field("code.file.path").unwrap().ends_with("lib.rs"));
    assert!(
        first
            .field("code.line.number")
            .unwrap()
            .parse::<u32>()
            .is_ok()
    );
}

#[tokio::test(start_paused = true)]
async fn only_the_first_panic_at_a_place_has_a_stack() {
    #[supervised(name = "two places", restart = true)]
    async fn two_places(runs: &Runs) {
        match runs.next() {
            1 | 3 => panic!("here"),
            2 | 4 => panic!("there"),
            _ => {}
        }
    }
    let (record, _guard) = record();
    two_places(&Runs::new()).await;
    let lines = record.with_message("worker panicked");
    let stacks: Vec<_> = lines
        .iter()
        .map(|line| line.field("exception.stacktrace"))
        .collect();
    assert_eq!(
        stacks.iter().map(Option::is_some).collect::<Vec<_>>(),
        [true, true, false, false]
    );
    let stack = stacks[0].unwrap();
    assert!(
        stack.starts_with("0: ") && stack.contains("two_places"),
        "{stack}"
    );
    assert!(
        !stack.contains("supervise::") && !stack.contains("tokio::"),
        "{stack}"
    );
    assert!(!stack.contains("core::panicking"), "{stack}");
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_told_in_the_span_that_it_happened_in() {
    #[supervised(name = "in a span")]
    async fn in_a_span() {
        info_span!("job", job_id = 42).in_scope(|| panic!("inside"));
    }
    let (record, _guard) = record();
    in_a_span().await;
    let line = &record.with_message("worker panicked")[0];
    let spans: Vec<_> = line.spans.iter().map(|(name, _)| *name).collect();
    assert_eq!(spans, ["worker", "job"]);
    assert_eq!(line.spans[1].1["job_id"], "42");
}

/// The names of the spans that were closed.
#[derive(Clone, Default)]
struct Closed(Arc<Mutex<Vec<&'static str>>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Closed {
    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let name = context.span(&id).unwrap().name();
        self.0.lock().unwrap().push(name);
    }
}

#[tokio::test(start_paused = true)]
async fn the_span_of_a_panic_that_the_body_handles_is_closed_though_the_run_goes_on() {
    #[supervised(name = "handles")]
    async fn handles() {
        let fails = || info_span!("handled").in_scope(|| panic!("in a span"));
        assert!(catch_unwind(fails).is_err());
        yield_now().await;
        pending::<()>().await;
    }
    // Keeps the interest of other tests.
    drop(record());
    let closed = Closed::default();
    let subscriber = tracing_subscriber::registry().with(closed.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    let mut worker = pin!(handles());
    assert!(timeout(Duration::from_secs(1), &mut worker).await.is_err());
    assert_eq!(*closed.0.lock().unwrap(), ["handled"]);
}

#[tokio::test(start_paused = true)]
async fn the_lines_of_a_run_are_in_its_span() {
    #[supervised(name = "spanned", restart = true)]
    async fn spanned(runs: &Runs) {
        info!("mine");
        sleep(Duration::from_millis(10)).await;
        info!("mine");
        runs.panic_twice();
    }
    let (record, _guard) = record();
    info!("mine, outside");
    spanned(&Runs::new()).await;
    let lines = record.with_message("mine");
    assert!(lines[0].spans.is_empty());
    for (line, run) in lines[1..].iter().zip(["1", "1", "2", "2", "3", "3"]) {
        let (name, fields) = &line.spans[0];
        assert_eq!(*name, "worker");
        assert_eq!(
            (fields["worker"].as_str(), fields["run"].as_str()),
            ("spanned", run)
        );
        assert!(
            !fields.contains_key("name"),
            "it would double a key in JSON"
        );
    }
    for line in record.lines() {
        assert_eq!(
            line.spans.first().map(|(name, _)| *name),
            Some("worker"),
            "{line:?}"
        );
    }
}

#[derive(Debug)]
struct Outer(Inner);

#[derive(Debug)]
struct Inner;

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("can't sweep")
    }
}

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("disk full")
    }
}

impl Error for Inner {}

impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_is_a_warning_until_it_is_the_fifth_in_a_row() {
    #[supervised(name = "told error", restart = true)]
    async fn told_error(runs: &Runs) -> Result<(), Outer> {
        if runs.next() <= 6 {
            return Err(Outer(Inner));
        }
        Ok(())
    }
    let (record, _guard) = record();
    assert!(told_error(&Runs::new()).await.is_ok());
    let lines = record.with_message("worker failed");
    let levels: Vec<_> = lines.iter().map(|line| line.level).collect();
    let (warn, error) = (Level::WARN, Level::ERROR);
    assert_eq!(levels, [warn, warn, warn, warn, error, error]);
    for line in &lines {
        assert_eq!(line.target, "supervise");
        assert_eq!(
            line.field("exception.message"),
            Some("can't sweep: disk full")
        );
        assert!(
            line.field("exception.type")
                .unwrap()
                .ends_with("log::Outer")
        );
        assert!(line.field("restart_in").is_some());
    }
}

fn wrapped() -> anyhow::Error {
    anyhow::Error::new(Outer(Inner)).context("cleanup")
}

/// What the log says of an error of this type.
macro_rules! told {
    ($name:literal, $error:ty, $value:expr) => {{
        #[supervised(name = $name)]
        async fn failing() -> Result<(), $error> {
            Err($value)
        }
        let (record, _guard) = record();
        assert!(failing().await.is_err());
        let lines = record.with_message("worker failed");
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].level, Level::ERROR, "it is not restarted");
        lines[0].field("exception.message").unwrap().to_owned()
    }};
}

#[tokio::test]
async fn every_kind_of_error_is_told_as_well_as_its_type_allows() {
    #[derive(Debug)]
    struct OnlyDebug {
        #[allow(dead_code)]
        code: u8,
    }
    struct Opaque;
    type Local = Box<dyn Error>;
    type Sent = Box<dyn Error + Send + Sync>;
    assert_eq!(
        told!("error", Outer, Outer(Inner)),
        "can't sweep: disk full"
    );
    assert_eq!(
        told!("local box", Local, Outer(Inner).into()),
        "can't sweep: disk full"
    );
    assert_eq!(
        told!("box", Sent, Outer(Inner).into()),
        "can't sweep: disk full"
    );
    assert_eq!(
        told!("anyhow", anyhow::Error, wrapped()),
        "cleanup: can't sweep: disk full"
    );
    assert_eq!(told!("display", String, "plain text".into()), "plain text");
    assert_eq!(
        told!("debug", OnlyDebug, OnlyDebug { code: 7 }),
        "OnlyDebug { code: 7 }"
    );
    assert!(told!("opaque", Opaque, Opaque).ends_with("Opaque"));
}

#[tokio::test]
async fn an_error_that_repeats_its_source_is_told_once() {
    #[derive(Debug)]
    struct Repeats(Inner);
    impl fmt::Display for Repeats {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "can't sweep: {}", self.0)
        }
    }
    impl Error for Repeats {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }
    assert_eq!(
        told!("repeats", Repeats, Repeats(Inner)),
        "can't sweep: disk full"
    );
}

#[tokio::test(start_paused = true)]
async fn starting_finishing_and_being_cancelled_are_told() {
    #[supervised(name = "quiet life")]
    async fn finishes() {
        sleep(Duration::from_secs(2)).await;
    }
    #[supervised(name = "cut short")]
    async fn pends() {
        pending::<()>().await;
    }
    let (record, _guard) = record();
    finishes().await;
    let _ = tokio::time::timeout(Duration::from_secs(1), pends()).await;
    let told: Vec<_> = record
        .lines()
        .iter()
        .map(|line| (line.level, line.message().to_owned(), fields(line).len()))
        .collect();
    let expected = [
        (Level::DEBUG, "worker started", 3),
        (Level::INFO, "worker finished", 4),
        (Level::DEBUG, "worker started", 3),
        (Level::DEBUG, "worker cancelled", 4),
    ];
    assert_eq!(
        told,
        expected.map(|(level, text, fields)| (level, text.to_owned(), fields))
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_that_panics_tells_nothing_but_its_panic() {
    let (record, _guard) = record();
    told_panic(&Runs::new()).await;
    let told: Vec<_> = record
        .lines()
        .iter()
        .map(|line| line.message().to_owned())
        .collect();
    let expected = [
        "worker started",
        "worker panicked",
        "worker started",
        "worker panicked",
        "worker started",
        "worker finished",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn two_workers_of_one_name_are_told_once_with_both_places() {
    #[supervised(name = "namesake")]
    async fn first() {}
    #[supervised(name = "namesake")]
    async fn second() {}
    #[supervised(name = "namesake")]
    async fn third() {}
    let (record, _guard) = record();
    first().await;
    first().await;
    assert!(record.with_message("two different workers").is_empty());
    second().await;
    third().await;
    second().await;
    let told = record.with_message("two different workers");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].level, Level::WARN);
    assert_eq!(told[0].field("worker"), Some("namesake"));
    for place in ["first", "second"] {
        assert!(
            told[0].field(place).unwrap().starts_with("tests/log.rs:"),
            "{told:?}"
        );
    }
    assert_ne!(told[0].field("first"), told[0].field("second"));
}
