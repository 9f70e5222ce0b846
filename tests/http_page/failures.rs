//! The last failures of a worker.

use std::future::pending;
use std::time::Duration;

use supervise::supervised;
use supervise_tests::Runs;
use supervise_tests::markup::Element;
use tokio::time::sleep;

use crate::{page, row};

#[tokio::test(start_paused = true)]
async fn of_who_is_in_trouble_they_are_open_by_place_and_counted() {
    static RUNS: Runs = Runs::new();
    #[supervised(name = "failures", restart = true, backoff = "1s")]
    async fn worker() -> Result<(), String> {
        let run = RUNS.next();
        match run {
            1..=5 => panic!("at one place"),
            // Ten different ones, of which the last seven are kept.
            6..=15 => Err(format!("error {run}")),
            16 | 17 => panic!("at another"),
            _ => pending().await,
        }
    }
    let task = tokio::spawn(worker());
    while RUNS.count() < 18 {
        sleep(Duration::from_millis(500)).await;
    }
    let page = page();
    let row = row(&page, "failures");
    assert_eq!(row.class(), "failing");
    assert_eq!(
        row.told()[1],
        "running after 17 failures in a row, not healthy yet"
    );
    let details = row.group.one("details");
    assert_eq!(details.attribute("open"), Some(""));
    let items = details.all("li");
    let told: Vec<_> = items.iter().map(|item| item.text()).collect();
    assert_eq!(told.len(), 8, "{told:#?}");
    assert!(
        told[0].starts_with("2 × panic at tests/http_page/failures.rs:"),
        "{told:#?}"
    );
    assert!(told[0].contains(", latest "), "{told:#?}");
    assert!(told[0].ends_with("\nat another"), "{told:#?}");
    for (item, run) in told[1..].iter().zip((9..=15).rev()) {
        assert!(item.starts_with("1 × error, "), "{item}");
        assert!(item.ends_with(&format!("\nerror {run}")), "{item}");
    }
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn of_who_is_well_again_they_are_closed_and_the_last_is_told() {
    static RUNS: Runs = Runs::new();
    #[supervised(
        name = "failures of old",
        restart = true,
        backoff = "1s",
        healthy_after = "1m"
    )]
    async fn worker() {
        RUNS.panic_twice();
        pending::<()>().await;
    }
    let task = tokio::spawn(worker());
    sleep(Duration::from_secs(3_600)).await;
    let page = page();
    let row = row(&page, "failures of old");
    assert_eq!(row.class(), "up");
    let details = row.group.one("details");
    assert_eq!(details.attribute("open"), None);
    let summary = details.one("summary").text();
    assert!(summary.starts_with("Last failure "), "{summary}");
    assert!(summary.contains(": panic at tests/lib.rs:"), "{summary}");
    assert!(summary.ends_with(": run 2"), "{summary}");
    assert!(details.one("li").text().starts_with("2 × panic at "));
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn a_long_message_is_cut_with_a_mark_and_there_as_a_whole() {
    #[supervised(name = "failures at length", restart = true, backoff = "1h")]
    async fn long() -> Result<(), String> {
        Err("a long story & ".repeat(100))
    }
    #[supervised(name = "failures in lines", restart = true, backoff = "1h")]
    async fn lines() -> Result<(), String> {
        Err("one\ntwo\nthree\nfour\nfive".into())
    }
    let tasks = [tokio::spawn(long()), tokio::spawn(lines())];
    sleep(Duration::from_millis(10)).await;
    let page = page();
    let texts = |name| {
        let pres = row(&page, name).group.all("pre");
        pres.into_iter().map(Element::text).collect::<Vec<_>>()
    };
    let whole = "a long story & ".repeat(100);
    let cut = format!("\n{}…", &whole[..300]);
    assert_eq!(texts("failures at length"), [cut, format!("\n{whole}")]);
    assert_eq!(
        texts("failures in lines"),
        ["\none\ntwo\nthree\nfour…", "\none\ntwo\nthree\nfour\nfive"]
    );
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
}
