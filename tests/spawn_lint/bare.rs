//! A crate that spawns as if nothing could panic, and ends as if nobody worked.

use std::process::{abort, exit};
use std::{io, thread};

use tokio::runtime::{Handle, Runtime};
use tokio::task::{self, LocalSet, spawn_local};

async fn work() {}

fn block() {}

pub async fn tasks() {
    tokio::spawn(work());
    task::spawn(work());
    task::spawn_blocking(block);
    spawn_local(work());
}

pub fn of_a_handle(handle: &Handle) {
    handle.spawn(work());
    handle.spawn_blocking(block);
}

pub fn of_a_runtime(runtime: &Runtime) {
    runtime.spawn(work());
    runtime.spawn_blocking(block);
}

pub fn of_a_local_set(local: &LocalSet) {
    local.spawn_local(work());
}

/// # Errors
///
/// If there are no more threads.
pub fn threads() -> io::Result<()> {
    thread::spawn(block);
    thread::Builder::new().spawn(block)?;
    Ok(())
}

/// A function that is handed on is not called here, and named all the same.
#[must_use]
pub fn handed_on() -> [thread::JoinHandle<()>; 2] {
    [block, block].map(thread::spawn)
}

pub fn end(well: bool) -> ! {
    if well { exit(0) } else { abort() }
}
