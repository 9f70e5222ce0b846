//! The tool that comes with Prometheus, which reads as it does.

use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

/// Has `promtool` read a scrape, and find nothing to say about it.
///
/// Where it is not installed that is printed; in CI it has to be.
pub fn check(text: &str) {
    let child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match child {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(!in_ci, "promtool is not installed");
            println!("skipped: promtool is not installed (apt-get install prometheus)");
            return;
        }
        child => child.unwrap(),
    };
    // It says nothing before it has read everything.
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && said.is_empty(), "{said:.2000}");
}
