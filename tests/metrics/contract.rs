//! Each label and each rule of the families that every worker has.

use std::convert::Infallible;
use std::future::{pending, ready};
use std::time::Duration;

use prometheus::Registry;
use supervise::tower::SupervisedLayer;
use supervise::{Policy, Restart, Supervisor, Worker, metrics, supervised};
use supervise_tests::{Runs, stop};
use tokio::task::yield_now;
use tokio::time::sleep;
use tower::{ServiceBuilder, ServiceExt};

use super::promtool;
use super::scrape::Scrape;

const SECOND: Duration = Duration::from_secs(1);

async fn panics() {
    panic!("as it is told to");
}

fn scrape() -> Scrape {
    let registry = Registry::new();
    metrics::register(&registry).unwrap();
    Scrape::of(&registry)
}

/// Asserts that these are the series of the family that a worker has, and their
/// values: of each, its only other label.
fn assert_told(worker: &str, family: &str, expected: &[(&str, &str)]) {
    let told = scrape().of_worker(worker).into_iter();
    let told = told.filter_map(|(series, value)| {
        let labels = series.strip_prefix(family)?.strip_prefix('{')?;
        let (_, label) = labels.strip_suffix("\"}")?.split_once("=\"")?;
        Some((label.to_owned(), value))
    });
    let told: Vec<_> = told.collect();
    let mut expected: Vec<_> = expected
        .iter()
        .map(|(label, value)| ((*label).to_owned(), (*value).to_owned()))
        .collect();
    expected.sort();
    assert_eq!(told, expected, "{family} of {worker}");
}

/// Asserts the value of a family that has no further label.
fn assert_is(worker: &str, family: &str, expected: &str) {
    assert_eq!(scrape().of_worker(worker)[family], expected, "{worker}");
}

// Panics, by kind.

#[tokio::test]
async fn a_panic_is_counted_as_that_of_a_worker_a_task_or_a_request() {
    async fn plain() {
        yield_now().await;
        panic!("in a task");
    }
    #[supervised(name = "kind: worker")]
    async fn worker() {
        panic!("in a worker");
    }
    worker().await;
    supervise::spawn(plain()).await.unwrap_err();
    let handler = tower::service_fn(|request: http::Request<String>| async move {
        assert!(request.body() != "bad", "in a request");
        Ok::<_, Infallible>(http::Response::new(String::new()))
    });
    let service = ServiceBuilder::new()
        .layer(SupervisedLayer::new("kind: request"))
        .service(handler);
    let answer = service.oneshot(http::Request::new("bad".to_owned())).await;
    assert_eq!(answer.unwrap().status(), 500);

    let panics = "supervise_panics_total";
    assert_told("kind: worker", panics, &[("worker", "1")]);
    assert_told("kind: request", panics, &[("request", "1")]);
    let task = "a_panic_is_counted_as_that_of_a_worker_a_task_or_a_request::plain";
    assert_told(task, panics, &[("task", "1")]);
}

#[test]
fn of_requests_there_is_one_series_from_when_the_layer_is_made() {
    let _layer = SupervisedLayer::new("no request yet");
    let told = scrape().of_worker("no request yet");
    let told: Vec<_> = told
        .iter()
        .map(|(series, value)| format!("{series} {value}"))
        .collect();
    assert_eq!(told, ["supervise_panics_total{kind=\"request\"} 0"]);
}

#[tokio::test]
async fn of_tasks_there_are_all_series_of_a_worker() {
    async fn quiet() {
        yield_now().await;
    }
    supervise::spawn(quiet()).await.unwrap();
    let task = "of_tasks_there_are_all_series_of_a_worker::quiet";
    let told = scrape().of_worker(task);
    assert_eq!(told.len(), 20, "{told:?}");
    assert_eq!(told["supervise_panics_total{kind=\"task\"}"], "0");
    assert_eq!(told["supervise_exits_total{reason=\"finished\"}"], "1");
}

