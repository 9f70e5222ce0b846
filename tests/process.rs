//! The example `service` as a process that is told to end: how soon it does, with
//! which exit code, and what is in its file then.

#[cfg(unix)]
mod program;

#[cfg(unix)]
mod process {
    mod shutdown;
}

#[cfg(not(unix))]
#[test]
#[ignore = "signals are sent with the command `kill`"]
fn shutdown() {}
