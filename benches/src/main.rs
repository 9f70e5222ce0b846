//! Workers side by side: bare, supervised by hand, and with `#[supervised]`.
//! See README.md.

mod alloc;
mod handwritten;
mod measure;
mod report;
mod scenarios;
mod size;
mod table;
mod time;
mod valgrind;
mod variant;

use std::error::Error;
use std::panic;
use std::process::ExitCode;

use tokio::runtime::{Builder, Runtime};

use crate::scenarios::Scenario;
use crate::variant::Variant;

/// What a fallible step, and every worker of these benches, returns. Boxed, as
/// in most services.
type Fallible<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const USAGE: &str = "usage: supervise-benches [--instructions]";

fn main() -> ExitCode {
    // Otherwise the bench of panics would be one of printing. From here on
    // mistakes are told by `Err`: a panic has no voice.
    panic::set_hook(Box::new(|_| {}));
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Fallible {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => report::print(&runtime()?, false),
        ["--instructions"] => report::print(&runtime()?, true),
        // What valgrind is given to run.
        [valgrind::CHILD, scenario, variant, units] => {
            let run = Scenario::named(scenario).ok_or(USAGE)?.run;
            let variant = Variant::named(variant).ok_or(USAGE)?;
            run(&runtime()?, variant, units.parse()?)
        }
        _ => Err(USAGE.into()),
    }
}

/// One thread: nothing but the worker's own work is counted, and every run
/// counts the same.
fn runtime() -> Fallible<Runtime> {
    Ok(Builder::new_current_thread().enable_time().build()?)
}
