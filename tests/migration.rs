//! The service before and after, in `examples/migration`, as the documentation
//! prints it. How it runs is in `process`.

use std::fs;
use std::path::Path;

/// What is left of a diff without the lines that begin with `other`.
fn without(other: char, diff: &str) -> String {
    let lines = diff.lines().filter(|line| !line.starts_with(other));
    // The first column of an empty line is not there.
    lines
        .map(|line| line.get(1..).unwrap_or_default().to_owned() + "\n")
        .collect()
}

#[test]
fn the_diff_in_the_documentation_is_the_one_between_the_two() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let read = |file: &str| fs::read_to_string(root.join(file)).unwrap();
    let diff = read("supervise-runtime/src/moving.diff");
    assert!(!diff.contains("```"), "it would end there");
    let what_to_do = "make it anew: git diff --no-index --patience -U999 before.rs after.rs";
    assert_eq!(
        without('+', &diff),
        read("examples/migration/before.rs"),
        "{what_to_do}"
    );
    assert_eq!(
        without('-', &diff),
        read("examples/migration/after.rs"),
        "{what_to_do}"
    );
    let is_common = |line: &&str| !line.starts_with(['+', '-']);
    assert!(diff.lines().filter(is_common).count() > 40, "{what_to_do}");
}
