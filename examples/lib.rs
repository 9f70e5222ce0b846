//! Programs that show `supervise` at work, each to be run and read by itself:
//!
//! - `cargo run --example incident`: a service survives a bad configuration
//!   push that, without `supervise`, silently kills one of its workers.
//! - `cargo run --example service -- records.txt`: a service that loses nothing
//!   when it is stopped, and ends in good time whatever its workers do.
//! - `cargo run --example groups`: one-for-one, one-for-all, rest-for-one and
//!   escalation, each a few functions that join or call each other.
//! - `cargo run --example before`, and `after`: a service that lets go of what it
//!   spawns, and the same with `supervise`; the documentation prints the diff.
//! - `cargo run --example boundary`: an HTTP and a gRPC server whose handlers
//!   panic, and what their clients get.
//! - `cargo run --release --example soak`: ten thousand workers fail at random,
//!   and the numbers, the heap and an unrelated task are what they should be.
