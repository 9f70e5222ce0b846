//! What is told of each worker, in which order; and that it adds up.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use http::{Request, Response};
use serde_json::Value;
use supervise::tower::SupervisedLayer;
use supervise::{Backoff, Policy, Restart, Worker, supervised};
use supervise_tests::markup::Element;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tower::{ServiceExt, service_fn};
use tower_layer::Layer;

use crate::{get, page, row};

#[tokio::test(start_paused = true)]
async fn a_worker_that_waits_tells_since_when_and_when_it_starts_again() {
    #[supervised(name = "rows crash", restart = true, backoff = "1h")]
    async fn crashes() {
        panic!("rows");
    }
    let task = tokio::spawn(crashes());
    sleep(Duration::from_millis(10)).await;
    let page = page();
    let row = row(&page, "rows crash");
    assert_eq!(row.class(), "failing");
    let [name, state, since, next, runs, restarts, panics] = &row.told()[..] else {
        panic!("seven cells");
    };
    assert!(name.contains("tests/http_page/rows.rs:"), "{name}");
    assert!(name.ends_with("restarted on failure"), "{name}");
    assert_eq!(state, "waiting after a failure");
    assert!(since.ends_with(" UTC"), "{since}");
    assert!(next.starts_with("in ") && next.ends_with(" UTC"), "{next}");
    assert_eq!([runs, restarts, panics], ["1", "0", "1"]);
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn states_are_told_in_words_and_those_in_trouble_come_first() {
    static GIVES_UP: Worker = Worker::new("order: e gives up");
    static LOOPS: Worker =
        Worker::new("order: d loops").policy(Policy::new().restart(Restart::OnFailure).backoff(
            Backoff::doubling(Duration::from_secs(60), Duration::from_secs(86_400)),
        ));
    #[supervised(
        name = "order: c critical",
        restart = true,
        backoff = "1h",
        critical = true
    )]
    async fn critical() {
        panic!("rows");
    }
    #[supervised(name = "order: b fails", restart = true, backoff = "1h")]
    async fn fails() {
        panic!("rows");
    }
    #[supervised(name = "order: a is well")]
    async fn well() {
        pending::<()>().await;
    }
    #[supervised(name = "order: f has ended")]
    async fn ended() {}

    let tasks = [
        tokio::spawn(GIVES_UP.supervise(|| async { panic!("rows") })),
        tokio::spawn(LOOPS.supervise(|| async { panic!("rows") })),
        tokio::spawn(critical()),
        tokio::spawn(fails()),
        tokio::spawn(well()),
        tokio::spawn(ended()),
    ];
    sleep(Duration::from_secs(1_800)).await;
    let page = page();
    let names = page.all("tbody").into_iter();
    let names = names.map(|group| group.one("th").one("b").text());
    let order: Vec<_> = names.filter(|name| name.starts_with("order: ")).collect();
    assert_eq!(
        order,
        [
            "order: e gives up",
            "order: d loops",
            "order: c critical",
            "order: b fails",
            "order: a is well",
            "order: f has ended",
        ]
    );
    for (name, class, state) in [
        ("order: e gives up", "gave-up", "gave up"),
        ("order: d loops", "failing", "waiting"),
        ("order: a is well", "up", "running"),
        ("order: f has ended", "idle", "ended"),
    ] {
        let row = row(&page, name);
        assert_eq!(row.class(), class, "{name}");
        assert_eq!(row.cells[1].one("strong").text(), state, "{name}");
    }
    // It is not known when it ended, and not told as if it were.
    assert_eq!(row(&page, "order: f has ended").told()[2], "–");
    let state = row(&page, "order: d loops").told()[1].clone();
    assert!(state.ends_with(" failures in a row"), "{state}");
    let marks = row(&page, "order: c critical").cells[0].all("i");
    let marks: Vec<_> = marks.into_iter().map(Element::text).collect();
    assert_eq!(marks, ["critical", "not ready yet"]);
    tasks.iter().for_each(JoinHandle::abort);
}

#[tokio::test(start_paused = true)]
async fn a_pool_is_one_row_that_counts_its_workers_in_each_state() {
    #[supervised(name = "rows pool", restart = true, backoff = "1h")]
    async fn member(fails: bool) {
        assert!(!fails, "one of three");
        pending::<()>().await;
    }
    let tasks: Vec<_> = (0..100)
        .map(|number| tokio::spawn(member(number < 3)))
        .collect();
    sleep(Duration::from_millis(10)).await;
    let page = page();
    let row = row(&page, "rows pool");
    assert_eq!(row.cells[1].one("strong").text(), "3 waiting, 97 running");
    assert_eq!(row.told()[4..], ["100", "0", "3"]);
    tasks.iter().for_each(JoinHandle::abort);
}

#[tokio::test]
async fn a_start_that_is_overdue_is_told_as_due() {
    #[supervised(name = "rows overdue", restart = true, backoff = "1ms")]
    async fn crashes() {
        panic!("rows");
    }
    let task = tokio::spawn(crashes());
    tokio::task::yield_now().await;
    // Nobody is there to start it.
    std::thread::sleep(Duration::from_millis(20));
    let next = row(&page(), "rows overdue").told()[3].clone();
    assert!(next.starts_with("due "), "{next}");
    task.abort();
}

