//! How many crates a user's build gets with the runtime.

use std::collections::BTreeSet;
use std::process::Command;

use crate::Fallible;
use crate::job::number;
use crate::measure::Budget::AtMost;
use crate::process::successful;
use crate::table::Row;

const RUNTIME: &str = "supervise-runtime";
const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");

pub fn rows() -> Fallible<[Row; 2]> {
    Ok([
        row("with default features", &[], 27.0)?,
        row("with no features", &["--no-default-features"], 12.0)?,
    ])
}

fn row(what: &str, features: &[&str], budget: f64) -> Fallible<Row> {
    let output = Command::new("cargo")
        .args(["tree", "--edges=normal", "--prefix=none", "--no-dedupe"])
        .args(["--manifest-path", WORKSPACE, "--package", RUNTIME])
        .args(features)
        .output()?;
    let tree = String::from_utf8(successful(output)?.stdout)?;
    let crates: BTreeSet<_> = tree.lines().collect();
    Ok(Row {
        what: format!("crates below {RUNTIME} {what}"),
        // Itself is none of them.
        values: [None, None, Some(number(crates.len() - 1))],
        budget: Some(AtMost(budget)),
    })
}
