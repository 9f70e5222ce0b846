//! Workers that belong together, and what becomes of the others when one fails.
//!
//! ```text
//! cargo run --example groups
//! ```
//!
//! A group is a supervised function that joins others, and functions nest: there
//! is nothing more to it. The program plays four scenes, a file each, in five
//! seconds. Beside the log it tells when a part begins (`+`) and when it is gone
//! (`-`).

mod escalation;
mod one_for_all;
mod one_for_one;
mod part;
mod rest_for_one;

use std::io::{self, IsTerminal};
use std::time::Duration;

use supervise::Supervisor;
use tokio::time::sleep;
use tracing::Level;
use tracing_subscriber::fmt::time::uptime;

/// On one thread, where what happens at once happens in the same order each time.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    tracing_subscriber::fmt()
        .with_ansi(io::stdout().is_terminal())
        .with_timer(uptime())
        .with_max_level(Level::WARN)
        .init();
    // Panics are in the log, and need not be on stderr as well.
    supervise::log_panics_only();

    play("One for one", 800, one_for_one::spawn).await;
    play("One for all", 1_200, one_for_all::spawn).await;
    play("Rest for one", 2_000, rest_for_one::spawn).await;
    play("Escalation", 10_000, escalation::spawn).await;
}

/// Runs these workers for a while, or until a critical one ends.
async fn play(title: &str, millis: u64, spawn: fn(&Supervisor)) {
    println!("\n# {title}\n");
    let supervisor = Supervisor::new();
    spawn(&supervisor);
    let curtain = sleep(Duration::from_millis(millis));
    if let Err(error) = supervisor.wait_until(curtain).await {
        // From `main` it would be returned, and the process end with 1.
        println!("\n{error:?}");
    }
}
