//! Programs that show `supervise` at work, each to be run and read by itself:
//!
//! - `cargo run --example incident`: a service survives a bad configuration
//!   push that, without `supervise`, silently kills one of its workers.
//! - `cargo run --release --example soak`: ten thousand workers fail at random,
//!   and the numbers, the heap and an unrelated task are what they should be.
