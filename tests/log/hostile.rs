//! Texts that come from outside: whatever is in them, an event is one line, which
//! says nothing that is not its own and moves no terminal's cursor.

use std::convert::Infallible;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use http::{Request, Response, Uri};
use supervise::tower::SupervisedLayer;
use supervise::{Failure, Worker, supervised};
use supervise_tests::scene::{Scene, scene};
use supervise_tests::status;
use tower::{Layer, Service, service_fn};
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;

/// What a message may hold that was made of a request.
const HOSTILE: &str = "<script>alert(1)</script>\n\
    2026-01-01T00:00:00.000000Z ERROR supervise: worker gave up worker=\"forged\"\r\n\
    {\"level\":\"ERROR\",\"message\":\"forged\"}\x1b[2J\x1b]0;title\x07\x08\0\u{9b}31m\
    \u{202e}\u{2028}\u{feff}\" run=7 \\";

/// Whether nothing in it ends a line or drives a terminal.
fn is_harmless(text: &str) -> bool {
    let drives = |c: char| c.is_control() || "\u{202e}\u{2028}\u{feff}".contains(c);
    !text.contains(drives)
}

/// Of the line with this message: it is one line as text, though its stack may be
/// more, and as JSON it holds the message itself.
fn is_one_line(told: &Scene, message: &str) {
    let lines = told.with(message);
    let [line] = &*lines else {
        panic!("{told}");
    };
    let line = line.strip_suffix('\n').unwrap();
    let (line, stack) = line
        .split_once(" exception.stacktrace=")
        .unwrap_or((line, ""));
    assert!(is_harmless(line), "{line:?}");
    assert!(!stack.contains("forged"), "{stack}");
    assert_eq!(line.matches("exception.message=").count(), 1, "{line}");
    // No key twice, or it would not be read.
    assert_eq!(told.value_of(message, "exception.message"), HOSTILE);
}

#[tokio::test]
async fn a_panic_message_makes_no_line_of_its_own() {
    #[supervised(name = "hostile panic")]
    async fn panics() -> Result<(), Failure> {
        panic!("{HOSTILE}");
    }
    let (told, _guard) = scene();
    assert_eq!(panics().await.unwrap_err().message(), HOSTILE);
    is_one_line(&told, "worker panicked");
    is_one_line(&told, "worker gave up: it will not be restarted");
    assert_eq!(told.texts().len(), 3);
}

#[tokio::test]
async fn nor_does_the_text_of_an_error_or_of_a_task() {
    #[supervised(name = "hostile error")]
    async fn fails() -> Result<(), String> {
        Err(HOSTILE.to_owned())
    }
    let (told, _guard) = scene();
    assert!(fails().await.is_err());
    is_one_line(&told, "worker failed");
    assert!(
        supervise::spawn(async { panic!("{HOSTILE}") })
            .await
            .is_err()
    );
    is_one_line(&told, "task panicked");
}

#[test]
fn nor_does_a_name() {
    static HOSTILE_NAME: Worker = Worker::new(HOSTILE);
    let (told, _guard) = scene();
    HOSTILE_NAME.supervise_blocking(|| {});
    for text in told.texts() {
        assert!(is_harmless(text.trim_end()), "{text:?}");
    }
    for message in ["worker started", "worker finished"] {
        assert_eq!(told.value_of(message, "worker"), HOSTILE);
    }
}

