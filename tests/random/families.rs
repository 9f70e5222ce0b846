//! The Prometheus families beside the status that they are to agree with.

use std::collections::BTreeMap;
use std::time::SystemTime;

use prometheus::Registry;
use prometheus::proto::{Metric, MetricType};
use supervise::{Reason, WorkerStatus};

/// Values by family and labels, the worker's left out.
pub type Series = BTreeMap<String, f64>;

/// What a scrape finds of `worker`.
pub fn scraped(registry: &Registry, worker: &str) -> Series {
    let mut series = Series::new();
    for family in registry.gather() {
        for metric in family.get_metric() {
            let (own, other): (Vec<_>, Vec<_>) = metric
                .get_label()
                .iter()
                .partition(|label| label.name() == "worker");
            if own.iter().all(|label| label.value() != worker) {
                continue;
            }
            let labels: Vec<_> = other.iter().map(|label| label.value()).collect();
            let name = format!("{} {}", family.name(), labels.join(" "));
            add(&mut series, name.trim(), family.get_field_type(), metric);
        }
    }
    series
}

fn add(series: &mut Series, name: &str, kind: MetricType, metric: &Metric) {
    let values = match kind {
        MetricType::COUNTER => vec![(name.into(), metric.get_counter().get_value())],
        MetricType::HISTOGRAM => {
            let histogram = metric.get_histogram();
            let count = u32::try_from(histogram.get_sample_count()).expect("few ticks");
            vec![
                (format!("{name} count"), count.into()),
                (format!("{name} sum"), histogram.get_sample_sum()),
            ]
        }
        _ => vec![(name.into(), metric.get_gauge().get_value())],
    };
    series.extend(values);
}

/// What a scrape is to find.
pub fn expected(status: &WorkerStatus) -> Series {
    let mut series = Series::new();
    let mut add = |name: &str, value: f64| {
        series.insert(format!("supervise_{name}"), value);
    };
    let count = |count: u64| f64::from(u32::try_from(count).expect("few operations"));
    add("panics_total worker", count(status.panics));
    add("starts_total", count(status.starts));
    add("gave_up_total", count(status.gave_up_total));
    add("consecutive_failures", count(status.consecutive_failures));
    add("workers running", count(status.running));
    add("workers waiting", count(status.waiting));
    add("workers scheduled", count(status.scheduled));
    add("workers gave_up", count(status.gave_up));
    for (reason, exits) in status.exits.iter() {
        let word = reason.as_str();
        add(&format!("exits_total {word}"), count(exits));
        // Nothing follows a run that was told to end.
        if reason != Reason::Shutdown {
            let restarts = count(status.restarts[reason]);
            add(&format!("restarts_total {word}"), restarts);
        }
    }
    let (file, line) = (status.location.file(), status.location.line());
    let restart = status.restart.as_str();
    add(&format!("worker_info false {file}:{line} {restart}"), 1.0);
    if let Some(periodic) = &status.periodic {
        let success = periodic.last_success.unwrap_or(periodic.first_start);
        let success = success.duration_since(SystemTime::UNIX_EPOCH);
        let ticks = periodic.tick_durations;
        let mut seconds = |name: &str, value| add(&format!("{name}_seconds"), value);
        seconds("period", periodic.period.as_secs_f64());
        seconds(
            "last_success_timestamp",
            success.expect("after 1970").as_secs_f64(),
        );
        add("tick_duration_seconds count", count(ticks.count()));
        add("tick_duration_seconds sum", ticks.total().as_secs_f64());
    }
    series
}
