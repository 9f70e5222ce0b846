//! The program `unlucky`, run to its end.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

/// How it ended, and all that it wrote.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub stdout: String,
    /// The log, and what the panic hook printed.
    pub stderr: String,
}

/// What `abort` raises.
const SIGABRT: i32 = 6;

pub fn run(arguments: &[&str]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_unlucky"))
        .args(arguments)
        .env_remove("RUST_BACKTRACE")
        .env_remove("RUST_LIB_BACKTRACE")
        // A core is dumped, if at all, where nobody minds.
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .output()
        .unwrap();
    Ended {
        code: output.status.code(),
        signal: output.status.signal(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ended {
    /// In the middle of the first run: it was logged that it began, and not how
    /// it ended, and the worker was not restarted.
    pub fn is_cut_off(&self) {
        let lines: Vec<_> = self.logged().collect();
        let [started] = &*lines else {
            panic!("{lines:#?}");
        };
        assert!(started.contains("worker started"), "{started}");
        assert!(started.contains("run=1"), "{started}");
    }

    pub fn is_aborted(&self) {
        assert_eq!(self.signal, Some(SIGABRT), "{self:?}");
    }

    pub fn is_a_success(&self) {
        assert_eq!(self.code, Some(0), "{self:?}");
    }

    /// These are on stderr, in this order.
    pub fn says<const N: usize>(&self, texts: [&str; N]) {
        let mut rest = &*self.stderr;
        for text in texts {
            let Some((_, after)) = rest.split_once(text) else {
                panic!("{text:?} is not said:\n{rest}");
            };
            rest = after;
        }
    }

    /// The lines of the log.
    pub fn logged(&self) -> impl Iterator<Item = &str> {
        let is_logged =
            |line: &&str| line.contains(" supervise: ") || line.contains(" supervise::panic: ");
        self.stderr.lines().filter(is_logged)
    }
}
