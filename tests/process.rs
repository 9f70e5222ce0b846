//! Examples as processes that are told to end: how soon they do, with which exit
//! code, and what is in their files then.

#[cfg(unix)]
mod program;

#[cfg(unix)]
mod process {
    mod migration;
    mod shutdown;
}

#[cfg(not(unix))]
#[test]
#[ignore = "signals are sent with the command `kill`"]
fn process() {}
