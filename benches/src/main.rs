//! Workers side by side: bare, supervised by hand, and with `#[supervised]`.
//! See README.md.

mod alloc;
mod budgets;
mod compile;
mod crash_loop;
mod crates;
mod guard;
mod handwritten;
mod hello;
mod job;
mod measure;
mod million;
mod others;
#[cfg(feature = "peers")]
mod peers;
mod process;
mod project;
mod report;
mod resident;
mod scenarios;
mod size;
mod storm;
mod table;
mod time;
mod valgrind;
mod variant;
mod ways;

use std::error::Error;
use std::panic;
use std::process::ExitCode;

use crate::scenarios::Scenario;
use crate::valgrind::Valgrind;

/// What a fallible step, and every worker of these benches, returns. Boxed, as
/// in most services.
type Fallible<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// Of 11 the median is not moved by what happens to some.
const ROUNDS: usize = 11;

const USAGE: &str = "\
usage: supervise-benches [--instructions]
       supervise-benches forms [--instructions]
       supervise-benches peers [--instructions | --times]
       supervise-benches storm | others
       supervise-benches compile | hello
       supervise-benches budgets
       supervise-benches guard | record | crash-loop | million";

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
    if let Some(measured) = process::told(&arguments) {
        return measured;
    }
    let (command, valgrind) = match arguments[..] {
        [ref command @ .., "--instructions"] => (command, Some(Valgrind::find()?)),
        ref command => (command, None),
    };
    match command {
        [] => costs(valgrind),
        ["forms"] => forms(valgrind),
        ["peers"] => ways::print(valgrind),
        ["peers", "--times"] => ways::print_times(ROUNDS),
        ["storm"] => storm::print(),
        ["others"] => others::print(),
        ["hello"] => hello::print(),
        ["compile"] => compile::print(),
        ["budgets"] => budgets::print(),
        ["crash-loop"] => crash_loop::rows().map(|rows| table::print(&rows)),
        ["million"] => million::run(),
        ["guard"] => guard::check(),
        ["record"] => guard::record(),
        _ => Err(USAGE.into()),
    }
}

/// What the attribute costs, and the sizes.
fn costs(valgrind: Option<Valgrind>) -> Fallible {
    let mut rows = report::rows(&Scenario::ALL, valgrind, |_| true)?;
    rows.extend(size::rows());
    table::print(&rows);
    Ok(())
}

/// What it costs in its other forms.
fn forms(valgrind: Option<Valgrind>) -> Fallible {
    table::print(&report::rows(&Scenario::FORMS, valgrind, |_| true)?);
    Ok(())
}
