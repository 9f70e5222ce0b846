//! Workers that have a thread, and block it: `#[supervised(blocking)]` on a plain
//! `fn`, and `Worker::supervise_blocking`.
//!
//! Their waits are by the clock of the operating system, and short here.

mod blocking {
    mod children;
    mod containment;
    mod functions;
    mod health;
    mod pauses;
    mod shutdown;
    mod threads;
}

use std::thread;
use std::time::{Duration, Instant};

/// Blocks this thread until it is so.
///
/// # Panics
///
/// If it never is.
fn eventually(what: &str, is: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is() {
        assert!(Instant::now() < deadline, "it never was that {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// How long `f` takes.
fn timed<T>(f: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    (f(), began.elapsed())
}
