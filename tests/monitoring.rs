//! `examples/monitoring` against the real thing: the names that are used there
//! against a real scrape, and the alerts in a real Prometheus.

// A program is ended with the command `kill`.
#![cfg(unix)]

mod monitoring {
    mod alerts;
    mod dashboard;
    mod kubernetes;
    mod names;
    mod prometheus;
    mod promql;
    mod rules;
    mod scene;
}
mod program;

use std::fs;
use std::path::PathBuf;

use yaml_rust2::{Yaml, YamlLoader};

/// The folder that is tested.
fn folder() -> PathBuf {
    program::workspace().join("examples/monitoring")
}

fn text(file: &str) -> String {
    fs::read_to_string(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The documents in a file of the folder.
fn yaml(file: &str) -> Vec<Yaml> {
    YamlLoader::load_from_str(&text(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}
