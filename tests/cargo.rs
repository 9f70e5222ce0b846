//! Cargo on the crates of a user, which tests write to the target directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Cargo, without what this test's own cargo was told.
pub fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.arg(command);
    for name in [
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CLIPPY_ARGS",
        "CLIPPY_CONF_DIR",
        "CARGO_BUILD_TARGET",
    ] {
        cargo.env_remove(name);
    }
    cargo
}

pub fn has_clippy() -> bool {
    let version = cargo("clippy").arg("--version").output().unwrap();
    if !version.status.success() {
        let reason = String::from_utf8_lossy(&version.stderr);
        println!("clippy's lints are left out: {reason}");
    }
    version.status.success()
}

/// Where the workspace of this project is.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Writes a file, unless it would say the same: cargo goes by the time.
pub fn write(file: &Path, text: &str) {
    if fs::read_to_string(file).is_ok_and(|present| present == text) {
        return;
    }
    fs::write(file, text).unwrap();
}
