//! Failures that are no panics: how grave they are, and what is told of an error.

use std::error::Error;
use std::fmt;
use std::future::pending;

use supervise::supervised;
use supervise_tests::Runs;
use supervise_tests::scene::scene;

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
    let (told, _guard) = scene();
    assert!(told_error(&Runs::new()).await.is_ok());
    for (run, level) in [
        (1, " WARN"),
        (2, " WARN"),
        (3, " WARN"),
        (4, " WARN"),
        (5, "ERROR"),
        (6, "ERROR"),
    ] {
        told.has(&format!(
            r#"{level} worker{{worker="told error" run={run}}}: supervise: worker failed worker="told error" run={run} failures={run} restart_in=*s uptime=*s exception.type="log::log::failures::Outer" exception.message="can't sweep: disk full""#
        ));
    }
    assert_eq!(told.with("worker failed").len(), 6);
}

#[tokio::test(start_paused = true)]
async fn the_last_failure_is_an_error_and_giving_up_is_another() {
    #[supervised(
        name = "told the last",
        restart = true,
        backoff = "1s",
        max_restarts = 1
    )]
    async fn told_the_last() -> Result<(), String> {
        Err("refused".into())
    }
    let (told, _guard) = scene();
    assert!(told_the_last().await.is_err());
    told.is([
        r#"DEBUG worker{worker="told the last" run=1}: supervise: worker started worker="told the last" run=1"#,
        r#" WARN worker{worker="told the last" run=1}: supervise: worker failed worker="told the last" run=1 failures=1 restart_in=*s uptime=0ns exception.type="alloc::string::String" exception.message="refused""#,
        r#"DEBUG worker{worker="told the last" run=2}: supervise: worker started worker="told the last" run=2"#,
        r#"ERROR worker{worker="told the last" run=2}: supervise: worker failed worker="told the last" run=2 failures=2 uptime=0ns exception.type="alloc::string::String" exception.message="refused""#,
        r#"ERROR worker{worker="told the last" run=2}: supervise: worker gave up: it will not be restarted worker="told the last" run=2 failures=2 exception.message="refused""#,
    ]);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_as_grave_as_an_error() {
    #[supervised(
        name = "takes long",
        restart = true,
        backoff = "1s",
        timeout = "5s",
        max_restarts = 1
    )]
    async fn takes_long() -> anyhow::Result<()> {
        pending().await
    }
    let (told, _guard) = scene();
    assert!(takes_long().await.is_err());
    told.is([
        r#"DEBUG worker{worker="takes long" run=1}: supervise: worker started worker="takes long" run=1"#,
        r#" WARN worker{worker="takes long" run=1}: supervise: worker timed out worker="takes long" run=1 failures=1 restart_in=*s uptime=5*s exception.type="timeout" exception.message="took longer than 5s""#,
        r#"DEBUG worker{worker="takes long" run=2}: supervise: worker started worker="takes long" run=2"#,
        r#"ERROR worker{worker="takes long" run=2}: supervise: worker timed out worker="takes long" run=2 failures=2 uptime=5*s exception.type="timeout" exception.message="took longer than 5s""#,
        r#"ERROR worker{worker="takes long" run=2}: supervise: worker gave up: it will not be restarted worker="takes long" run=2 failures=2 exception.message="took longer than 5s""#,
    ]);
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
        let (told, _guard) = scene();
        assert!(failing().await.is_err());
        let [failed] = &*told.with("worker failed") else {
            panic!("{told}");
        };
        assert!(failed.starts_with("ERROR"), "it is not restarted");
        let (_, message) = failed.split_once("exception.message=").unwrap();
        message.trim_end().to_owned()
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
    let chain = r#""can't sweep: disk full""#;
    assert_eq!(told!("error", Outer, Outer(Inner)), chain);
    assert_eq!(told!("local box", Local, Outer(Inner).into()), chain);
    assert_eq!(told!("box", Sent, Outer(Inner).into()), chain);
    assert_eq!(
        told!("anyhow", anyhow::Error, wrapped()),
        r#""cleanup: can't sweep: disk full""#
    );
    assert_eq!(
        told!("display", String, "plain text".into()),
        r#""plain text""#
    );
    assert_eq!(
        told!("debug", OnlyDebug, OnlyDebug { code: 7 }),
        r#""OnlyDebug { code: 7 }""#
    );
    assert!(told!("opaque", Opaque, Opaque).ends_with(r#"Opaque""#));
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
    let told = told!("repeats", Repeats, Repeats(Inner));
    assert_eq!(told, r#""can't sweep: disk full""#);
}
