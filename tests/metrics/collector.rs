//! The collector in the registries of users: their names, their labels, and what
//! is in there already.

use std::collections::HashMap;
use std::future::pending;
use std::thread;

use prometheus::core::Collector;
use prometheus::{Error, GaugeVec, IntCounter, Opts, Registry};
use supervise::metrics::{self, Workers};
use supervise::{Worker, supervised};
use tokio::runtime::Builder;
use tokio::task::yield_now;

use super::promtool;
use super::scrape::Scrape;

fn registered(workers: Workers) -> Registry {
    let registry = Registry::new();
    registry.register(Box::new(workers)).unwrap();
    registry
}

#[tokio::test]
async fn a_namespace_is_in_front_of_every_name_and_a_constant_label_on_every_series() {
    #[supervised(name = "in billing", every = "1h")]
    async fn in_billing() {}
    let worker = tokio::spawn(in_billing());
    yield_now().await;
    let workers = Workers::new()
        .namespace("billing")
        .and_then(|workers| workers.const_label("region", "us"))
        .and_then(|workers| workers.const_label("a", "\"\\\n"))
        .and_then(|workers| workers.const_label("region", "eu"))
        .unwrap();
    let scrape = Scrape::of(&registered(workers));
    let plain = Scrape::of(&registered(Workers::new()));
    let series = scrape.of_worker("in billing");
    assert_eq!(series.len(), 32);
    for (series, value) in &series {
        assert!(series.starts_with("billing_supervise_"), "{series}");
        assert!(series.contains("a=\"\\\"\\\\\\n\""), "{series}");
        assert!(series.contains("region=\"eu\""), "the later: {series}");
        let without = series
            .replace("billing_", "")
            .replace("a=\"\\\"\\\\\\n\",", "")
            .replace("a=\"\\\"\\\\\\n\"", "")
            .replace(",region=\"eu\"", "")
            .replace("region=\"eu\",", "")
            .replace("{region=\"eu\"}", "")
            .replace("{}", "");
        let plain = plain.of_worker("in billing");
        assert_eq!(plain.get(&without), Some(value), "{without} in {plain:#?}");
    }
    let first = scrape
        .text
        .lines()
        .find(|line| line.contains("_panics_total{"));
    let start = "billing_supervise_panics_total{a=\"\\\"\\\\\\n\",kind=\"";
    assert!(
        first.unwrap().starts_with(start),
        "in the order of the names"
    );
    promtool::check(&scrape.text);
    worker.abort();
}

#[test]
fn an_empty_namespace_is_none() {
    let names = |workers: &Workers| -> Vec<_> {
        let descs = workers.desc().into_iter();
        descs.map(|desc| desc.fq_name.clone()).collect()
    };
    let empty = Workers::new().namespace("billing").unwrap();
    let empty = empty.namespace("").unwrap();
    assert_eq!(names(&empty), names(&Workers::new()));
}

#[test]
fn a_namespace_that_makes_no_name_is_an_error() {
    for namespace in ["9", "a-b", "a b", " ", "ü", "a\n", "a{", "\0"] {
        let error = Workers::new().namespace(namespace).unwrap_err();
        assert!(matches!(error, Error::Msg(_)), "{namespace:?}: {error}");
    }
    for namespace in ["a", "A9", "_", "a:b", "a_"] {
        Workers::new().namespace(namespace).unwrap();
    }
}

#[test]
fn a_label_that_has_no_name_or_that_of_another_is_an_error() {
    for name in [
        "", "9", "a-b", "a b", "a:b", "ü", "a\n", "a=\"", "__a", "__name__",
    ] {
        let error = Workers::new().const_label(name, "").unwrap_err();
        assert!(matches!(error, Error::Msg(_)), "{name:?}: {error}");
    }
    for name in [
        "worker", "kind", "reason", "state", "location", "restart", "critical", "le",
    ] {
        let error = Workers::new().const_label(name, "").unwrap_err();
        let text = format!("Error: the label name '{name}' is taken");
        assert_eq!(error.to_string(), text);
    }
    Workers::new().const_label("_a9", "").unwrap();
}

