//! The workers as a table for terminals.

use std::future::pending;
use std::time::Duration;

use supervise::supervised;
use tokio::time::sleep;

use super::get;

/// The lines of the table, its head first.
fn table() -> Vec<String> {
    let text = get("/workers?format=text").into_body();
    let lines = text.lines().skip_while(|line| !line.starts_with("WORKER"));
    lines.map(String::from).collect()
}

#[tokio::test(start_paused = true)]
async fn the_columns_are_aligned_and_who_is_in_trouble_comes_first() {
    #[supervised(name = "aa in good health")]
    async fn good() {
        pending::<()>().await;
    }
    #[supervised(name = "zz failing", restart = true, backoff = "1h")]
    async fn failing() {
        panic!("told in the table");
    }
    let tasks = [tokio::spawn(good()), tokio::spawn(failing())];
    sleep(Duration::from_millis(10)).await;
    let table = table();
    let line = |name| {
        table
            .iter()
            .position(|line| line.starts_with(name))
            .unwrap()
    };
    assert!(line("zz failing") < line("aa in good health"), "{table:#?}");

    // Of each column the head and the cells begin below each other, after a gap.
    for column in [
        "STATE",
        "SINCE",
        "RUNS",
        "RESTARTS",
        "PANICS",
        "NEXT START",
        "LAST FAILURE",
    ] {
        let at = table[0].find(column).unwrap();
        for line in &table {
            let chars: Vec<_> = line.chars().collect();
            assert_eq!(&chars[at - 2..at], [' ', ' '], "{line}");
            assert_ne!(chars[at], ' ', "{line}");
        }
    }
    let failing = &table[line("zz failing")];
    assert!(failing.contains("waiting"), "{failing}");
    let place = " at tests/http/table.rs:";
    assert!(
        failing.contains("panic ") && failing.contains(place),
        "{failing}"
    );
    assert!(failing.ends_with(": told in the table"), "{failing}");
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(start_paused = true)]
async fn a_pool_is_one_line_that_counts_its_workers_in_each_state() {
    #[supervised(name = "table pool", restart = true, backoff = "1h")]
    async fn member(number: u32) {
        sleep(Duration::from_millis(1)).await;
        assert!(number > 3, "one of three");
        pending::<()>().await;
    }
    let tasks: Vec<_> = (1..=100)
        .map(|number| tokio::spawn(member(number)))
        .collect();
    sleep(Duration::from_secs(1)).await;
    let table = table();
    let lines: Vec<_> = table
        .iter()
        .filter(|line| line.contains("table pool"))
        .collect();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains("3 waiting, 97 running"), "{lines:?}");
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
}

#[test]
fn the_head_tells_which_process_and_which_moment_it_is() {
    let text = get("/workers").into_body();
    let pid = format!("pid {} on ", std::process::id());
    assert!(text.contains(&pid), "{text}");
    assert!(text.starts_with("http-"), "the name of the program: {text}");
    let rendered = text.split("rendered at ").nth(1).unwrap();
    let rendered = rendered.lines().next().unwrap();
    assert_eq!(rendered.len(), "2026-11-25T21:45:28Z".len(), "{rendered}");
}
