//! Every metric, label and fixed value that is used exists in a real scrape.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::LazyLock;

use super::dashboard;
use super::promql::{groupings, selectors};
use super::rules::Alert;
use super::scene;

/// The contract.
const FAMILIES: [&str; 11] = [
    "supervise_panics_total",
    "supervise_starts_total",
    "supervise_exits_total",
    "supervise_restarts_total",
    "supervise_gave_up_total",
    "supervise_workers",
    "supervise_consecutive_failures",
    "supervise_worker_info",
    "supervise_period_seconds",
    "supervise_last_success_timestamp_seconds",
    "supervise_tick_duration_seconds",
];

/// Labels that a target has, not we.
const OF_TARGETS: [&str; 4] = ["job", "instance", "pod", "node"];

/// Labels whose values the user makes up, or the histogram's bounds.
const FREE: [&str; 3] = ["worker", "location", "le"];

/// The values of each label of each metric in a real scrape.
static SCRAPED: LazyLock<BTreeMap<String, BTreeMap<String, BTreeSet<String>>>> =
    LazyLock::new(|| {
        let mut scraped: BTreeMap<_, BTreeMap<_, BTreeSet<_>>> = BTreeMap::new();
        let text = scene::scrape();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            for selector in selectors(line) {
                let labels = scraped.entry(selector.name).or_default();
                for (label, value) in selector.labels {
                    labels.entry(label).or_default().insert(value);
                }
            }
        }
        scraped
    });

/// Asserts that what `text` names is there.
fn assert_exists(text: &str, place: &str) {
    for selector in selectors(text) {
        let name = &selector.name;
        let labels = SCRAPED
            .get(name)
            .unwrap_or_else(|| panic!("{place}: there is no {name}"));
        for (label, value) in &selector.labels {
            if OF_TARGETS.contains(&label.as_str()) {
                continue;
            }
            let values = labels
                .get(label)
                .unwrap_or_else(|| panic!("{place}: {name} has no label {label}"));
            if !FREE.contains(&label.as_str()) {
                for value in value.split('|') {
                    assert!(values.contains(value), "{place}: no {label}=\"{value}\"");
                }
            }
        }
    }
}

fn assert_are_labels(labels: impl IntoIterator<Item = String>, place: &str) {
    for label in labels {
        let is_ours = SCRAPED.values().any(|labels| labels.contains_key(&label));
        let is_known = is_ours || OF_TARGETS.contains(&label.as_str());
        assert!(is_known, "{place}: nothing has a label {label}");
    }
}

/// What follows each `start` in `text`, up to `end`.
fn between(text: &str, start: &str, end: char) -> Vec<String> {
    let parts = text.split(start).skip(1);
    parts
        .map(|part| part.split(end).next().unwrap().trim().to_owned())
        .collect()
}

#[test]
fn a_scrape_has_the_families_of_the_contract_and_no_other() {
    let families: BTreeSet<_> = SCRAPED
        .keys()
        .map(|name| {
            let histogram = name.strip_prefix("supervise_tick_duration_seconds");
            histogram.map_or(name.as_str(), |_| "supervise_tick_duration_seconds")
        })
        .collect();
    assert_eq!(families, FAMILIES.into());
}

#[test]
fn what_the_rules_and_their_tests_name_exists() {
    for alert in Alert::all() {
        let place = format!("{} ({})", alert.name, alert.severity);
        assert_exists(&alert.expr, &place);
        assert_are_labels(groupings(&alert.expr), &place);
        for text in [&alert.summary, &alert.description] {
            assert_are_labels(between(text, "$labels.", '}'), &place);
        }
    }
    for file in fs::read_dir(crate::folder().join("tests")).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let series = between(&text, "- series: ", '\n');
        assert!(!series.is_empty());
        for series in series {
            assert_exists(&series, &path.display().to_string());
        }
    }
}

#[test]
fn what_the_dashboard_names_exists_and_it_uses_every_family() {
    let mut used = BTreeSet::new();
    for query in dashboard::queries() {
        assert_exists(&query.expr, &query.panel);
        assert_are_labels(groupings(&query.expr), &query.panel);
        assert_are_labels(between(&query.legend, "{{", '}'), &query.panel);
        used.extend(selectors(&query.expr).into_iter().map(|one| one.name));
    }
    for (variable, query) in dashboard::variables() {
        assert_exists(&query, &variable);
    }
    for family in FAMILIES {
        let is_used = used.iter().any(|name| name.starts_with(family));
        assert!(is_used, "no panel shows {family}");
    }
}

#[test]
fn each_alert_says_what_is_wrong_and_leads_to_a_runbook_that_says_what_to_do() {
    let readme = crate::text("README.md");
    let headings: Vec<_> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .collect();
    for alert in Alert::all() {
        let name = &alert.name;
        assert!(["critical", "warning"].contains(&alert.severity.as_str()));
        assert!(alert.summary.contains("$labels.worker"), "{name}");
        assert!(!alert.description.is_empty(), "{name}");
        let url = format!("https://runbooks.example/supervise#{}", name.to_lowercase());
        assert_eq!(alert.runbook_url, url);
        assert!(headings.contains(&name.as_str()), "{name} has no runbook");
    }
}
