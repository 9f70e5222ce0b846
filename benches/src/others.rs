//! The same workers in other languages, supervised by what is used there: Go with
//! suture, Erlang with a supervisor of OTP.
//!
//! Their programs are in `benches/others`; each does what ours does and prints what
//! ours prints. Compared are times of the processor and memory: a virtual machine's
//! instructions are none of the program's.

mod erlang;
mod go;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::job::Job;
use crate::process::{Task, command, successful};
use crate::scenarios::restart;
use crate::storm::{self, STORM};
use crate::table::{self, figure};
use crate::ways::{self, Way};
use crate::{Fallible, ROUNDS, project, time};

/// Of its programs' sources.
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/others");

/// A program of workers in another language.
struct Program {
    language: &'static str,
    /// Without a supervisor, and with one.
    ways: [&'static str; 2],
    /// Why it can't be built here.
    missing: fn() -> Option<&'static str>,
    /// Builds it in that directory.
    build: fn(&Path) -> Fallible,
    /// Runs it, with that many threads for workers.
    command: fn(&Path, u32) -> Command,
}

const PROGRAMS: [&Program; 2] = [&go::PROGRAM, &erlang::PROGRAM];

struct Scenario {
    /// As the programs know it.
    name: &'static str,
    job: fn(&Way) -> &Job,
    units: u32,
    threads: u32,
    rounds: usize,
    columns: &'static [Column],
}

/// A median of what the processes of a scenario print.
struct Column {
    head: &'static str,
    /// Which figure of theirs.
    figure: usize,
    /// Whether it is told as a ratio to bare as well.
    relative: bool,
}

const SCENARIOS: [Scenario; 4] = [
    Scenario {
        name: "start and stop",
        job: |way| &way.start_stop,
        units: 100_000,
        threads: 1,
        rounds: ROUNDS,
        columns: &[
            Column::relative("start and stop: µs", 0),
            Column::plain("bytes of a worker", 1),
        ],
    },
    Scenario {
        name: restart::AFTER_PANIC.name,
        job: |way| &way.after_panic,
        units: 30_000,
        threads: 1,
        rounds: ROUNDS,
        columns: &[
            Column::relative("restart after panic: µs", 0),
            Column::plain("bytes it adds", 1),
        ],
    },
    Scenario {
        name: restart::AFTER_ERR.name,
        job: |way| &way.after_err,
        units: 30_000,
        threads: 1,
        rounds: ROUNDS,
        columns: &[Column::relative("restart after Err: µs", 0)],
    },
    Scenario {
        name: STORM,
        job: |way| &way.storm,
        units: storm::WORKERS,
        threads: 2,
        rounds: 3,
        columns: &[
            Column::relative("storm: µs per restart", 1),
            Column::plain("delay of a ticker, p99: ms", 3),
            Column::plain("resident: MB", 4),
        ],
    },
];

impl Column {
    const fn relative(head: &'static str, figure: usize) -> Self {
        Self {
            head,
            figure,
            relative: true,
        }
    }

    const fn plain(head: &'static str, figure: usize) -> Self {
        Self {
            head,
            figure,
            relative: false,
        }
    }

    /// The cell of each side.
    fn cells(&self, rounds: &[Vec<Vec<f64>>]) -> Vec<String> {
        let of_side = |printed: &Vec<f64>| printed[self.figure];
        let rounds = rounds.iter().map(|round| round.iter().map(of_side));
        let rounds: Vec<Vec<f64>> = rounds.map(Iterator::collect).collect();
        let values = time::medians(&rounds).into_iter().map(figure);
        if !self.relative {
            return values.collect();
        }
        let ratios = time::medians(&time::to_first(rounds));
        let cells = values.zip(ratios);
        cells
            .map(|(value, ratio)| format!("{value} ({ratio:.2} x)"))
            .collect()
    }
}

/// The process that does a scenario.
type Process = dyn Fn(&Scenario) -> Fallible<Command>;

/// One line of the table.
struct Side {
    name: &'static str,
    process: Box<Process>,
}

/// The table, after what is missing for it.
pub fn print() -> Fallible {
    let sides = sides()?;
    let mut head = vec![""];
    let mut lines: Vec<_> = sides.iter().map(|side| vec![side.name.into()]).collect();
    for scenario in &SCENARIOS {
        let rounds = time::rounds(sides.len(), scenario.rounds, |which| {
            eprintln!("{}: {}", scenario.name, sides[which].name);
            sides[which].printed(scenario)
        })?;
        for column in scenario.columns {
            head.push(column.head);
            for (line, cell) in lines.iter_mut().zip(column.cells(&rounds)) {
                line.push(cell);
            }
        }
    }
    println!("time of the processor and memory, for one unit; ratios to bare\n");
    table::print_lines(&head, lines);
    Ok(())
}

/// Ours, and those of the programs that can be built here.
fn sides() -> Fallible<Vec<Side>> {
    let directory = project::directory("others")?;
    fs::create_dir_all(&directory)?;
    let mut sides = Vec::from(ways::ours().map(Side::ours));
    for program in PROGRAMS {
        if let Some(missing) = (program.missing)() {
            println!("{} skipped: {missing}\n", program.language);
            continue;
        }
        (program.build)(&directory)?;
        sides.extend(
            program
                .ways
                .map(|way| Side::theirs(program, way, &directory)),
        );
    }
    Ok(sides)
}

impl Side {
    fn ours(way: Way) -> Self {
        Self {
            name: way.name,
            process: Box::new(move |scenario| {
                let task = match scenario.name {
                    STORM => Task::Storm,
                    _ => Task::Weigh(scenario.units),
                };
                command(&[], (scenario.job)(&way), task)
            }),
        }
    }

    fn theirs(program: &'static Program, way: &'static str, directory: &Path) -> Self {
        let directory = directory.to_owned();
        Self {
            name: way,
            process: Box::new(move |scenario| {
                let mut process = (program.command)(&directory, scenario.threads);
                process.args([way, scenario.name, &scenario.units.to_string()]);
                if scenario.name == STORM {
                    process.arg(storm::SECONDS.to_string());
                }
                process.stdin(Stdio::null());
                Ok(process)
            }),
        }
    }

    /// The figures that it prints.
    fn printed(&self, scenario: &Scenario) -> Fallible<Vec<f64>> {
        let output = successful((self.process)(scenario)?.output()?)?;
        let told = String::from_utf8(output.stdout)?;
        let figures: Result<Vec<f64>, _> = told.split_whitespace().map(str::parse).collect();
        let last = scenario.columns.iter().map(|column| column.figure).max();
        match figures {
            Ok(figures) if Some(figures.len()) > last => Ok(figures),
            _ => Err(format!("{} told of {}: {told}", self.name, scenario.name).into()),
        }
    }
}

/// The source of a program.
fn source(name: &str) -> PathBuf {
    Path::new(SOURCES).join(name)
}

/// Whether there is no such tool.
fn no(tool: &str) -> bool {
    let started = Command::new(tool).stdin(Stdio::null()).output();
    matches!(started, Err(error) if error.kind() == ErrorKind::NotFound)
}
