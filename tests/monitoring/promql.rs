//! What a text in Prometheus' query language names: not a parser, Prometheus
//! itself is that.

use std::collections::{BTreeMap, BTreeSet};

/// A metric of ours, with what its labels are compared with.
#[derive(Debug, PartialEq, Eq)]
pub struct Selector {
    pub name: String,
    pub labels: BTreeMap<String, String>,
}

/// Each `supervise_…` in `text`, with or without `{…}`.
pub fn selectors(text: &str) -> Vec<Selector> {
    let starts = text.match_indices("supervise_").map(|(at, _)| at);
    // Not the end of another name.
    let starts = starts.filter(|at| !text[..*at].ends_with(is_in_name));
    starts
        .map(|at| {
            let text = &text[at..];
            let end = text.find(|c| !is_in_name(c)).unwrap_or(text.len());
            let (name, rest) = text.split_at(end);
            let labels = rest.strip_prefix('{').map(matchers).unwrap_or_default();
            Selector {
                name: name.to_owned(),
                labels,
            }
        })
        .collect()
}

/// Those up to the closing brace.
fn matchers(mut text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    loop {
        text = text.trim_start_matches([',', ' ']);
        if text.starts_with('}') {
            return found;
        }
        let end = text.find(|c| !is_in_name(c)).unwrap();
        let (label, rest) = text.split_at(end);
        let rest = rest.trim_start_matches(['=', '!', '~']);
        let (value, rest) = rest.strip_prefix('"').unwrap().split_once('"').unwrap();
        found.insert(label.to_owned(), value.to_owned());
        text = rest;
    }
}

/// The labels that `text` groups or matches by.
pub fn groupings(text: &str) -> BTreeSet<String> {
    const WORDS: [&str; 6] = [
        "by",
        "without",
        "on",
        "ignoring",
        "group_left",
        "group_right",
    ];
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices('(') {
        let before = text[..at].trim_end();
        let word = before.rsplit(|c| !is_in_name(c)).next().unwrap();
        if WORDS.contains(&word) {
            let (labels, _) = text[at + 1..].split_once(')').unwrap();
            let labels = labels.split(',').map(str::trim);
            found.extend(labels.filter(|label| !label.is_empty()).map(str::to_owned));
        }
    }
    found
}

fn is_in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

#[test]
fn a_query_is_read_as_what_it_names() {
    let text = r#"sum by (worker) (supervise_starts_total{job="a", worker!~"b|c"}) * on(worker)
        supervise:x:y unless my_supervise_workers > supervise_workers"#;
    let labels = [("job", "a"), ("worker", "b|c")];
    let labels = labels.map(|(label, value)| (label.to_owned(), value.to_owned()));
    let expected = [
        ("supervise_starts_total", BTreeMap::from(labels)),
        ("supervise_workers", BTreeMap::new()),
    ]
    .map(|(name, labels)| Selector {
        name: name.to_owned(),
        labels,
    });
    assert_eq!(selectors(text), expected);
    assert_eq!(groupings(text), BTreeSet::from(["worker".to_owned()]));
}
