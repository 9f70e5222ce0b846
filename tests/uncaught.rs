//! What no library can catch, as the documentation of the crate lists it: each in
//! a process of its own, with how that ends and what it has said by then.
//!
//! The process is `unlucky/main.rs`. What needs another build of it is in
//! `.ci/panic-abort`.

#[cfg(unix)]
mod uncaught {
    mod ends;
    mod goes_on;
    mod process;
}

#[cfg(not(unix))]
#[test]
#[ignore = "how a process aborts is told as a signal"]
fn uncaught() {}
