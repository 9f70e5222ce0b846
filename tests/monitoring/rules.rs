//! The alert rules, as data.

use yaml_rust2::Yaml;

/// An alert of `rules.yml`.
#[derive(Debug)]
pub struct Alert {
    pub name: String,
    pub expr: String,
    pub severity: String,
    pub summary: String,
    pub description: String,
    pub runbook_url: String,
}

impl Alert {
    pub fn all() -> Vec<Self> {
        let rules = rules("rules.yml");
        rules
            .iter()
            .map(|rule| Self {
                name: word(&rule["alert"]),
                expr: word(&rule["expr"]),
                severity: word(&rule["labels"]["severity"]),
                summary: word(&rule["annotations"]["summary"]),
                description: word(&rule["annotations"]["description"]),
                runbook_url: word(&rule["annotations"]["runbook_url"]),
            })
            .collect()
    }
}

/// The names that `expected.yml` expects.
pub fn expected_workers() -> Vec<String> {
    let rules = rules("expected.yml");
    let workers = rules.iter().map(|rule| word(&rule["labels"]["worker"]));
    workers.collect()
}

fn rules(file: &str) -> Vec<Yaml> {
    let documents = crate::yaml(file);
    let groups = documents[0]["groups"].as_vec().unwrap();
    let rules = groups.iter().map(|group| group["rules"].as_vec().unwrap());
    rules.flatten().cloned().collect()
}

fn word(yaml: &Yaml) -> String {
    yaml.as_str()
        .unwrap_or_else(|| panic!("{yaml:?}"))
        .to_owned()
}
