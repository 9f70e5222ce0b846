//! Tests that need a process of their own, with no worker started yet.

use std::any::type_name;
use std::process::{self, Command};
use std::thread;
use std::time::Duration;

/// Set in such a process.
const ALONE: &str = "SUPERVISE_TEST_ALONE";

/// Nobody waits for it, unless a test hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// Calls `test`, a closure in a test of this program, in another process, which
/// runs that test and no other.
pub fn alone<F: FnOnce()>(test: F) {
    if std::env::var_os(ALONE).is_some() {
        thread::spawn(|| {
            thread::sleep(LIMIT);
            eprintln!("it takes longer than {LIMIT:?}");
            process::exit(1);
        });
        return test();
    }
    let closure = type_name::<F>();
    let (_, name) = closure.split_once("::").unwrap();
    let name = name.strip_suffix("::{{closure}}").unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(ALONE, "")
        .output()
        .unwrap();
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    let passed = output.status.success() && told.contains("1 passed");
    assert!(passed, "{told}");
}
