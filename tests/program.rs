//! Programs of `examples` as their users run them: the real program, over real
//! HTTP, in real time.

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Runs an example, which is built before the first time.
pub fn example(name: &'static str) -> Command {
    static BUILT: Mutex<BTreeMap<&str, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let mut command = Command::new(built.entry(name).or_insert_with(|| build(name)));
    command
        .env_remove("RUST_BACKTRACE")
        .env_remove("RUST_LIB_BACKTRACE");
    command
}

/// Builds it in the target directory that this test is in:
/// `target/debug/deps/incident-0123` is beside `target/debug/examples/incident`.
fn build(example: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let name = profile.file_name().unwrap().to_str().unwrap();
    let built = Command::new(env!("CARGO"))
        .current_dir(workspace())
        .args(["build", "--package", "supervise-examples"])
        .args(["--example", example, "--target-dir"])
        .arg(profile.parent().unwrap())
        .args(["--profile", if name == "debug" { "dev" } else { name }])
        .status();
    assert!(built.unwrap().success(), "the example does not build");
    profile.join("examples").join(example)
}

pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A program, running; killed when a test is done with it.
pub struct Program {
    pub child: Child,
    pub stdout: Output,
    pub stderr: Output,
    pub url: String,
    pub agent: ureq::Agent,
}

/// How a program ended, how long after it was told to, and all that it wrote.
#[derive(Debug)]
pub struct End {
    pub status: ExitStatus,
    pub took: Duration,
    pub stdout: String,
    pub stderr: String,
}

impl Program {
    /// One that serves HTTP: ready when it says where.
    pub fn start(command: &mut Command) -> Self {
        let mut program = Self::spawn(command);
        program.url = eventually("the program prints its address", || {
            let stdout = program.stdout.text();
            let mut lines = stdout.lines();
            lines.find_map(|line| Some(line.strip_prefix("Serving on ")?.to_owned()))
        });
        program
    }

    pub fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            stdout: Output::of(child.stdout.take().unwrap()),
            stderr: Output::of(child.stderr.take().unwrap()),
            child,
            url: String::new(),
            agent: ureq::Agent::config_builder()
                .proxy(None)
                .timeout_global(Some(Duration::from_secs(5)))
                .build()
                .into(),
        }
    }

    pub fn signal(&self, name: &str) {
        let kill = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
    }

    pub fn end(self, signal: &str) -> End {
        let sent = Instant::now();
        self.signal(signal);
        self.ended(sent)
    }

    /// Once it has ended by itself, or for what happened at `told`.
    pub fn ended(mut self, told: Instant) -> End {
        let status = eventually("the program ends", || self.child.try_wait().unwrap());
        End {
            status,
            took: told.elapsed(),
            stdout: self.stdout.whole(),
            stderr: self.stderr.whole(),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Fails if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the program has written so far.
pub struct Output {
    text: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Output {
    fn of(stream: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let shared = text.clone();
        let read = move || {
            for line in BufReader::new(stream).lines() {
                let line = line.unwrap() + "\n";
                shared.lock().unwrap().push_str(&line);
            }
        };
        let reader = Some(thread::spawn(read));
        Self { text, reader }
    }

    pub fn text(&self) -> String {
        self.text.lock().unwrap().clone()
    }

    /// Up to its end, once the program has ended.
    fn whole(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.text()
    }
}

/// What `poll` finds at last.
pub fn eventually<T>(what: &str, mut poll: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = poll() {
            return found;
        }
        assert!(
            Instant::now() < deadline,
            "within 30 s it never was that {what}"
        );
        thread::sleep(Duration::from_millis(20));
    }
}