#[tokio::test]
async fn a_worker_a_task_and_a_layer_of_one_name_are_told_together() {
    async fn twin() {
        yield_now().await;
        panic!("in a task");
    }
    let name = "a_worker_a_task_and_a_layer_of_one_name_are_told_together::twin";
    let worker = Worker::new(name).policy(Policy::new().restart(Restart::OnFailure));
    let worker = tokio::spawn(worker.supervise(panics));
    supervise::spawn(twin()).await.unwrap_err();
    let _layer = SupervisedLayer::new(name);
    yield_now().await;

    let panics = [("worker", "1"), ("task", "1"), ("request", "0")];
    assert_told(name, "supervise_panics_total", &panics);
    assert_is(name, "supervise_starts_total", "2");
    assert_is(name, "supervise_consecutive_failures", "1");
    let told = scrape().of_worker(name);
    assert_eq!(told["supervise_exits_total{reason=\"panic\"}"], "2");
    assert_eq!(told["supervise_workers{state=\"waiting\"}"], "1");
    let info = told.keys().filter(|series| series.contains("_info{"));
    assert_eq!(info.count(), 2, "each is somewhere: {told:?}");
    worker.abort();
}

// Exits and restarts, by reason.

/// With the one of `reason` once, and none of any other.
fn exits(reason: &str) -> Vec<(&str, &str)> {
    let reasons = [
        "cancelled",
        "error",
        "finished",
        "panic",
        "shutdown",
        "timeout",
    ];
    assert!(reasons.contains(&reason));
    let count = |one| if one == reason { "1" } else { "0" };
    reasons.map(|one| (one, count(one))).to_vec()
}

#[tokio::test(start_paused = true)]
async fn an_exit_is_counted_by_its_reason_and_by_no_other() {
    let supervisor = Supervisor::new();
    let error = Worker::new("exit: error").supervise(|| ready(Err::<(), _>("refused")));
    assert!(error.await.is_err());
    Worker::new("exit: finished").supervise(|| ready(())).await;
    Worker::new("exit: panic").supervise(panics).await;
    Worker::new("exit: timeout")
        .policy(Policy::new().timeout(SECOND))
        .supervise(pending::<()>)
        .await;
    supervisor.spawn(Worker::new("exit: shutdown").supervise(pending::<()>));
    let cancelled = tokio::spawn(Worker::new("exit: cancelled").supervise(pending::<()>));
    yield_now().await;
    cancelled.abort();
    stop(&supervisor).await;
    for reason in [
        "cancelled",
        "error",
        "finished",
        "panic",
        "shutdown",
        "timeout",
    ] {
        let worker = format!("exit: {reason}");
        assert_told(&worker, "supervise_exits_total", &exits(reason));
        assert_is(&worker, "supervise_starts_total", "1");
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_is_counted_by_the_end_that_it_follows() {
    let supervisor = Supervisor::new();
    let mut handles = Vec::new();
    for (name, timeout) in [
        ("restart: cancelled", None),
        ("restart: error", None),
        ("restart: finished", None),
        ("restart: panic", None),
        ("restart: timeout", Some(SECOND)),
    ] {
        let mut policy = Policy::new().restart(Restart::Always);
        if let Some(timeout) = timeout {
            policy = policy.timeout(timeout);
        }
        let runs: &Runs = Box::leak(Box::default());
        let worker = Worker::new(name).policy(policy);
        handles.push(supervisor.spawn(worker.supervise(move || async move {
            match name {
                _ if runs.next() > 1 => pending().await,
                "restart: error" => Err("refused"),
                "restart: finished" => Ok(()),
                "restart: panic" => panic!("again"),
                _ => pending().await,
            }
        })));
    }
    yield_now().await;
    handles[0].restart();
    sleep(Duration::from_millis(2_500)).await;
    for reason in ["cancelled", "error", "finished", "panic", "timeout"] {
        let worker = format!("restart: {reason}");
        let mut expected = exits(reason);
        // Nothing follows a shutdown.
        expected.retain(|(reason, _)| *reason != "shutdown");
        assert_told(&worker, "supervise_restarts_total", &expected);
    }
    stop(&supervisor).await;
}

// States.

fn assert_states(worker: &str, [running, waiting, scheduled, gave_up]: [&str; 4]) {
    let expected = [
        ("running", running),
        ("waiting", waiting),
        ("scheduled", scheduled),
        ("gave_up", gave_up),
    ];
    assert_told(worker, "supervise_workers", &expected);
}

#[tokio::test(start_paused = true)]
async fn a_worker_is_in_one_state_at_a_time() {
    #[supervised(
        name = "stateful",
        restart = "always",
        backoff = "10s",
        max_restarts = 1
    )]
    async fn stateful(runs: &Runs) -> Result<(), String> {
        sleep(SECOND).await;
        match runs.next() {
            1 => Ok(()),
            _ => Err("refused".into()),
        }
    }
    static RUNS: Runs = Runs::new();
    let worker = tokio::spawn(stateful(&RUNS));
    let mut states = Vec::new();
    while !worker.is_finished() {
        let scrape = scrape();
        let state = |state: &str| {
            scrape.value("stateful", &format!("supervise_workers{{state={state:?}}}")) > 0.5
        };
        if scrape.workers().contains("stateful") {
            let all = ["running", "waiting", "scheduled", "gave_up"];
            let now: Vec<_> = all.into_iter().filter(|one| state(one)).collect();
            assert_eq!(now.len(), 1, "{now:?}");
            if states.last() != now.first() {
                states.extend(now);
            }
        }
        sleep(Duration::from_millis(500)).await;
    }
    let expected = ["running", "scheduled", "running", "waiting", "running"];
    assert_eq!(states, expected);
    assert_states("stateful", ["0", "0", "0", "1"]);
    assert_is("stateful", "supervise_gave_up_total", "1");
}

