//! The example `incident` as its readers run it: the real program, over real
//! HTTP, in real time.

// Ctrl-C is sent with the command `kill`.
#![cfg(unix)]

mod program;

use std::fs;
use std::process::Command;
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use self::program::{End, Program, eventually, workspace};

const GOOD: &str = r#"{"cache":{"ttl_seconds":3}}"#;
const BAD: &str = r#"{"cache":{}}"#;

const CACHE: &str = "incident_cache_entries";
const PANICS: &str = r#"supervise_panics_total{kind="worker",worker="cleanup"}"#;
const RESTARTS: &str = r#"supervise_restarts_total{reason="panic",worker="cleanup"}"#;
const FAILURES: &str = r#"supervise_consecutive_failures{worker="cleanup"}"#;
const RUNNING: &str = r#"supervise_workers{state="running",worker="cleanup"}"#;
const WAITING: &str = r#"supervise_workers{state="waiting",worker="cleanup"}"#;
const METRICS_PANICS: &str = r#"supervise_panics_total{kind="worker",worker="metrics"}"#;
const METRICS_RUNNING: &str = r#"supervise_workers{state="running",worker="metrics"}"#;

/// More entries than a cache that is cleaned up ever has: ten visitors a
/// second, for 3 s and the second until the next clean-up.
const OVERGROWN: u64 = 60;

#[test]
fn before_the_bad_push_all_is_well() {
    assert_eq!(STORY.greetings[0], "Hello, Ada! (cache miss)\n");
    assert_eq!(STORY.greetings[1], "Hello, Ada! (cache hit)\n");
    assert_eq!(STORY.before.value(RUNNING), Some(1));
    assert_eq!(STORY.before.value(WAITING), Some(0));
    assert_eq!(STORY.before.value(PANICS), Some(0));
    assert_eq!(STORY.before.value(FAILURES), Some(0));
}

#[test]
fn a_crash_loop_shows_as_panics_and_a_worker_that_waits() {
    let broken = &STORY.broken;
    assert!(broken.value(PANICS) >= Some(3), "{broken:?}");
    assert_eq!(broken.value(RUNNING), Some(0), "{broken:?}");
    assert_eq!(broken.value(WAITING), Some(1), "{broken:?}");
    assert_eq!(broken.value(FAILURES), broken.value(PANICS), "{broken:?}");
}

#[test]
fn a_crash_loop_disturbs_neither_requests_nor_other_workers() {
    assert_eq!(STORY.greeting_meanwhile, "Hello, Grace! (cache miss)\n");
    let (broken, overgrown) = (&STORY.broken, &STORY.overgrown);
    assert!(broken.value(CACHE) < overgrown.value(CACHE));
    assert_eq!(overgrown.value(METRICS_PANICS), Some(0));
    assert_eq!(overgrown.value(METRICS_RUNNING), Some(1));
}

