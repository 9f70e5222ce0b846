//! The service before and after: what is wrong with it, and no longer is.

use std::fs;
use std::path::Path;

use crate::program::{Program, eventually, example};

/// The service, with the directory that its file is in.
fn start(name: &'static str) -> (Program, String) {
    let folder = format!("{}/migration_{name}", env!("CARGO_TARGET_TMPDIR"));
    // An earlier test may have left it.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let mut command = example(name);
    command.env("TMPDIR", &folder).env("NO_COLOR", "1");
    (Program::spawn(&mut command), folder)
}

/// What it has said since it first said `text`; nothing before that.
fn since(program: &Program, text: &str) -> String {
    let said = program.stdout.text();
    let (_, since) = said.split_once(text).unwrap_or_default();
    since.to_owned()
}

#[test]
fn what_is_silent_and_doubled_before_is_told_and_single_after() {
    let (before, _) = start("before");
    let (after, folder) = start("after");

    // A second line to the station, and somebody still keeps the first one alive.
    eventually("before, the first line is kept alive", || {
        since(&before, "ping line=2")
            .contains("ping line=1")
            .then_some(())
    });
    let panicked = "worker panicked worker=\"report\"";
    eventually("after, there are reports again", || {
        since(&after, panicked)
            .contains("reported highest=")
            .then_some(())
    });
    assert!(since(&after, "ping line=2").contains("ping line=2"));
    assert!(!since(&after, "ping line=2").contains("ping line=1"));

    let end = before.end("INT");
    assert!(end.status.success(), "{end:?}");
    // The last report was before the panic, which the log does not tell.
    assert!(
        end.stderr
            .contains("panicked at examples/migration/before.rs"),
        "{end:?}"
    );
    assert!(!end.stdout.contains("panicked"), "{end:?}");

    let end = after.end("INT");
    assert!(end.status.success(), "{end:?}");
    assert!(
        end.stdout.contains("worker failed worker=\"listen\""),
        "{end:?}"
    );
    let stored = fs::read_to_string(Path::new(&folder).join("readings.txt")).unwrap();
    assert!(
        stored.starts_with("25\n26\n27\n") && stored.ends_with('\n'),
        "{stored}"
    );
    let highest = stored
        .lines()
        .map(|line| line.parse::<i32>().unwrap())
        .max();
    let reported = format!("reported highest={}", highest.unwrap());
    assert!(end.stdout.contains(&reported), "{end:?}");
}