#[tokio::test(start_paused = true)]
async fn a_pool_counts_all_its_workers_and_a_new_start_clears_those_that_gave_up() {
    #[supervised(name = "pool", restart = true, max_restarts = 0)]
    async fn pool(fails: bool) {
        yield_now().await;
        assert!(!fails, "over");
        pending::<()>().await;
    }
    let good: Vec<_> = (0..5).map(|_| tokio::spawn(pool(false))).collect();
    yield_now().await;
    assert_states("pool", ["5", "0", "0", "0"]);
    tokio::join!(pool(true), pool(true), pool(true));
    assert_states("pool", ["5", "0", "0", "3"]);
    assert_is("pool", "supervise_gave_up_total", "3");

    let another = tokio::spawn(pool(false));
    yield_now().await;
    assert_states("pool", ["6", "0", "0", "0"]);
    assert_is("pool", "supervise_gave_up_total", "3");
    assert_is("pool", "supervise_starts_total", "9");
    another.abort();
    good.iter().for_each(tokio::task::JoinHandle::abort);
    sleep(SECOND).await;
    assert_states("pool", ["0", "0", "0", "0"]);
}

// The crash-loop signal.

#[tokio::test(start_paused = true)]
async fn of_a_pool_the_most_failures_are_told_and_nothing_but_health_forgives_them() {
    #[supervised(name = "failing", restart = true, backoff = "1s", healthy_after = "1m")]
    async fn failing(runs: &Runs, failures: u32) {
        assert!(runs.next() > failures, "again");
        pending::<()>().await;
    }
    static RUNS: [Runs; 3] = [const { Runs::new() }; 3];
    let supervisor = Supervisor::new();
    let once = supervisor.spawn(failing(&RUNS[0], 1));
    let thrice = supervisor.spawn(failing(&RUNS[1], 3));
    let family = "supervise_consecutive_failures";
    sleep(Duration::from_secs(10)).await;
    assert_eq!(RUNS.each_ref().map(Runs::count), [2, 4, 0]);
    assert_is("failing", family, "3");

    thrice.restart();
    supervisor.spawn(failing(&RUNS[2], 0));
    sleep(Duration::from_secs(30)).await;
    assert_eq!(RUNS.each_ref().map(Runs::count), [2, 5, 1]);
    assert_is("failing", family, "3");
    sleep(Duration::from_secs(25)).await;
    assert_is("failing", family, "3");
    sleep(Duration::from_secs(10)).await;
    assert_is("failing", family, "0");
    drop(once);
    stop(&supervisor).await;
}

