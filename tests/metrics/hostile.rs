//! Names and messages that somebody meant badly, or did not think about.

use std::iter;

use prometheus::Registry;
use supervise::{Worker, metrics};
use tokio::runtime::Builder;

use super::alone::alone;
use super::promtool;
use super::scrape::Scrape;

fn hostile() -> Vec<String> {
    let controls = (0..32).chain([127]).map(|byte: u8| char::from(byte));
    let mut names = vec![
        "\"".into(),
        "\\".into(),
        "ends with \\".into(),
        "\\\"\\\\n\\n\n".into(),
        "\"} 1\nsupervise_panics_total{worker=\"forged\"} 1\n#".into(),
        "# HELP supervise_workers\n# TYPE x".into(),
        " around it ".into(),
        "{a=\"b\",c=\"d\"}".into(),
        "größer 工人 🦀 \u{202e}\u{feff}\u{2028}\u{10ffff}".into(),
        "<script>alert(1)</script>".into(),
        iter::once('x').chain(controls).collect(),
        "\\\"\n".repeat(1 << 18),
    ];
    names.push("m".repeat(1 << 20));
    names
}

fn scrape() -> Scrape {
    let registry = Registry::new();
    metrics::register(&registry).unwrap();
    Scrape::of(&registry)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

#[test]
fn a_name_is_told_as_it_is_whatever_is_in_it_and_cut_if_it_is_long() {
    alone(|| {
        for name in hostile() {
            block_on(Worker::new(name.leak()).supervise(|| async {}));
        }
        let scrape = scrape();
        let labels = scrape.workers();
        for name in hostile() {
            // Of a long one, the beginning and a mark.
            let label = labels.iter().find(|label| match name.get(..4_000) {
                Some(start) => label.starts_with(start) && label.contains('…'),
                None => **label == name,
            });
            let label = label.unwrap_or_else(|| panic!("{:.50}", name.escape_debug()));
            assert!(label.len() < 5_000, "{}", label.len());
            let told = scrape.of_worker(label);
            assert_eq!(told.len(), 20);
            assert_eq!(told["supervise_starts_total"], "1");
        }
        assert_eq!(labels.len(), hostile().len());
        assert_eq!(scrape.families.len(), 8);
        promtool::check(&scrape.text);
    });
}

#[test]
fn a_message_is_nowhere_in_the_metrics() {
    alone(|| {
        let message = "\"} 1\n<script>forged".repeat(1 << 16);
        let message = &message;
        let failed = Worker::new("hostile error").supervise(|| async { Err::<(), _>(message) });
        block_on(failed).unwrap_err();
        supervise::log_panics_only();
        let panicked = Worker::new("hostile panic").supervise(|| async {
            assert!(message.is_empty(), "{message}");
        });
        block_on(panicked);
        let scrape = scrape();
        assert!(!scrape.text.contains("forged"));
        let panics = "supervise_panics_total{kind=\"worker\"}";
        assert_eq!(scrape.of_worker("hostile panic")[panics], "1");
        let exits = "supervise_exits_total{reason=\"error\"}";
        assert_eq!(scrape.of_worker("hostile error")[exits], "1");
    });
}
