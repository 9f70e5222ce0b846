//! Compile errors, as a user reads them.

use std::process::Command;

/// The compiler that the `.stderr` files were written with.
const COMPILER: &str = "rustc 1.95.";

#[test]
fn mistakes_are_told_at_the_users_own_tokens() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .unwrap()
        .stdout;
    let version = String::from_utf8_lossy(&version);
    if !version.starts_with(COMPILER) {
        println!("skipped: the texts are those of {COMPILER}x, this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("ui/*.rs");
}
