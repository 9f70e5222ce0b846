//! The series of one family, in the types of crate `prometheus`. By their methods
//! alone, and never their fields: those differ if it is built with protobuf,
//! which any crate in the user's tree decides.

use prometheus::core::Desc;
use prometheus::proto::{
    Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType,
};

use crate::status::TickDurations;

pub(super) struct Series<'a> {
    desc: &'a Desc,
    metrics: Vec<Metric>,
}

impl<'a> Series<'a> {
    pub(super) fn new(desc: &'a Desc) -> Self {
        let metrics = Vec::new();
        Self { desc, metrics }
    }

    /// The values are those of the family's labels, in their order.
    pub(super) fn counter(&mut self, values: &[&str], count: u64) {
        let mut counter = Counter::default();
        counter.set_value(number(count));
        self.metric(values).set_counter(counter);
    }

    pub(super) fn gauge(&mut self, values: &[&str], count: u64) {
        self.measured(values, number(count));
    }

    pub(super) fn measured(&mut self, values: &[&str], value: f64) {
        let mut gauge = Gauge::default();
        gauge.set_value(value);
        self.metric(values).set_gauge(gauge);
    }

    pub(super) fn histogram(&mut self, values: &[&str], ticks: &TickDurations) {
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
        self.metric(values).set_histogram(histogram);
    }

    fn metric(&mut self, values: &[&str]) -> &mut Metric {
        let constant = &self.desc.const_label_pairs;
        let mut labels = Vec::with_capacity(values.len() + constant.len());
        let own = self.desc.variable_labels.iter().zip(values);
        labels.extend(own.map(|(name, value)| {
            let mut label = LabelPair::default();
            label.set_name(name.clone());
            label.set_value((*value).to_owned());
            label
        }));
        if !constant.is_empty() {
            labels.extend_from_slice(constant);
            labels.sort();
        }
        let index = self.metrics.len();
        self.metrics.push(Metric::from_label(labels));
        &mut self.metrics[index]
    }

    pub(super) fn into_family(self, kind: MetricType) -> MetricFamily {
        let mut family = MetricFamily::default();
        family.set_name(self.desc.fq_name.clone());
        family.set_help(self.desc.help.clone());
        family.set_field_type(kind);
        family.set_metric(self.metrics);
        family
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "Prometheus knows no other numbers"
)]
fn number(count: u64) -> f64 {
    count as f64
}
