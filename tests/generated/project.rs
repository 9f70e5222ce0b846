//! The crate that the functions are written to.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::case::Case;
use super::module::{is_called, module};
use super::text::Form;

/// A program of the crate.
pub struct Program<'a> {
    pub name: &'static str,
    pub form: Form,
    pub edition: u32,
    pub cases: Vec<&'a Case>,
    /// Whether its `main` calls the checks.
    pub runs: bool,
}

/// What was written of a program: which lines belong to which case.
pub struct Written<'a> {
    pub program: Program<'a>,
    pub lines: Vec<(Range<u64>, &'a Case)>,
}

impl<'a> Written<'a> {
    /// The case that a line belongs to, and the line's number in it.
    pub fn find(&self, line: u64) -> Option<(&'a Case, u64)> {
        let found = self.lines.iter().find(|(lines, _)| lines.contains(&line))?;
        Some((found.1, line - found.0.start))
    }
}

/// Where the crate is: in the target directory.
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated")
}

/// Writes the crate.
///
/// # Errors
///
/// As the file system has them.
pub fn write(programs: Vec<Program<'_>>) -> io::Result<Vec<Written<'_>>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::create_dir_all(directory())?;
    update("Cargo.toml", &manifest(&root, &programs))?;
    update("lib.rs", include_str!("support/lib.rs"))?;
    update("values.rs", include_str!("support/values.rs"))?;
    // The versions that are there already: nothing is downloaded.
    update("Cargo.lock", &fs::read_to_string(root.join("Cargo.lock"))?)?;
    programs.into_iter().map(write_program).collect()
}

fn write_program(program: Program<'_>) -> io::Result<Written<'_>> {
    let mut text = String::from("#[allow(unused_imports)]\nmod reexports { pub use supervise; }\n");
    let mut lines = Vec::new();
    for case in &program.cases {
        let start = next_line(&text);
        text.push_str(&module(case, program.form));
        lines.push((start..next_line(&text), *case));
    }
    text.push_str(&main(&program));
    update(&format!("{}.rs", program.name), &text)?;
    Ok(Written { program, lines })
}

fn next_line(text: &str) -> u64 {
    text.matches('\n').count() as u64 + 1
}

fn main(program: &Program<'_>) -> String {
    if !program.runs {
        return "fn main() {}\n".into();
    }
    let called = program
        .cases
        .iter()
        .filter(|case| is_called(case))
        .map(|case| {
            let number = case.number;
            format!("({number}, || Box::pin(case_{number}::check())),\n")
        });
    let called: String = called.collect();
    format!("fn main() -> std::process::ExitCode {{\ngenerated::run(&[\n{called}])\n}}\n")
}

/// Leaves a file alone that is as it should be, for cargo to see that.
fn update(file: &str, text: &str) -> io::Result<()> {
    let path = directory().join(file);
    if fs::read_to_string(&path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    fs::write(path, text)
}

fn manifest(root: &Path, programs: &[Program<'_>]) -> String {
    let programs = programs.iter().map(|Program { name, edition, .. }| {
        format!("[[bin]]\nname = \"{name}\"\npath = \"{name}.rs\"\nedition = \"{edition}\"\n\n")
    });
    let programs: String = programs.collect();
    format!(
        "[workspace]\n\n[package]\nname = \"generated\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [lib]\npath = \"lib.rs\"\n\n{programs}\
         [dependencies]\nanyhow = \"1\"\nasync-trait = \"0.1\"\n\
         supervise = {{ package = \"supervise-runtime\", path = \"{}\" }}\n\
         tokio = {{ version = \"1\", default-features = false, features = [\"rt\", \"time\"] }}\n\n\
         [profile.dev]\ndebug = false\nincremental = false\n",
        root.join("supervise-runtime").display()
    )
}

/// Compiles all programs, also when one has errors.
///
/// # Errors
///
/// If there is no cargo.
pub fn compile() -> io::Result<Output> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Command::new(cargo)
        .args([
            "build",
            "--offline",
            "--keep-going",
            "--message-format=json",
        ])
        .arg("--target-dir")
        .arg(directory().join("target"))
        .current_dir(directory())
        // Warnings are looked at, not denied.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
}

/// Runs a program.
///
/// # Errors
///
/// If it is not there.
pub fn run(name: &str) -> io::Result<Output> {
    let program = directory().join("target/debug").join(name);
    Command::new(program.with_extension(std::env::consts::EXE_EXTENSION)).output()
}
