//! What a scrape gets: the text of a registry, read as strictly as the format is
//! defined.

use std::collections::{BTreeMap, BTreeSet};

use prometheus::{Registry, TextEncoder};

#[derive(Debug)]
pub struct Scrape {
    pub text: String,
    /// By name, their types.
    pub families: BTreeMap<String, String>,
    /// By name and labels, their values as they are written.
    series: BTreeMap<(String, Labels), String>,
}

type Labels = BTreeMap<String, String>;

impl Scrape {
    /// # Panics
    ///
    /// If the text is none that the format allows, or a series is there twice.
    pub fn of(registry: &Registry) -> Self {
        let families = registry.gather();
        let text = TextEncoder::new().encode_to_string(&families).unwrap();
        let mut scrape = Self {
            text: String::new(),
            families: BTreeMap::new(),
            series: BTreeMap::new(),
        };
        assert!(text.is_empty() || text.ends_with('\n'));
        for line in text.split_terminator('\n') {
            scrape.read(line);
        }
        scrape.text = text;
        scrape
    }

    fn read(&mut self, line: &str) {
        if let Some(declared) = line.strip_prefix("# TYPE ") {
            let (name, kind) = declared.split_once(' ').unwrap();
            assert!(self.families.insert(name.into(), kind.into()).is_none());
        } else if !line.starts_with("# HELP ") {
            let (name, rest) = line.split_at(line.find(['{', ' ']).unwrap());
            let (labels, value) = match rest.strip_prefix('{') {
                Some(rest) => read_labels(rest),
                None => (Labels::new(), rest),
            };
            let value = value.strip_prefix(' ').unwrap();
            value.parse::<f64>().unwrap();
            let series = (name.to_owned(), labels);
            let known = self.series.insert(series.clone(), value.to_owned());
            assert!(known.is_none(), "{series:?} is there twice");
        }
    }

    /// The names that the label `worker` has.
    pub fn workers(&self) -> BTreeSet<&str> {
        let labels = self
            .series
            .keys()
            .filter_map(|(_, labels)| labels.get("worker"));
        labels.map(String::as_str).collect()
    }

    /// All that is told of a worker, by the names and the other labels of the
    /// series, as they are written.
    pub fn of_worker(&self, worker: &str) -> BTreeMap<String, String> {
        let own = self
            .series
            .iter()
            .filter(|((_, labels), _)| labels.get("worker").is_some_and(|name| name == worker));
        let own = own.map(|((name, labels), value)| {
            let others = labels.iter().filter(|(name, _)| *name != "worker");
            let others: Vec<_> = others
                .map(|(name, value)| format!("{name}={value:?}"))
                .collect();
            let series = match others.join(",").as_str() {
                "" => name.clone(),
                labels => format!("{name}{{{labels}}}"),
            };
            (series, value.clone())
        });
        own.collect()
    }

    /// The value of one of the series of a worker.
    pub fn value(&self, worker: &str, series: &str) -> f64 {
        let own = self.of_worker(worker);
        let value = own
            .get(series)
            .unwrap_or_else(|| panic!("{series} in {own:#?}"));
        value.parse().unwrap()
    }
}

/// The labels up to the brace, and what follows it.
fn read_labels(mut rest: &str) -> (Labels, &str) {
    let mut labels = Labels::new();
    loop {
        let (name, value) = rest.split_once("=\"").unwrap();
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
        let (value, after) = read_value(value);
        assert!(labels.insert(name.into(), value).is_none(), "{name} twice");
        match after.split_at(1) {
            (",", after) => rest = after,
            ("}", after) => return (labels, after),
            _ => panic!("neither a further label nor the end: {after}"),
        }
    }
}

/// A value without its escapes, and what follows the quote.
fn read_value(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.push(match chars.next().unwrap().1 {
                'n' => '\n',
                c @ ('\\' | '"') => c,
                c => panic!("\\{c} is no escape"),
            }),
            c => value.push(c),
        }
    }
    panic!("no end of a value");
}