#[test]
fn a_name_that_is_taken_is_an_error_and_leaves_the_registry_as_it_was() {
    let alike = IntCounter::with_opts(Opts::new("supervise_workers", "Bees.")).unwrap();
    let opts = Opts::new("supervise_workers", "Bees.").const_label("hive", "1");
    let labelled = IntCounter::with_opts(opts).unwrap();
    let vector = GaugeVec::new(Opts::new("supervise_workers", "Bees."), &["hive"]).unwrap();
    vector.with_label_values(&["1"]);
    let takers: [Box<dyn Collector>; 3] = [Box::new(alike), Box::new(labelled), Box::new(vector)];
    for taker in takers {
        let registry = Registry::new();
        registry.register(taker).unwrap();
        let error = metrics::register(&registry).unwrap_err();
        assert!(matches!(error, Error::AlreadyReg | Error::Msg(_)));
        let scrape = Scrape::of(&registry);
        assert_eq!(
            scrape.families.into_keys().collect::<Vec<_>>(),
            ["supervise_workers"]
        );
        // Under another name there is room.
        let workers = Workers::new().namespace("our").unwrap();
        registry.register(Box::new(workers)).unwrap();
    }
}

#[test]
fn collectors_that_differ_in_a_namespace_or_a_value_share_a_registry() {
    Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(async {
            Worker::new("shared").supervise(|| async {}).await;
        });
    let registry = Registry::new();
    let labelled = |region| Box::new(Workers::new().const_label("region", region).unwrap());
    registry.register(labelled("eu")).unwrap();
    registry.register(labelled("us")).unwrap();
    let again = registry.register(labelled("us")).unwrap_err();
    assert!(matches!(again, Error::AlreadyReg));
    let without = metrics::register(&registry).unwrap_err();
    assert!(matches!(without, Error::Msg(_)), "{without}");
    let named = Workers::new().namespace("billing").unwrap();
    registry.register(Box::new(named)).unwrap();

    let scrape = Scrape::of(&registry);
    for series in [
        "supervise_starts_total{region=\"eu\"}",
        "supervise_starts_total{region=\"us\"}",
        "billing_supervise_starts_total",
    ] {
        assert_eq!(scrape.of_worker("shared")[series], "1");
    }
    promtool::check(&scrape.text);
}

#[test]
fn one_that_is_taken_out_can_be_put_in_again() {
    let registry = registered(Workers::new());
    registry.unregister(Box::new(Workers::new())).unwrap();
    assert!(Scrape::of(&registry).families.is_empty());
    metrics::register(&registry).unwrap();
}

#[tokio::test]
async fn the_prefix_and_the_labels_of_a_registry_are_on_our_series_too() {
    Worker::new("prefixed").supervise(|| async {}).await;
    let labels = HashMap::from([("region".to_owned(), "eu".to_owned())]);
    let registry = Registry::new_custom(Some("shop".into()), Some(labels)).unwrap();
    metrics::register(&registry).unwrap();
    let named = Workers::new().namespace("billing").unwrap();
    registry.register(Box::new(named)).unwrap();
    let scrape = Scrape::of(&registry);
    let series = scrape.of_worker("prefixed");
    assert_eq!(series["shop_supervise_starts_total{region=\"eu\"}"], "1");
    let both = "shop_billing_supervise_exits_total{reason=\"finished\",region=\"eu\"}";
    assert_eq!(series[both], "1");
    promtool::check(&scrape.text);
}

#[tokio::test]
async fn workers_that_start_before_and_after_are_in_every_registry() {
    let worker = |name| Worker::new(name).supervise(pending::<()>);
    let first = registered(Workers::new());
    let before = tokio::spawn(worker("before"));
    yield_now().await;
    let second = registered(Workers::new());
    let after = tokio::spawn(worker("after"));
    yield_now().await;
    let running = "supervise_workers{state=\"running\"}";
    for registry in [first, second] {
        let scrape = Scrape::of(&registry);
        for name in ["before", "after"] {
            assert_eq!(scrape.of_worker(name)[running], "1");
        }
    }
    before.abort();
    after.abort();
}

#[test]
fn registries_and_workers_may_come_at_once_from_many_threads() {
    thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                let runtime = Builder::new_current_thread().build().unwrap();
                for number in 0..15 {
                    let name = String::leak(format!("at once {thread} {number}"));
                    runtime.block_on(Worker::new(name).supervise(|| async {}));
                    Scrape::of(prometheus::default_registry());
                }
            });
            scope.spawn(|| {
                let shared = Registry::new();
                for number in 0..15 {
                    let own = registered(Workers::new());
                    let workers = Workers::new().const_label("number", number.to_string());
                    shared.register(Box::new(workers.unwrap())).unwrap();
                    Scrape::of(&own);
                }
            });
        }
    });
    let scrape = Scrape::of(&registered(Workers::new()));
    let names = scrape.workers().into_iter();
    assert_eq!(names.filter(|name| name.starts_with("at once")).count(), 60);
}
