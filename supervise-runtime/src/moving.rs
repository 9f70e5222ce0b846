//! A service that lets go of what it spawns, and how it moves to this crate.
//!
//! It gathers what a weather station reads. Two programs to run are the state
//! before and after, in `examples/migration` of the repository:
//!
//! ```sh
//! cargo run --example before
//! cargo run --example after
//! ```
//!
//! What is wrong with it shows within seconds, and nobody is told:
//!
//! | before | after |
//! |---|---|
//! | the line to the station is lost, there is nothing to report, and `unwrap` panics: there are no reports any more | contained, told with its place, counted; there are reports again after a second |
//! | each new line has another `keep_alive`, and the old ones go on | a child goes with the run that spawned it |
//! | the readings can't be stored, which the thread returns to nobody | told and counted; it is tried again, with what has come meanwhile |
//! | a panic of `warn_of_heat` is a line on stderr | told and counted, and so is each end |
//! | `stop` is in every signature, and whoever sleeps does not hear it | nothing is passed; who waits or sleeps is dropped at once |
//! | the end comes half a second after Ctrl-C, whoever is not ready by then | the end comes when all have ended; the file is complete |
//!
//! The steps, each of which can be taken alone:
//!
//! 1. `tokio::spawn`, `spawn_local`, `spawn_blocking` and `std::thread::spawn`
//!    become those of this crate, with the same arguments and handles: no panic is
//!    silent any more. With the lint in `examples/lint`, `cargo clippy --fix` does
//!    it.
//! 2. A block with a loop becomes a function with
//!    [`#[supervised]`](macro@crate::supervised), or a [`Worker`](crate::Worker):
//!    its `Err`s are told, too, and it is restarted.
//! 3. What a worker spawns for itself becomes [`spawn_child`](crate::spawn_child),
//!    which a restart does not double.
//! 4. What `main` spawns is spawned by a [`Supervisor`](crate::Supervisor); tokens,
//!    flags and channels for the shutdown go.
//!
#![doc = concat!("```diff\n", include_str!("moving.diff"), "```")]
