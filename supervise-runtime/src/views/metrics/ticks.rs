//! How long ticks took, as a histogram that is made when it is read: those of
//! crate `prometheus` can only be observed.

use std::collections::HashMap;

use prometheus::core::Desc;
use prometheus::proto::{Bucket, Histogram, LabelPair, Metric, MetricFamily, MetricType};

use crate::status::TickDurations;

const NAME: &str = "supervise_tick_duration_seconds";
const HELP: &str = "How long the ticks of a periodic worker took.";

pub(super) fn desc() -> prometheus::Result<Desc> {
    Desc::new(
        NAME.into(),
        HELP.into(),
        vec!["worker".into()],
        HashMap::new(),
    )
}

pub(super) fn family(metrics: Vec<Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(NAME.into());
    family.set_help(HELP.into());
    family.set_field_type(MetricType::HISTOGRAM);
    family.set_metric(metrics);
    family
}

pub(super) fn metric(worker: &str, ticks: &TickDurations) -> Metric {
    let mut label = LabelPair::default();
    label.set_name("worker".into());
    label.set_value(worker.into());
    let mut cumulative = 0;
    let buckets = TickDurations::BOUNDS.iter().zip(ticks.counts);
    let buckets = buckets.map(|(bound, count)| {
        cumulative += count;
        let mut bucket = Bucket::default();
        bucket.set_cumulative_count(cumulative);
        bucket.set_upper_bound(bound.as_secs_f64());
        bucket
    });
    let mut histogram = Histogram::default();
    histogram.set_bucket(buckets.collect());
    histogram.set_sample_count(ticks.count());
    histogram.set_sample_sum(ticks.total().as_secs_f64());
    let mut metric = Metric::from_label(vec![label]);
    metric.set_histogram(histogram);
    metric
}
