//! Each transition is one log event, with the contract's level, target and fields:
//! here as they are written as text, and as JSON with no key twice.
//!
//! What is said once in a process is in `log_once.rs`.

mod log {
    mod coverage;
    mod failures;
    mod hostile;
    mod mistakes;
    mod panics;
    mod requests;
    mod runs;
    mod shutdown;
    mod spans;
    mod tasks;
}
