//! The dashboard, as data; and that it holds together.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub fn dashboard() -> Value {
    serde_json::from_str(&crate::text("dashboard.json")).unwrap()
}

/// What a panel asks, by the panel's title.
#[derive(Debug)]
pub struct Query {
    pub panel: String,
    pub expr: String,
    pub legend: String,
}

pub fn queries() -> Vec<Query> {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| {
        let targets = panel["targets"].as_array().into_iter().flatten();
        targets.map(|target| Query {
            panel: word(&panel["title"]),
            expr: word(&target["expr"]),
            legend: target["legendFormat"].as_str().unwrap_or_default().into(),
        })
    });
    targets.collect()
}

/// What the variables ask for their values, by their names.
pub fn variables() -> BTreeMap<String, String> {
    let dashboard = dashboard();
    let variables = dashboard["templating"]["list"].as_array().unwrap().iter();
    let ask = variables.filter(|variable| variable["type"] == "query");
    ask.map(|variable| (word(&variable["name"]), word(&variable["query"]["query"])))
        .collect()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).into()
}

#[test]
fn the_dashboard_has_what_grafana_needs_and_no_panel_lies_on_another() {
    let dashboard = dashboard();
    // Grafana 10.4 and later; older panels are converted by those, not by us.
    assert!(dashboard["schemaVersion"].as_u64() >= Some(39));
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    let names: Vec<_> = variables.iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["datasource", "job", "instance", "worker"]);
    assert_eq!(variables[0]["type"], "datasource");
    assert_eq!(variables[0]["query"], "prometheus");

    let (mut ids, mut cells) = (BTreeSet::new(), BTreeSet::new());
    for panel in dashboard["panels"].as_array().unwrap() {
        let title = panel["title"].as_str().unwrap();
        assert!(ids.insert(panel["id"].as_u64()), "{title} has another's id");
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|key| panel["gridPos"][key].as_u64().unwrap());
        assert!(x + w <= 24, "{title} is too wide");
        for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
            assert!(cells.insert(cell), "{title} lies on another");
        }
        for asked in panel["targets"]
            .as_array()
            .into_iter()
            .flatten()
            .chain([panel])
        {
            if panel["type"] != "row" {
                assert_eq!(asked["datasource"]["uid"], "${datasource}", "{title}");
            }
        }
    }
    let mut panels = dashboard["panels"].as_array().unwrap().iter();
    let on_top: Vec<_> = panels
        .by_ref()
        .take_while(|panel| panel["type"] != "row")
        .map(|panel| panel["title"].as_str().unwrap())
        .collect();
    assert!(on_top.contains(&"In trouble now"), "{on_top:?}");
}

#[test]
fn each_query_is_narrowed_by_all_variables() {
    for query in queries() {
        for selector in super::promql::selectors(&query.expr) {
            for variable in ["job", "instance", "worker"] {
                let value = selector.labels.get(variable);
                assert_eq!(value, Some(&format!("${variable}")), "{query:?}");
            }
        }
    }
}
