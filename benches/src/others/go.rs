//! Go, with suture as Debian has it.

use std::path::Path;
use std::process::Command;

use super::{Program, no, source};
use crate::Fallible;
use crate::process::successful;

pub const PROGRAM: Program = Program {
    language: "Go",
    ways: ["goroutine", "suture"],
    missing,
    build,
    command,
};

/// Where Debian installs libraries of Go.
const LIBRARIES: &str = "/usr/share/gocode";

fn missing() -> Option<&'static str> {
    if no("go") {
        return Some("no go on this machine (apt-get install golang-go)");
    }
    let suture = Path::new(LIBRARIES).join("src/github.com/thejerf/suture/v4");
    let package = "no suture on this machine (apt-get install golang-github-thejerf-suture-dev)";
    (!suture.exists()).then_some(package)
}

fn build(directory: &Path) -> Fallible {
    let mut command = Command::new("go");
    command
        .args(["build", "-o"])
        .args([&program(directory), &source("workers.go")])
        .env("GO111MODULE", "off")
        .env("GOPATH", LIBRARIES)
        .env("GOCACHE", directory.join("go-cache"));
    successful(command.output()?)?;
    Ok(())
}

fn command(directory: &Path, threads: u32) -> Command {
    let mut command = Command::new(program(directory));
    command.env("GOMAXPROCS", threads.to_string());
    command
}

fn program(directory: &Path) -> std::path::PathBuf {
    directory.join("workers")
}
