//! The alerts as a real Prometheus raises them: one run for all of them, as it
//! takes its time.

use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::dashboard;
use super::prometheus::{Prometheus, is_installed};
use super::rules::{Alert, expected_workers};
use super::scene::SCENE;
use crate::program::{self, Program, eventually};

/// The alerts that there are.
struct Alerts(Vec<Raised>);

#[derive(Debug)]
struct Raised {
    alert: String,
    worker: String,
    severity: String,
    state: String,
    instance: String,
}

impl Alerts {
    fn of(prometheus: &Prometheus) -> Self {
        let data = prometheus.get("alerts", &[]);
        let alerts = data["alerts"].as_array().unwrap().iter();
        let raised = alerts.map(|alert| {
            let label = |name: &str| alert["labels"][name].as_str().unwrap_or_default().into();
            Raised {
                alert: label("alertname"),
                worker: label("worker"),
                severity: label("severity"),
                state: alert["state"].as_str().unwrap().into(),
                instance: label("instance"),
            }
        });
        Self(raised.collect())
    }

    /// Those on `instance`, but for one that is slow, as is said of it.
    fn on<'a>(&'a self, instance: &'a str) -> impl Iterator<Item = &'a Raised> {
        let on = self
            .0
            .iter()
            .filter(move |raised| raised.instance == instance);
        on.filter(|raised| (&*raised.alert, &*raised.state) != SLOW)
    }

    /// Those that there are on `instance`, or on no one instance, and either fire
    /// or are slow.
    fn raised(&self, instance: &str) -> BTreeSet<(&str, &str, &str)> {
        let raised = self.0.iter().filter(|raised| {
            let fires = raised.state == "firing" || (&*raised.alert, &*raised.state) == SLOW;
            fires && (raised.instance == instance || raised.instance.is_empty())
        });
        raised
            .map(|raised| (&*raised.alert, &*raised.severity, &*raised.worker))
            .collect()
    }
}

#[test]
fn a_crash_loop_raises_its_alert_and_a_good_push_ends_it() {
    if !is_installed() {
        return;
    }
    let incident = Program::start(program::example("incident").args(["--port", "0"]));
    let instance = incident.url.strip_prefix("http://").unwrap();
    let scene = SCENE.to_string();
    let prometheus = Prometheus::start(&[instance, &scene]);
    eventually(
        "all is scraped and evaluated, and the incident is well",
        || {
            sleep(POLL);
            let is_scraped = prometheus.count("up == 1") == 2;
            let is_evaluated = is_scraped && are_evaluated(&prometheus);
            let is_well = is_evaluated && Alerts::of(&prometheus).on(instance).next().is_none();
            is_well.then_some(())
        },
    );

    push(&incident, r#"{"cache":{}}"#);
    eventually("the alert fires", || {
        sleep(POLL);
        let alerts = Alerts::of(&prometheus);
        let raised = alerts.on(instance).next()?;
        assert_eq!(alerts.on(instance).count(), 1, "{:?}", alerts.0);
        assert_eq!(raised.alert, "SuperviseCrashLoop");
        assert_eq!(raised.worker, "cleanup");
        assert_eq!(raised.severity, "warning", "it is not critical");
        (raised.state == "firing").then_some(())
    });
    let pending = r#"last_over_time(ALERTS{worker="cleanup", alertstate="pending",
        alertname="SuperviseCrashLoop"}[1m])"#;
    assert_eq!(prometheus.count(pending), 1, "it fired at once");

    all_that_is_in_trouble_has_its_alert(&prometheus, &scene);
    every_panel_shows_something(&prometheus);

    push(&incident, r#"{"cache":{"ttl_seconds":3}}"#);
    eventually("the alert ends", || {
        sleep(POLL);
        let alerts = Alerts::of(&prometheus);
        alerts.on(instance).next().is_none().then_some(())
    });
    assert!(are_evaluated(&prometheus));

    let log = prometheus.end();
    let mut lines = log.lines().filter(|line| !line.contains("SIGTERM"));
    let trouble = lines.find(|line| line.contains("level=warn") || line.contains("level=error"));
    assert_eq!(trouble, None, "Prometheus has to say of what it was given");
    let end = incident.end("TERM");
    assert!(end.status.success(), "{end:?}");
    assert!(end.took < Duration::from_secs(2), "{end:?}");
    assert!(end.stdout.contains("worker recovered"), "{end:?}");
    assert_eq!(end.stderr, "");
}

/// Its `for` is half an hour: it has begun, and in good time more was not to be.
const SLOW: (&str, &str) = ("SuperviseFailsOften", "pending");

const POLL: Duration = Duration::from_millis(100);

fn push(incident: &Program, config: &str) {
    let url = format!("{}/config", incident.url);
    assert_eq!(incident.agent.put(url).send(config).unwrap().status(), 200);
}

/// Whether all rules were, of which none may fail.
fn are_evaluated(prometheus: &Prometheus) -> bool {
    let data = prometheus.get("rules", &[]);
    let groups = data["groups"].as_array().unwrap().iter();
    let rules = groups.flat_map(|group| group["rules"].as_array().unwrap());
    let health: Vec<_> = rules.map(|rule| &rule["health"]).collect();
    assert_eq!(health.len(), Alert::all().len() + expected_workers().len());
    assert!(health.iter().all(|health| **health != "err"), "{data:#}");
    health.iter().all(|health| **health == "ok")
}

fn all_that_is_in_trouble_has_its_alert(prometheus: &Prometheus, scene: &str) {
    let mut expected = BTreeSet::from([
        ("SuperviseCrashLoop", "critical", "scene loops"),
        ("SuperviseCrashLoop", "warning", "scene late"),
        ("SuperviseFailsOften", "warning", "scene often"),
        ("SuperviseGaveUp", "warning", "scene ends"),
        ("SupervisePeriodicLate", "warning", "scene late"),
        ("SuperviseRequestPanics", "warning", "scene api"),
        ("SuperviseTaskPanics", "warning", "scene::task"),
    ]);
    // It has none of them.
    let missing = expected_workers();
    let missing = missing
        .iter()
        .map(|worker| ("SuperviseWorkerMissing", "critical", &**worker));
    expected.extend(missing);
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        sleep(POLL);
        let alerts = Alerts::of(prometheus);
        let raised = alerts.raised(scene);
        if raised == expected {
            break;
        }
        assert!(Instant::now() < deadline, "{raised:#?}");
    }
    let names: BTreeSet<_> = expected
        .iter()
        .map(|(name, ..)| (*name).to_owned())
        .collect();
    let all: BTreeSet<_> = Alert::all().into_iter().map(|alert| alert.name).collect();
    assert_eq!(names, all, "an alert is not shown here");
}

fn every_panel_shows_something(prometheus: &Prometheus) {
    for query in dashboard::queries() {
        let expr = query
            .expr
            .replace("$__rate_interval", "10s")
            .replace("$__range", "1m");
        let expr = ["$job", "$instance", "$worker"]
            .into_iter()
            .fold(expr, |expr, variable| expr.replace(variable, ".*"));
        assert!(!expr.contains('$'), "{expr}");
        assert!(prometheus.count(&expr) > 0, "nothing in {query:?}");
    }
}
