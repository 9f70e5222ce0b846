//! What it costs to compile 300 functions: plain, with this attribute, and with
//! others that one knows.

use crate::Fallible;
use crate::measure::Budget::AtMost;
use crate::project::Project;
use crate::table::{self, Row};
use crate::time::median;

const FUNCTIONS: usize = 300;

/// By which each is compiled.
const COMMANDS: [&[&str]; 3] = [&["check"], &["build"], &["build", "--release"]];
const TOLD: [&str; 3] = ["check", "build", "release build"];
/// How often, by command: the longer it takes, the less chance is in it.
const ROUNDS: [usize; 3] = [5, 3, 1];

/// A way to write the functions.
struct Form {
    /// Of the program, too.
    name: &'static str,
    /// Above the function, or above the `impl` that has it as a method.
    attribute: &'static str,
    is_method: bool,
}

const PLAIN: usize = 0;
const INSTRUMENT: usize = 1;
const SUPERVISED: usize = 4;

const FORMS: [Form; 5] = [
    Form {
        name: "plain",
        attribute: "",
        is_method: false,
    },
    Form {
        name: "instrument",
        attribute: "#[tracing::instrument]",
        is_method: false,
    },
    Form {
        name: "instrument_skip_all",
        attribute: "#[tracing::instrument(skip_all)]",
        is_method: false,
    },
    Form {
        name: "async_trait",
        attribute: "#[async_trait::async_trait]",
        is_method: true,
    },
    Form {
        name: "supervised",
        attribute: "#[supervise::supervised(restart = true)]",
        is_method: false,
    },
];

/// What all programs begin with.
const HEAD: &str = "\
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

type Cache = Arc<Mutex<Vec<u64>>>;

async fn fetch(url: &str) -> io::Result<u64> {
    tokio::task::yield_now().await;
    url.parse().map_err(io::Error::other)
}

#[async_trait::async_trait]
trait Worker {
    async fn run(&self, cache: Cache, url: String) -> io::Result<()>;
}
";

/// Seconds of processor time, median of all rounds, by form and command.
struct Seconds([[f64; COMMANDS.len()]; FORMS.len()]);

/// The table.
pub fn print() -> Fallible {
    let project = project()?;
    let Seconds(seconds) = measure(&project)?;
    let mut lines = Vec::new();
    for (form, seconds_of_form) in FORMS.iter().zip(seconds) {
        let mut line = vec![form.name.to_owned()];
        for (seconds, plain) in seconds_of_form.iter().zip(seconds[PLAIN]) {
            line.push(format!("{seconds:.2} ({:.2} x)", seconds / plain));
        }
        line.push(project.kibibytes(form.name)?.to_string());
        lines.push(line);
    }
    println!("{FUNCTIONS} functions: seconds of processor time, medians\n");
    let [check, build, release] = TOLD;
    table::print_lines(&["", check, build, release, "size: KiB"], lines);
    Ok(())
}

/// With the budget: what the same functions cost under `#[tracing::instrument]`.
pub fn rows() -> Fallible<Vec<Row>> {
    let Seconds(seconds) = measure(&project()?)?;
    let rows = TOLD.iter().enumerate().map(|(which, told)| Row {
        what: format!("{told} of {FUNCTIONS} functions: seconds"),
        values: [
            Some(seconds[PLAIN][which]),
            None,
            Some(seconds[SUPERVISED][which]),
        ],
        budget: Some(AtMost(seconds[INSTRUMENT][which])),
    });
    Ok(rows.collect())
}

fn project() -> Fallible<Project> {
    let runtime = concat!(env!("CARGO_MANIFEST_DIR"), "/../supervise-runtime");
    let project = Project::create(
        "functions",
        &format!(
            "async-trait = \"0.1\"\n\
             supervise = {{ package = \"supervise-runtime\", path = {runtime:?} }}\n\
             tokio = {{ version = \"1\", features = [\"rt\", \"time\"] }}\n\
             tracing = \"0.1\"\n"
        ),
    )?;
    for form in &FORMS {
        project.program(form.name, &form.source())?;
    }
    Ok(project)
}

fn measure(project: &Project) -> Fallible<Seconds> {
    let mut seconds = [[0.0; COMMANDS.len()]; FORMS.len()];
    for (which, command) in COMMANDS.iter().enumerate() {
        let told = command.join(" ");
        let compile = |program| project.cargo(&[command, &["--bin", program][..]].concat());
        eprintln!("cargo {told}: what all need");
        compile(FORMS[PLAIN].name)?;
        let mut rounds: [Vec<f64>; FORMS.len()] = Default::default();
        for round in 0..ROUNDS[which] {
            for turn in 0..FORMS.len() {
                let form = (round + turn) % FORMS.len();
                let program = FORMS[form].name;
                eprintln!("cargo {told}: {program}, round {}", round + 1);
                project.change(program)?;
                rounds[form].push(compile(program)?);
            }
        }
        for (seconds, rounds) in seconds.iter_mut().zip(rounds) {
            seconds[which] = median(rounds);
        }
    }
    Ok(Seconds(seconds))
}

impl Form {
    fn source(&self) -> String {
        let functions = (0..FUNCTIONS).map(|number| self.function(number));
        let starts = (0..FUNCTIONS).map(|number| self.start(number));
        format!(
            "{HEAD}{}\nfn main() -> io::Result<()> {{\n    \
             let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;\n    \
             let cache = Cache::default();\n    \
             for url in std::env::args().skip(1) {{\n{}    }}\n    \
             Ok(())\n}}\n",
            functions.collect::<String>(),
            starts.collect::<String>(),
        )
    }

    fn function(&self, number: usize) -> String {
        let attribute = self.attribute;
        let body = format!(
            "(cache: Cache, url: String) -> io::Result<()> {{
    loop {{
        tokio::time::sleep(Duration::from_secs({number})).await;
        let value = fetch(&url).await?;
        let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.push(value + {number});
    }}
}}"
        );
        if self.is_method {
            let body = body.replacen("(cache", "(&self, cache", 1);
            format!(
                "\nstruct Worker{number};\n\n{attribute}\n\
                 impl Worker for Worker{number} {{\nasync fn run{body}\n}}\n"
            )
        } else {
            format!("\n{attribute}\nasync fn worker_{number}{body}\n")
        }
    }

    fn start(&self, number: usize) -> String {
        let future = if self.is_method {
            format!("Worker{number}.run(cache.clone(), url.clone())")
        } else {
            format!("worker_{number}(cache.clone(), url.clone())")
        };
        format!("        runtime.spawn({future});\n")
    }
}
