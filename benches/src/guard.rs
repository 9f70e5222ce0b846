//! What was reached once is kept: the figures of `supervised` beside those of
//! `recorded.tsv`, instructions within 3 % and all else exactly. No time is
//! looked at.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::process::Command;

use crate::Fallible;
use crate::measure::Measure;
use crate::process::successful;
use crate::scenarios::Scenario;
use crate::size;
use crate::valgrind::Valgrind;
use crate::variant::Variant;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/recorded.tsv");

const HEAD: &str = "\
# What `supervised` costs per unit, as .ci/budgets holds it: instructions within
# 3 %, all else exactly. After a change that is meant:
# cargo run --release --manifest-path benches/Cargo.toml --target-dir target/benches -- record
";

/// What compiled it: another one makes other instructions of the same program.
const COMPILER: &str = "compiler";

/// By how much of itself a number of instructions may differ.
const TOLERANCE: f64 = 0.03;

struct Figure {
    what: String,
    value: f64,
    tolerance: f64,
}

/// # Errors
///
/// That a figure is not the recorded one; or no valgrind where there must be one.
pub fn check() -> Fallible {
    let recorded = fs::read_to_string(FILE)?;
    let recorded = lines(&recorded);
    let compiler = compiler()?;
    let same_compiler = recorded.get(COMPILER) == Some(&compiler.as_str());
    if !same_compiler {
        let other = recorded.get(COMPILER).unwrap_or(&"nobody knows what");
        println!("compiled by {compiler}, recorded with {other}: instructions may differ\n");
    }
    let valgrind = valgrind()?;
    let figures = figures(valgrind)?;
    let mut wrong = 0;
    for figure in &figures {
        if let Err(difference) = figure.compare(recorded.get(figure.what.as_str()).copied()) {
            println!("{}: {difference}", figure.what);
            let excused = figure.tolerance > 0.0 && !same_compiler;
            wrong += u32::from(!excused);
        }
    }
    for what in recorded.keys().filter(|what| **what != COMPILER) {
        let skipped = valgrind.is_none() && what.ends_with(Measure::Instructions.name());
        if !skipped && !figures.iter().any(|figure| figure.what == **what) {
            println!("{what}: recorded, but no longer measured");
            wrong += 1;
        }
    }
    println!("{} figures, {wrong} not as recorded", figures.len());
    match wrong {
        0 => Ok(()),
        _ => Err(format!("If that is meant, record it: see the head of {FILE}").into()),
    }
}

/// Writes what is measured now.
pub fn record() -> Fallible {
    let figures = figures(Some(Valgrind::find()?))?;
    let figures = figures
        .iter()
        .map(|figure| format!("{}\t{}\n", figure.what, rounded(figure.value)));
    let text = format!(
        "{HEAD}{COMPILER}\t{}\n{}",
        compiler()?,
        figures.collect::<String>()
    );
    Ok(fs::write(FILE, text)?)
}

impl Figure {
    fn compare(&self, recorded: Option<&str>) -> Result<(), String> {
        let value = rounded(self.value);
        let Some(recorded) = recorded else {
            return Err(format!("{value}, of which nothing is recorded"));
        };
        let Ok(expected) = recorded.parse::<f64>() else {
            return Err(format!(
                "{value}, but {recorded} is recorded, which is no number"
            ));
        };
        let difference = self.value - expected;
        if value == recorded || difference.abs() <= self.tolerance * expected {
            return Ok(());
        }
        let percent = difference / expected * 100.0;
        Err(format!("{value}, recorded is {recorded} ({percent:+.1} %)"))
    }
}

/// All that can be the same each time; without valgrind, no instructions.
fn figures(valgrind: Option<Valgrind>) -> Fallible<Vec<Figure>> {
    let mut figures = Vec::new();
    for scenario in Scenario::ALL.into_iter().chain(Scenario::FORMS) {
        let job = scenario.job(Variant::Supervised);
        for goal in scenario.goals {
            let (value, tolerance) = match (goal.measure, valgrind) {
                (Measure::Instructions, Some(valgrind)) => (valgrind.per_unit(&job)?, TOLERANCE),
                (Measure::Allocations, _) => (job.allocated()?.times, 0.0),
                (Measure::Bytes, _) => (job.allocated()?.bytes, 0.0),
                (Measure::Instructions, None) | (Measure::Time | Measure::Milliseconds, _) => {
                    continue;
                }
            };
            figures.push(Figure {
                what: format!("{}: {}", scenario.name, goal.measure.name()),
                value,
                tolerance,
            });
        }
    }
    for row in size::rows() {
        let [_, _, supervised] = row.values;
        let value = supervised.ok_or("a future without a size")?;
        figures.push(Figure {
            what: row.what,
            value,
            tolerance: 0.0,
        });
    }
    Ok(figures)
}

/// Where it must be there and is not, that is an error.
fn valgrind() -> Fallible<Option<Valgrind>> {
    match Valgrind::find() {
        Ok(valgrind) => Ok(Some(valgrind)),
        Err(reason) if env::var_os("CI").is_some_and(|ci| ci == "true") => Err(reason),
        Err(reason) => {
            println!("instructions skipped: {reason}\n");
            Ok(None)
        }
    }
}

/// Its version, and for which machine it compiles.
fn compiler() -> Fallible<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = successful(Command::new(rustc).arg("-vV").output()?)?;
    let told = String::from_utf8(output.stdout)?;
    let field = |name| told.lines().find_map(|line| line.strip_prefix(name));
    match [field("release: "), field("host: ")] {
        [Some(release), Some(host)] => Ok(format!("rustc {release} {host}")),
        _ => Err(format!("the compiler told neither release nor host:\n{told}").into()),
    }
}

fn lines(text: &str) -> BTreeMap<&str, &str> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t')).collect()
}

/// As it is recorded.
fn rounded(value: f64) -> String {
    // No `-0.00` where units cost nothing.
    format!("{:.2}", value + 0.0)
}
