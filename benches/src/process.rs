//! Each measurement is a process of its own, this program run again: nothing that
//! was measured before has warmed anything up, and no order of measurements
//! matters.

use std::env;
use std::io;
use std::process::{Command, Output, Stdio};

use cpu_time::ProcessTime;
use tokio::runtime::{Builder, Runtime};
use tracing::Level;

use crate::Fallible;
use crate::alloc::counted;
use crate::job::{Job, number};
use crate::resident;
use crate::storm;

/// What such a process does with its job.
#[derive(Clone, Copy)]
pub enum Task {
    /// That many units and nothing else, for whoever watches it from outside.
    Run(u32),
    /// Counts what each of both numbers of units allocates.
    Allocate,
    /// Takes the time of the larger number.
    Time,
    /// Takes the time of that many units, and by how much more than a tenth of them
    /// they raise what the process has in memory at most.
    Weigh(u32),
    /// Lets the larger number of workers fail for ever, for some seconds.
    Storm,
}

impl Task {
    fn arguments(self) -> [String; 2] {
        let (name, units) = match self {
            Self::Run(units) => ("--run", units),
            Self::Allocate => ("--allocate", 0),
            Self::Time => ("--time", 0),
            Self::Weigh(units) => ("--weigh", units),
            Self::Storm => ("--storm", 0),
        };
        [name.to_owned(), units.to_string()]
    }

    fn told(arguments: [&str; 2]) -> Option<Self> {
        match arguments {
            ["--run", units] => units.parse().ok().map(Self::Run),
            ["--allocate", _] => Some(Self::Allocate),
            ["--time", _] => Some(Self::Time),
            ["--weigh", units] => units.parse().ok().map(Self::Weigh),
            ["--storm", _] => Some(Self::Storm),
            _ => None,
        }
    }
}

/// The command of such a process; `under` is what it is to run under.
pub fn command(under: &[&str], job: &Job, task: Task) -> Fallible<Command> {
    let this = env::current_exe()?;
    let mut command = match under {
        [] => Command::new(this),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(this);
            command
        }
    };
    command
        .args(task.arguments())
        .args([job.scenario, job.way])
        // Would make errors and panics cost more than in production.
        .env_remove("RUST_BACKTRACE")
        .env_remove("RUST_LIB_BACKTRACE")
        .stdin(Stdio::null());
    Ok(command)
}

/// What it prints.
pub fn printed(job: &Job, task: Task) -> Fallible<String> {
    let output = successful(command(&[], job, task)?.output()?)?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// # Errors
///
/// That the process failed, and what it said.
pub fn successful(output: Output) -> Fallible<Output> {
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("a measurement failed: {}\n{said}", output.status).into())
}

/// What this process is told to do, if it is one of these.
pub fn told(arguments: &[&str]) -> Option<Fallible> {
    let [task, units, scenario, way] = *arguments else {
        return None;
    };
    let task = Task::told([task, units])?;
    Some(match Job::named(scenario, way) {
        Some(job) => measure(&job, task),
        None => Err(format!("no {way} does {scenario}").into()),
    })
}

fn measure(job: &Job, task: Task) -> Fallible {
    if job.subscriber {
        tracing_subscriber::fmt()
            .with_max_level(Level::INFO)
            .with_writer(io::sink)
            .init();
    }
    let runtime = runtime()?;
    let run = |units| (job.run)(&runtime, units);
    let [few, many] = job.units;
    match task {
        Task::Run(units) => run(units),
        Task::Allocate => {
            // What is allocated once in a process, or grows to what a scenario
            // needs, is allocated here: the runtime's queue, the stack of a
            // first panic.
            run(many)?;
            let [few, many] = [counted(|| run(few))?, counted(|| run(many))?];
            println!("{} {} {} {}", few.times, few.bytes, many.times, many.bytes);
            Ok(())
        }
        Task::Storm => storm::run(job),
        Task::Time => {
            run(few)?;
            let began = ProcessTime::now();
            run(many)?;
            println!("{}", began.elapsed().as_nanos());
            Ok(())
        }
        Task::Weigh(units) => weigh(units, run),
    }
}

/// Prints what one unit takes: microseconds, and bytes. The programs in `others` do
/// the same.
fn weigh(units: u32, run: impl Fn(u32) -> Fallible) -> Fallible {
    let resident = || resident::at_most().ok_or("memory is known on Linux only");
    let few = units / 10;
    run(few)?;
    let before = resident()?;
    let began = ProcessTime::now();
    run(units)?;
    let microseconds = began.elapsed().as_secs_f64() * 1e6;
    let raised = number(resident()? - before);
    let units = [units, units - few].map(f64::from);
    println!("{} {}", microseconds / units[0], raised / units[1]);
    Ok(())
}

/// One thread: nothing but the worker's own work is counted, and every run
/// counts the same.
pub fn runtime() -> Fallible<Runtime> {
    Ok(Builder::new_current_thread().enable_time().build()?)
}
