//! Erlang, with OTP's supervisor.

use std::path::Path;
use std::process::Command;

use super::{Program, no, source};
use crate::Fallible;
use crate::process::successful;

pub const PROGRAM: Program = Program {
    language: "Erlang",
    ways: ["process", "supervisor of OTP"],
    missing,
    build,
    command,
};

fn missing() -> Option<&'static str> {
    no("erlc").then_some("no erlc on this machine (apt-get install erlang-base)")
}

fn build(directory: &Path) -> Fallible {
    let mut command = Command::new("erlc");
    command.arg("-o").args([directory, &source("workers.erl")]);
    successful(command.output()?)?;
    Ok(())
}

fn command(directory: &Path, threads: u32) -> Command {
    let mut command = Command::new("erl");
    command
        .args(["-noshell", "-noinput"])
        .args(["+S", &format!("{threads}:{threads}")])
        // Its threads would spin when there is nothing to do: that is time, but not
        // of the workers.
        .args(["+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none"])
        .arg("-pa")
        .arg(directory)
        .args(["-run", "workers", "main"])
        // A mistake is told on stderr.
        .env("ERL_CRASH_DUMP_SECONDS", "0");
    command
}