#[test]
fn the_log_tells_the_stack_once_and_then_repeats_in_one_line() {
    let panics: Vec<_> = STORY.end.stdout.split("worker panicked").skip(1).collect();
    assert_eq!(Some(panics.len() as u64), STORY.recovered.value(PANICS));
    for (panic, run) in panics.iter().zip(1..) {
        let line = panic.lines().next().unwrap();
        assert!(line.contains(r#"worker="cleanup""#), "{line}");
        assert!(line.contains(&format!(" run={run} ")), "{line}");
        assert!(line.contains("restart_in="), "{line}");
        assert!(line.contains("no cache.ttl_seconds"), "{line}");
        let is_first = run == 1;
        assert_eq!(line.contains("exception.stacktrace="), is_first, "{line}");
        // An optimised build may have inlined it.
        if !is_first || cfg!(debug_assertions) {
            let names_bug = panic.contains("App::remove_expired\n");
            assert_eq!(names_bug, is_first, "{panic}");
        }
    }
}

#[test]
fn a_supervised_panic_is_in_the_log_and_not_on_stderr_as_well() {
    assert_eq!(STORY.end.stderr, "");
}

#[test]
fn a_good_push_heals_the_worker_in_the_running_process() {
    let (overgrown, healed, recovered) = (&STORY.overgrown, &STORY.healed, &STORY.recovered);
    assert_eq!(healed.value(RUNNING), Some(1));
    assert_eq!(healed.value(WAITING), Some(0));
    assert!(healed.value(CACHE) < Some(OVERGROWN), "{healed:?}");
    assert!(healed.value(PANICS) >= overgrown.value(PANICS));
    assert_eq!(healed.value(PANICS), recovered.value(PANICS));
    assert_eq!(recovered.value(RESTARTS), recovered.value(PANICS));
    assert!(recovered.value(CACHE) < Some(OVERGROWN), "{recovered:?}");
}

#[test]
fn ten_seconds_up_make_the_worker_healthy_again() {
    assert!(STORY.healed.value(FAILURES) >= Some(3));
    assert_eq!(STORY.recovered.value(FAILURES), Some(0));
    let log = &STORY.end.stdout;
    let mut told = log.lines().filter(|line| line.contains("worker recovered"));
    let line = told.next().expect("the log says so");
    assert_eq!(told.next(), None, "it says so once");
    assert!(line.contains(r#"worker="cleanup""#), "{line}");
    let (_, uptime) = line.split_once(" uptime=").unwrap();
    let uptime: f64 = uptime.trim_end_matches('s').parse().unwrap();
    assert!((10.0..13.0).contains(&uptime), "{line}");
}

#[test]
fn ctrl_c_ends_the_program_at_once_and_with_success() {
    assert!(STORY.end.status.success(), "{:?}", STORY.end);
    assert!(STORY.end.took < Duration::from_secs(2), "{:?}", STORY.end);
    for told in [r#"shutting down cause="Ctrl-C""#, "worker finished"] {
        assert!(STORY.end.stdout.contains(told), "{told}: {:?}", STORY.end);
    }
}

#[test]
fn sigterm_ends_the_program_in_the_middle_of_a_crash_loop_and_with_success() {
    let program = start(&[]);
    program.push(BAD);
    eventually("cleanup waits", || {
        (program.metrics().value(WAITING) == Some(1)).then_some(())
    });
    let end = program.end("TERM");
    assert!(end.status.success(), "{end:?}");
    assert!(end.took < Duration::from_secs(2), "{end:?}");
    assert!(end.stdout.contains(r#"shutting down cause="SIGTERM""#));
}

#[test]
fn the_printed_curl_lines_do_what_is_said_of_them() {
    if let Err(error) = Command::new("curl").arg("--version").output() {
        println!("skipped: no curl on this machine ({error})");
        return;
    }
    let program = started(program::example("incident").env("RUST_BACKTRACE", "1"));
    let printed = program.stdout.text();
    let lines: Vec<_> = printed
        .lines()
        .filter(|line| line.starts_with("curl "))
        .collect();
    let [bad_push, metrics, good_push] = lines[..] else {
        panic!("not three lines: {lines:?}");
    };
    let accepted = "configuration accepted\n";

    assert_eq!(shell(bad_push), accepted);
    eventually("cleanup waits after two panics", || {
        let metrics = Metrics(shell(metrics));
        metrics.value(CACHE).expect("the size of the cache");
        (metrics.value(PANICS) >= Some(2) && metrics.value(WAITING) == Some(1)).then_some(())
    });
    assert_eq!(
        program
            .stdout
            .text()
            .matches("exception.stacktrace=")
            .count(),
        1
    );

    assert_eq!(shell(good_push), accepted);
    eventually("cleanup stays up", || {
        let before = Metrics(shell(metrics));
        thread::sleep(Duration::from_millis(100));
        let after = Metrics(shell(metrics));
        let is_up = after.value(RUNNING) == Some(1);
        (is_up && before.value(PANICS) == after.value(PANICS)).then_some(())
    });
}

#[test]
fn unsupervised_the_worker_is_gone_without_a_trace_and_the_cache_only_grows() {
    let program = start(&["--unsupervised"]);
    assert_eq!(program.greet("Ada"), "Hello, Ada! (cache miss)\n");
    program.push(BAD);
    eventually("the default panic hook prints", || {
        program
            .stderr
            .text()
            .contains("no cache.ttl_seconds")
            .then_some(())
    });

    let mut size = 0;
    let mut grows_beyond = |limit| {
        eventually("the cache grows", || {
            let metrics = program.metrics();
            for word in ["supervise", "cleanup", "panic"] {
                assert!(!metrics.0.contains(word), "{word} is in {metrics:?}");
            }
            let last = size;
            size = metrics.value(CACHE).unwrap();
            assert!(last <= size, "the cache shrank from {last} to {size}");
            (size > limit).then_some(())
        });
    };
    grows_beyond(OVERGROWN);
    program.push(GOOD);
    grows_beyond(OVERGROWN + 20);

    assert_eq!(program.greet("Ada"), "Hello, Ada! (cache hit)\n");
    let log = program.stdout.text();
    for word in ["ERROR", "WARN", "panicked"] {
        assert!(!log.contains(word), "{word} is in {log}");
    }
    let end = program.end("TERM");
    assert!(end.status.success(), "{end:?}");
}

/// What a supervisor changes in the code, beside the lines of `supervise` itself.
const CHANGES: [(&str, &str); 5] = [
    (
        "pub async fn start(self, listener: TcpListener) -> io::Result<()> {",
        "pub async fn start(self, listener: TcpListener) -> Result<(), ShutdownError> {
        let supervisor = Supervisor::new();",
    ),
    (
        "tokio::spawn(cleanup(self.0.clone()));",
        "supervisor.spawn(cleanup(self.0.clone()));",
    ),
    (
        "tokio::spawn(metrics(self.0.clone()));",
        "supervisor.spawn(metrics(self.0.clone()));",
    ),
    (
        "serve(self.0, listener).await",
        "supervisor.spawn(serve(self.0, listener));
        supervisor.wait().await",
    ),
    (
        "crate::signals::stop_requested()",
        "supervise::shutdown_requested()",
    ),
];

#[test]
fn the_two_services_differ_by_nothing_but_lines_of_supervise_and_its_supervisor() {
    let code = |file| {
        let path = workspace().join("examples/incident").join(file);
        let text = fs::read_to_string(path).unwrap();
        let is_code = |line: &&str| {
            !["//!", "use supervise::", "#[supervised("]
                .iter()
                .any(|words| line.starts_with(words))
        };
        text.lines().filter(is_code).collect::<Vec<_>>().join("\n")
    };
    let mut unsupervised = code("unsupervised.rs");
    for (without, with) in CHANGES {
        assert_eq!(unsupervised.matches(without).count(), 1, "{without}");
        unsupervised = unsupervised.replace(without, with);
    }
    assert_eq!(code("supervised.rs"), unsupervised);
}

/// The incident from its beginning to its end, told once for all tests.
static STORY: LazyLock<Story> = LazyLock::new(Story::run);

struct Story {
    greetings: [String; 2],
    before: Metrics,
    /// Some panics after the bad push, during a wait.
    broken: Metrics,
    greeting_meanwhile: String,
    /// Later, with more in the cache than could be if it were cleaned up.
    overgrown: Metrics,
    /// Soon after the good push.
    healed: Metrics,
    recovered: Metrics,
    end: End,
}

impl Story {
    fn run() -> Self {
        let program = start(&[]);
        let greetings = [program.greet("Ada"), program.greet("Ada")];
        let before = eventually("cleanup runs", || {
            Some(program.metrics()).filter(|metrics| metrics.value(RUNNING) == Some(1))
        });

        program.push(BAD);
        let broken = eventually("cleanup waits after three panics", || {
            Some(program.metrics()).filter(|metrics| {
                metrics.value(PANICS) >= Some(3) && metrics.value(WAITING) == Some(1)
            })
        });
        let greeting_meanwhile = program.greet("Grace");
        let overgrown = eventually("the cache grows", || {
            let limit = broken.value(CACHE).max(Some(OVERGROWN));
            Some(program.metrics()).filter(|metrics| metrics.value(CACHE) > limit)
        });

        program.push(GOOD);
        let healed = eventually("the cache shrinks", || {
            Some(program.metrics()).filter(|metrics| metrics.value(CACHE) < Some(OVERGROWN))
        });
        let recovered = eventually("cleanup recovers", || {
            Some(program.metrics()).filter(|metrics| metrics.value(FAILURES) == Some(0))
        });

        Self {
            greetings,
            before,
            broken,
            greeting_meanwhile,
            overgrown,
            healed,
            recovered,
            end: program.end("INT"),
        }
    }
}

fn start(arguments: &[&str]) -> Program {
    let mut command = program::example("incident");
    started(command.args(arguments))
}

fn started(command: &mut Command) -> Program {
    let program = Program::start(command.args(["--port", "0"]));
    eventually("the program prints what to try", || {
        (program.stdout.text().matches("\ncurl ").count() == 3).then_some(())
    });
    program
}

impl Program {
    fn get(&self, path: &str) -> String {
        let url = format!("{}{path}", self.url);
        let mut response = self.agent.get(url).call().unwrap();
        assert_eq!(response.status(), 200);
        response.body_mut().read_to_string().unwrap()
    }

    fn greet(&self, name: &str) -> String {
        self.get(&format!("/greet/{name}"))
    }

    fn metrics(&self) -> Metrics {
        Metrics(self.get("/metrics"))
    }

    fn push(&self, config: &str) {
        let url = format!("{}/config", self.url);
        let response = self.agent.put(url).send(config).unwrap();
        assert_eq!(response.status(), 200);
    }
}

/// What `/metrics` answered.
#[derive(Debug)]
struct Metrics(String);

impl Metrics {
    fn value(&self, series: &str) -> Option<u64> {
        let mut lines = self.0.lines();
        lines.find_map(|line| line.strip_prefix(series)?.trim_start().parse().ok())
    }
}

fn shell(line: &str) -> String {
    let output = Command::new("sh")
        .args(["-c", line])
        .env("no_proxy", "*")
        .output()
        .unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}
