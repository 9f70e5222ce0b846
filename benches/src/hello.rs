//! What it costs to build a program that says hello from a supervised worker, with
//! nothing built before: on each machine of a team, and on each clean run of CI.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::Fallible;
use crate::process::successful;
use crate::project::Project;
use crate::table;

const PROGRAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/hello");
const RUNTIME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../supervise-runtime");

/// In the order of the table. What they depend on is above them, in their files.
const NAMES: [&str; 10] = [
    "bare",
    "handwritten",
    "supervised",
    "supervised_no_features",
    "task_supervisor",
    "tokio_graceful_shutdown",
    "supervised_the_crate",
    "ractor_supervisor",
    "kameo",
    "bastion",
];

pub fn print() -> Fallible {
    let mut lines = Vec::new();
    for name in NAMES {
        eprintln!("building {name}");
        lines.push(line(name)?);
    }
    println!("hello, from nothing: seconds of processor time\n");
    let head = ["", "crates below", "build", "release build", "size: KiB"];
    table::print_lines(&head, lines);
    Ok(())
}

fn line(name: &str) -> Fallible<Vec<String>> {
    let source = fs::read_to_string(format!("{PROGRAMS}/{name}.rs"))?;
    let dependencies = source.lines().filter_map(|line| line.strip_prefix("//! "));
    let dependencies = dependencies.collect::<Vec<_>>().join("\n");
    let project = Project::create("hello", &dependencies.replace("RUNTIME", RUNTIME))?;
    project.program(name, &source)?;
    // What is downloaded is not what is built.
    project.cargo(&["fetch"])?;
    let crates = crates(&project)?;
    project.clean()?;
    let build = project.cargo(&["build"])?;
    project.clean()?;
    let release = project.cargo(&["build", "--release"])?;
    let said = successful(Command::new(project.built(name)).output()?)?;
    if !said.stdout.starts_with(b"hello") {
        return Err(format!("{name} does not say hello").into());
    }
    let kibibytes = project.kibibytes(name)?;
    project.clean()?;
    Ok(vec![
        name.replace('_', " "),
        crates.to_string(),
        format!("{build:.1}"),
        format!("{release:.1}"),
        kibibytes.to_string(),
    ])
}

/// Below it, tokio's included.
fn crates(project: &Project) -> Fallible<usize> {
    let output = Command::new("cargo")
        .args(["tree", "--edges=normal", "--prefix=none", "--no-dedupe"])
        .current_dir(project.path())
        .output()?;
    let tree = String::from_utf8(successful(output)?.stdout)?;
    Ok(tree.lines().collect::<BTreeSet<_>>().len() - 1)
}