/// A terminal's: with colours, which are the formatter's.
#[tokio::test]
async fn nor_does_it_reach_a_terminal_as_it_is() {
    #[supervised(name = "hostile on a terminal")]
    async fn fails() -> Result<(), String> {
        Err(HOSTILE.to_owned())
    }
    #[derive(Clone, Default)]
    struct Terminal(Arc<Mutex<Vec<u8>>>);
    impl Write for Terminal {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    drop(scene());
    let seen = [(); 3].map(|()| Terminal::default());
    let [full, compact, pretty] = seen.clone();
    let subscriber = tracing_subscriber::registry()
        .with(layer().with_ansi(true).with_writer(move || full.clone()))
        .with(
            layer()
                .compact()
                .with_ansi(true)
                .with_writer(move || compact.clone()),
        )
        .with(
            layer()
                .pretty()
                .with_ansi(true)
                .with_writer(move || pretty.clone()),
        );
    {
        let _guard = tracing::subscriber::set_default(subscriber);
        assert!(fails().await.is_err());
    }
    for terminal in seen {
        let text = String::from_utf8(terminal.0.lock().unwrap().clone()).unwrap();
        // What is left of a colour when its beginning is gone is no control.
        let plain = text.replace("\x1b[", "[").replace('\n', " ");
        assert!(is_harmless(&plain), "{plain:?}");
        assert!(!text.contains("\x1b[2J"), "{text:?}");
        let forged = text.lines().filter(|line| line.starts_with("2026-01-01"));
        assert_eq!(forged.count(), 0, "{text}");
    }
}

/// 1 MiB, the limit of it, and a character of several bytes across it.
fn long() -> String {
    "x".to_owned() + &"ä".repeat(1 << 19)
}

/// What is told of it.
fn excerpt() -> String {
    // The 4096th byte is in the middle of a character.
    let told = "x".to_owned() + &"ä".repeat(2047);
    let left_out = long().len() - told.len();
    format!("{told}… ({left_out} bytes more)")
}

#[tokio::test]
async fn of_a_long_message_the_beginning_is_told_and_the_caller_gets_the_whole() {
    #[supervised(name = "long panic")]
    async fn panics() -> Result<(), Failure> {
        panic!("{}", long());
    }
    #[supervised(name = "long error")]
    async fn fails() -> Result<(), String> {
        Err(long())
    }
    let (told, _guard) = scene();
    assert_eq!(panics().await.unwrap_err().message(), long());
    assert_eq!(fails().await.unwrap_err(), long());
    assert!(
        supervise::spawn(async { panic!("{}", long()) })
            .await
            .is_err()
    );
    for message in ["worker panicked", "worker failed", "task panicked"] {
        assert_eq!(told.value_of(message, "exception.message"), excerpt());
    }
    for text in told.with("worker gave up") {
        assert!(text.len() < 5_000, "{}", text.len());
    }
    for name in ["long panic", "long error"] {
        let status = status(name);
        assert_eq!(status.last_failure().unwrap().message, excerpt());
    }
}

#[test]
fn of_a_long_name_the_beginning_is_the_name() {
    let name: &'static str = long().leak();
    let worker = Worker::new(name);
    let (told, _guard) = scene();
    worker.supervise_blocking(|| {});
    assert_eq!(told.value_of("worker started", "worker"), excerpt());
    assert_eq!(status(&excerpt()).starts, 1);
}

#[tokio::test]
async fn of_a_long_path_the_beginning_is_told() {
    let service = service_fn(
        async |_: Request<()>| -> Result<Response<String>, Infallible> {
            panic!("no such page");
        },
    );
    let mut supervised = SupervisedLayer::new("long path").layer(service);
    let mut request = Request::new(());
    *request.uri_mut() = Uri::try_from("/".to_owned() + &"x".repeat(50_000)).unwrap();
    let (told, _guard) = scene();
    assert_eq!(supervised.call(request).await.unwrap().status(), 500);
    let path = told.value_of("request panicked", "url.path");
    assert_eq!(path, format!("/{}… (45905 bytes more)", "x".repeat(4_095)));
}

#[tokio::test]
async fn of_a_deep_stack_the_innermost_frames_are_told() {
    fn deeper(depth: u32) -> u32 {
        assert!(depth > 0, "at the bottom");
        deeper(depth - 1) + 1
    }
    #[supervised(name = "deep")]
    async fn deep() {
        deeper(2_000);
    }
    let (told, _guard) = scene();
    deep().await;
    let stack = told.value_of("worker panicked", "exception.stacktrace");
    assert!(
        stack.starts_with("0: ") && stack.contains("deeper"),
        "{stack}"
    );
    assert!(stack.ends_with("bytes more)"), "{stack}");
    assert!((32_768..32_900).contains(&stack.len()), "{}", stack.len());
}
