//! Instructions, counted by valgrind.

use std::io::ErrorKind;
use std::process::Command;

use crate::Fallible;
use crate::job::Job;
use crate::process::{Task, command, successful};

const WATCHER: [&str; 4] = [
    "valgrind",
    // Counts what callgrind counts, in half the time.
    "--tool=cachegrind",
    "--cache-sim=no",
    "--cachegrind-out-file=/dev/null",
];

/// Valgrind is there.
#[derive(Clone, Copy)]
pub struct Valgrind(());

impl Valgrind {
    /// # Errors
    ///
    /// The reason for which nothing can be counted here.
    pub fn find() -> Fallible<Self> {
        match Command::new(WATCHER[0]).arg("--version").output() {
            Ok(output) if output.status.success() => Ok(Self(())),
            Ok(output) => Err(format!("`valgrind --version` failed: {}", output.status).into()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err("valgrind is not installed (apt-get install valgrind)".into())
            }
            Err(error) => Err(format!("valgrind can't be started: {error}").into()),
        }
    }

    /// The instructions of one unit.
    pub fn per_unit(self, job: &Job) -> Fallible<f64> {
        let [few, many] = job.units;
        Ok(job.per_unit([self.total(job, few)?, self.total(job, many)?]))
    }

    #[expect(clippy::unused_self, reason = "it says that valgrind is there")]
    fn total(self, job: &Job, units: u32) -> Fallible<usize> {
        eprintln!("counting {}, {}, {units} units", job.scenario, job.way);
        let output = command(&WATCHER, job, Task::Run(units))?.output()?;
        let output = successful(output)?;
        let log = String::from_utf8_lossy(&output.stderr);
        counted(&log).ok_or_else(|| format!("valgrind counted nothing:\n{log}").into())
    }
}

/// Of `==4711== I   refs:      12,345,678`, the number.
fn counted(log: &str) -> Option<usize> {
    let line = log.lines().find(|line| line.contains("refs:"))?;
    let (_, count) = line.rsplit_once(':')?;
    count.trim().replace(',', "").parse().ok()
}
