//! Instructions, counted by valgrind: this program runs itself under it.

use std::env;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::Fallible;
use crate::measure::per_unit;
use crate::scenarios::Scenario;
use crate::variant::Variant;

/// The first argument of a run under valgrind; the scenario, the variant and
/// the number of units follow.
pub const CHILD: &str = "--run";

/// Valgrind is there, and so is what it is to run.
pub struct Valgrind {
    this: PathBuf,
}

impl Valgrind {
    /// # Errors
    ///
    /// The reason for which nothing can be counted here.
    pub fn find() -> Fallible<Self> {
        match Command::new("valgrind").arg("--version").output() {
            Ok(output) if output.status.success() => Ok(Self {
                this: env::current_exe()?,
            }),
            Ok(output) => Err(format!("`valgrind --version` failed: {}", output.status).into()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err("valgrind is not installed (apt-get install valgrind)".into())
            }
            Err(error) => Err(format!("valgrind can't be started: {error}").into()),
        }
    }

    /// The instructions of one unit.
    pub fn per_unit(&self, scenario: &Scenario, variant: Variant) -> Fallible<f64> {
        let [few, many] = scenario.units;
        let totals = [
            self.total(scenario, variant, few)?,
            self.total(scenario, variant, many)?,
        ];
        Ok(per_unit(totals, scenario.units))
    }

    fn total(&self, scenario: &Scenario, variant: Variant, units: u32) -> Fallible<usize> {
        let run = [scenario.name, variant.name()];
        eprintln!("counting {}, {}, {units} units", run[0], run[1]);
        let output = Command::new("valgrind")
            // Counts what callgrind counts, in half the time.
            .args(["--tool=cachegrind", "--cache-sim=no"])
            .arg("--cachegrind-out-file=/dev/null")
            .arg(&self.this)
            .arg(CHILD)
            .args(run)
            .arg(units.to_string())
            // Would make errors and panics cost more than in production.
            .env_remove("RUST_BACKTRACE")
            .env_remove("RUST_LIB_BACKTRACE")
            .stdin(Stdio::null())
            .output()?;
        let log = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(format!("under valgrind: {}\n{log}", output.status).into());
        }
        counted(&log).ok_or_else(|| format!("valgrind counted nothing:\n{log}").into())
    }
}

/// Of `==4711== I   refs:      12,345,678`, the number.
fn counted(log: &str) -> Option<usize> {
    let line = log.lines().find(|line| line.contains("refs:"))?;
    let (_, count) = line.rsplit_once(':')?;
    count.trim().replace(',', "").parse().ok()
}