#[tokio::test(start_paused = true)]
async fn the_failures_of_a_worker_that_gave_up_stay_until_another_is_healthy() {
    #[supervised(
        name = "given up",
        restart = true,
        backoff = "1s",
        max_restarts = 2,
        healthy_after = "1m"
    )]
    async fn given_up(fails: bool) {
        assert!(!fails, "again");
        pending::<()>().await;
    }
    let family = "supervise_consecutive_failures";
    given_up(true).await;
    assert_is("given up", family, "3");
    let next = tokio::spawn(given_up(false));
    sleep(Duration::from_secs(59)).await;
    assert_states("given up", ["1", "0", "0", "0"]);
    assert_is("given up", family, "3");
    sleep(Duration::from_secs(2)).await;
    assert_is("given up", family, "0");
    next.abort();
}

// What is known of a worker.

#[tokio::test(start_paused = true)]
async fn the_info_of_a_worker_is_its_place_its_restart_and_whether_it_is_critical() {
    let place = |line: u32| format!("tests/metrics/contract.rs:{line}");
    for (name, restart) in [
        ("never", Restart::Never),
        ("on_failure", Restart::OnFailure),
        ("on_panic", Restart::OnPanic),
        ("always", Restart::Always),
    ] {
        for critical in [false, true] {
            let label = String::leak(format!("info: {name}, {critical}"));
            let (worker, line) = (Worker::new(label), line!());
            let worker = worker
                .policy(Policy::new().restart(restart))
                .critical(critical);
            let task = tokio::spawn(worker.supervise(pending::<()>));
            yield_now().await;
            let told = scrape().of_worker(label);
            let info = format!(
                "supervise_worker_info{{critical=\"{critical}\",location={:?},restart={name:?}}}",
                place(line)
            );
            assert_eq!(told.get(&info).map(String::as_str), Some("1"), "{told:?}");
            task.abort();
        }
    }
}

// The text.

#[tokio::test(start_paused = true)]
async fn promtool_finds_nothing_to_say_about_any_kind_of_worker() {
    let supervisor = Supervisor::new();
    let always = Policy::new().restart(Restart::Always);
    let worker = |name| Worker::new(name).policy(always);
    let mut fails = false;
    supervisor.spawn(
        worker("lint: critical")
            .critical(true)
            .supervise(pending::<()>),
    );
    supervisor.spawn(worker("lint: periodic").every(SECOND).supervise(move || {
        fails = !fails;
        ready(if fails { Ok(()) } else { Err("refused") })
    }));
    supervisor.spawn(worker("lint: panics").supervise(panics));
    supervisor.spawn(async { panic!("in a task") });
    let _layer = SupervisedLayer::new("lint: layer");
    sleep(Duration::from_secs(600)).await;

    let scrape = scrape();
    let families = scrape.families.iter();
    let families: Vec<_> = families
        .map(|(name, kind)| format!("{name} {kind}"))
        .collect();
    let expected = [
        "supervise_consecutive_failures gauge",
        "supervise_exits_total counter",
        "supervise_gave_up_total counter",
        "supervise_last_success_timestamp_seconds gauge",
        "supervise_panics_total counter",
        "supervise_period_seconds gauge",
        "supervise_restarts_total counter",
        "supervise_starts_total counter",
        "supervise_tick_duration_seconds histogram",
        "supervise_worker_info gauge",
        "supervise_workers gauge",
    ];
    assert_eq!(families, expected);
    promtool::check(&scrape.text);
    stop(&supervisor).await;
}
