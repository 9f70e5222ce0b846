//! The workers for programs.

use std::collections::BTreeSet;
use std::future::pending;
use std::time::Duration;

use serde_json::Value;
use supervise::supervised;
use supervise_tests::Runs;
use tokio::time::sleep;

use super::get;

fn page() -> Value {
    serde_json::from_str(get("/workers?format=json").body()).unwrap()
}

/// What is told of the worker called `name`.
fn worker(name: &str) -> Value {
    let page = page();
    let workers = page["workers"].as_array().unwrap();
    let worker = workers.iter().find(|worker| worker["name"] == name);
    worker.cloned().unwrap()
}

/// The paths of all members, `workers/name` for one of a list.
fn members(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let path = format!("{path}/{name}");
                members(value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(array) => array.iter().for_each(|value| members(value, path, found)),
        _ => {}
    }
}

/// The examples in the documentation of `supervise::http`.
fn documented() -> Vec<Value> {
    let source = include_str!("../../supervise-runtime/src/views/http.rs");
    let docs: Vec<_> = source
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .collect();
    let docs = docs.join("\n");
    let blocks = docs.split("```json").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap());
    blocks
        .map(|block| serde_json::from_str(block).unwrap())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_members_are_those_that_are_documented() {
    #[supervised(name = "json tick", every = "1m", backoff = "1s")]
    async fn tick(runs: &'static Runs) {
        assert!(runs.next() > 1, "first");
    }
    #[supervised(name = "json failing", restart = true, backoff = "1h")]
    async fn failing() {
        panic!("at a place");
    }
    static RUNS: Runs = Runs::new();
    let tasks = [tokio::spawn(tick(&RUNS)), tokio::spawn(failing())];
    sleep(Duration::from_secs(90)).await;
    let [mut schema, periodic]: [Value; 2] = documented().try_into().unwrap();
    schema["workers"][0]["periodic"] = periodic;

    let (mut expected, mut found) = (BTreeSet::new(), BTreeSet::new());
    members(&schema, "", &mut expected);
    members(&page(), "", &mut found);
    assert_eq!(found, expected);
    // Of each worker there are all of them.
    for worker in page()["workers"].as_array().unwrap() {
        let names: Vec<_> = worker.as_object().unwrap().keys().collect();
        let first = &schema["workers"][0].as_object().unwrap();
        assert_eq!(names, first.keys().collect::<Vec<_>>());
    }
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_waits_is_told_with_its_failures_and_its_next_start() {
    #[supervised(name = "json waiting", restart = true, backoff = "1h")]
    async fn waiting(runs: &'static Runs) {
        runs.panic_twice();
        pending::<()>().await;
    }
    static RUNS: Runs = Runs::new();
    let task = tokio::spawn(waiting(&RUNS));
    sleep(Duration::from_millis(10)).await;
    let told = worker("json waiting");
    assert_eq!(told["kind"], "worker");
    assert_eq!(told["restart"], "on_failure");
    assert_eq!(told["trouble"], "failing");
    assert_eq!((&told["running"], &told["waiting"]), (&0.into(), &1.into()));
    assert_eq!(told["exits"]["panic"], 1);
    assert_eq!(told["consecutive_failures"], 1);
    assert_eq!(told["periodic"], Value::Null);
    let failure = &told["last_failures"][0];
    assert_eq!(failure["reason"], "panic");
    assert_eq!(failure["message"], "run 1");
    assert_eq!(failure["count"], 1);
    assert_eq!(failure["place"]["file"], "tests/lib.rs");
    let [at, next] = [&failure["at"], &told["next_start"]].map(|time| time.as_str().unwrap());
    assert!(at < next && at.ends_with('Z'), "{at} {next}");
    assert!(told["location"]["file"] == "tests/http/json.rs");

    while supervise_tests::starts("json waiting") < 3 {
        sleep(Duration::from_secs(10)).await;
    }
    let told = worker("json waiting");
    assert_eq!((&told["running"], &told["waiting"]), (&1.into(), &0.into()));
    assert_eq!(told["trouble"], "failing", "not yet healthy");

    sleep(Duration::from_secs(4 * 3_600)).await;
    let told = worker("json waiting");
    assert_eq!(told["trouble"], Value::Null, "healthy again");
    assert_eq!(told["next_start"], Value::Null);
    assert_eq!(told["restarts"]["panic"], 2);
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn one_that_gave_up_is_in_trouble_until_one_of_its_name_is_started() {
    #[supervised(name = "json gave up")]
    async fn fails(times: &'static Runs) -> Result<(), String> {
        if times.next() == 1 {
            return Err("no disk".into());
        }
        Ok(())
    }
    static RUNS: Runs = Runs::new();
    assert!(fails(&RUNS).await.is_err());
    let told = worker("json gave up");
    assert_eq!(
        (&told["trouble"], &told["gave_up"]),
        (&"gave_up".into(), &1.into())
    );
    assert_eq!(told["last_failures"][0]["message"], "no disk");
    assert_eq!(told["last_failures"][0]["place"], Value::Null);
    fails(&RUNS).await.unwrap();
    assert_eq!(worker("json gave up")["trouble"], Value::Null);
}
