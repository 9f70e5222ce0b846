//! No line is logged that no test here has looked at.

use std::fs;
use std::path::{Path, PathBuf};

/// All the sources below a folder of this workspace.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(folder);
    let mut found = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let inside = Path::new(folder).join(path.file_name().unwrap());
            found.extend(sources(inside.to_str().unwrap()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

fn is_log(path: &Path) -> bool {
    path.ends_with("src/log.rs") || path.parent().unwrap().ends_with("src/log")
}

/// The literals in the code of the log, as they are at run time.
fn literals() -> Vec<String> {
    let mut literals = Vec::new();
    for (_, text) in sources("supervise-runtime/src")
        .iter()
        .filter(|(path, _)| is_log(path))
    {
        let code = text.lines().map(str::trim_start);
        let code: Vec<_> = code.filter(|line| !line.starts_with("//")).collect();
        // No string of this crate's log has an end of the line in it.
        let code = code.join("\n").replace("\\\n", "").replace("\\\"", "\u{1}");
        let strings = code.split('"').skip(1).step_by(2);
        literals.extend(strings.map(|text| text.replace('\u{1}', "\"")));
    }
    literals
}

/// What is no message: the targets, the span, the kinds of failures, the features.
const OTHERS: [&str; 9] = [
    "abort",
    "panic",
    "prometheus",
    "signal",
    "supervise",
    "supervise::panic",
    "supervise::run",
    "timeout",
    "tower",
];

#[test]
fn every_line_that_can_be_logged_is_expected_somewhere() {
    let mut expected = sources("tests/log");
    let once = Path::new(env!("CARGO_MANIFEST_DIR")).join("log_once.rs");
    // What needs another build of the whole.
    let abort = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.ci/panic-abort");
    for path in [once, abort] {
        let text = fs::read_to_string(&path).unwrap();
        expected.push((path, text));
    }
    let mut messages = literals();
    messages.retain(|text| !OTHERS.contains(&&**text) && !["{text}", "worker"].contains(&&**text));
    for message in &messages {
        let is_expected = |text: &str| {
            ["supervise", "supervise::panic"].iter().any(|target| {
                let line = format!("{target}: {message}");
                // Not the beginning of a longer one.
                text.split(&line)
                    .skip(1)
                    .any(|rest| !rest.starts_with([':', ',']))
            })
        };
        let found = expected.iter().any(|(_, text)| is_expected(text));
        assert!(found, "no test expects the line {message:?}");
    }
    assert!(messages.len() >= 38, "{}", messages.len());
}

#[test]
fn nothing_is_logged_but_by_the_log() {
    for (path, text) in sources("supervise-runtime/src") {
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code.filter(|_| !is_log(&path)) {
            for event in [
                "trace!(", "debug!(", "info!(", "warn!(", "error!(", "event!(",
            ] {
                let is_it = |(before, _): (&str, &str)| {
                    !before.ends_with(|c: char| c.is_alphabetic() || c == '_')
                };
                assert!(
                    !line.split_once(event).is_some_and(is_it),
                    "{}: {line}",
                    path.display()
                );
            }
        }
    }
}