#[tokio::test]
async fn a_periodic_worker_tells_its_period_and_when_it_is_late() {
    #[supervised(name = "rows in time", every = "1h")]
    async fn in_time() {}
    #[supervised(name = "rows late", every = "1ms")]
    async fn late() {
        pending::<()>().await;
    }
    let tasks = [tokio::spawn(in_time()), tokio::spawn(late())];
    sleep(Duration::from_millis(20)).await;
    let page = page();
    let in_time = row(&page, "rows in time");
    assert_eq!(in_time.class(), "up");
    let state = &in_time.told()[1];
    assert!(
        state.starts_with("scheduled every 1 h, last success "),
        "{state}"
    );
    assert!(in_time.told()[3].starts_with("in "));
    let late = row(&page, "rows late");
    assert_eq!(late.class(), "late");
    let state = &late.told()[1];
    assert!(
        state.starts_with("running, late every 1ms, no success since its start "),
        "{state}"
    );
    tasks.iter().for_each(JoinHandle::abort);
}

#[tokio::test]
async fn requests_and_tasks_are_told_as_what_they_are() {
    let service = service_fn(|request: Request<String>| async move {
        let body = request.into_body();
        assert!(body == "polite", "a request");
        Ok::<_, Infallible>(Response::new(body))
    });
    let service = SupervisedLayer::new("rows layer").layer(service);
    service.oneshot(Request::new(String::new())).await.unwrap();
    // It is called by the name of this function.
    supervise::spawn(async { panic!("a task") })
        .await
        .unwrap_err();

    let page = page();
    let layer = row(&page, "rows layer");
    assert_eq!(layer.class(), "idle");
    assert_eq!(layer.told()[1..], ["requests", "–", "–", "–", "–", "1"]);
    assert!(
        layer
            .group
            .text()
            .contains("panic at tests/http_page/rows.rs:")
    );
    let names = page.all("tbody").into_iter();
    let mut names = names.map(|group| group.one("th").text());
    let task = names
        .find(|name| name.contains("requests_and_tasks"))
        .unwrap();
    assert!(
        task.contains(" task") && !task.contains("restarted"),
        "{task}"
    );
}

/// Others run at the same time, so this is no comparison with another page, but
/// of what one says with itself; and of a worker that nothing happens to.
#[tokio::test(start_paused = true)]
async fn the_counts_add_up() {
    #[supervised(name = "rows sum", restart = true, backoff = "1h")]
    async fn crashes() {
        panic!("rows");
    }
    let task = tokio::spawn(crashes());
    sleep(Duration::from_millis(10)).await;
    let page = page();
    let groups = page.all("tbody");
    let is_in_trouble = |group: &&&Element| {
        ["gave-up", "failing", "late"].contains(&group.attribute("class").unwrap())
    };
    let in_trouble = groups.iter().filter(is_in_trouble).count();
    let all = groups.len();
    assert!(in_trouble > 0);
    let head = page.one("header").text();
    assert!(
        head.contains(&format!("{in_trouble} in trouble of {all}")),
        "{head}"
    );
    let title = page.one("title").text();
    assert!(
        title.starts_with(&format!("{in_trouble} in trouble · ")),
        "{title}"
    );
    let mut counted = 0;
    for section in page.all("section") {
        let told = section.one("h2").text();
        let (count, of_what) = told.split_once(' ').unwrap();
        let rows = section.all("tbody");
        assert_eq!(count, rows.len().to_string());
        let troubled = rows.iter().filter(is_in_trouble).count();
        assert_eq!(
            troubled,
            if of_what == "in trouble" {
                rows.len()
            } else {
                0
            }
        );
        counted += rows.len();
    }
    assert_eq!(counted, all);
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn the_numbers_are_those_of_the_json() {
    #[supervised(name = "rows numbers", restart = true, backoff = "1m..10m")]
    async fn worker() -> Result<(), &'static str> {
        sleep(Duration::from_secs(1)).await;
        Err("rows")
    }
    let task = tokio::spawn(worker());
    sleep(Duration::from_secs(3_600)).await;
    let (page, json) = (page(), get("?format=json").into_body());
    let json: Value = serde_json::from_str(&json).unwrap();
    let workers = json["workers"].as_array().unwrap();
    let worker = workers
        .iter()
        .find(|worker| worker["name"] == "rows numbers")
        .unwrap();
    let restarts: u64 = worker["restarts"]["error"].as_u64().unwrap();
    assert!(restarts > 3, "{worker}");
    let told = row(&page, "rows numbers").told();
    assert_eq!(told[4], worker["starts"].to_string());
    assert_eq!(told[5], restarts.to_string());
    assert_eq!(told[6], "0");
    let failures = worker["consecutive_failures"].to_string();
    assert!(
        told[1].contains(&format!("{failures} failures in a row")),
        "{told:?}"
    );
    let next = worker["next_start"].as_str().unwrap();
    let clock = &next[11..19];
    assert!(told[3].contains(clock), "{told:?} {next}");
    task.abort();
}
