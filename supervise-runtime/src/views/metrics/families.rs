//! What the metrics are: each family, and what it tells of the workers.
//!
//! A registry sorts the series of a family by the values of their labels. So
//! much of a scrape is that, that they are made in this order.

use std::collections::HashMap;
use std::time::SystemTime;

use prometheus::core::Desc;
use prometheus::proto::MetricFamily;
use prometheus::proto::MetricType::{self, COUNTER, GAUGE, HISTOGRAM};

use super::series::Series;
use crate::policy::Reason;
use crate::registry::numbers;
use crate::status::{Kind, PeriodicStatus, WorkerStatus};

pub(super) struct Family {
    name: &'static str,
    kind: MetricType,
    /// In the order of their names.
    labels: &'static [&'static str],
    help: &'static str,
    tell: fn(&Numbers, &mut Series<'_>),
}

pub(super) const ALL: [Family; 11] = [
    Family {
        name: "supervise_panics_total",
        kind: COUNTER,
        labels: &["kind", "worker"],
        help: "Panics contained.",
        tell: panics,
    },
    Family {
        name: "supervise_starts_total",
        kind: COUNTER,
        labels: &["worker"],
        help: "Runs that began.",
        tell: |numbers, series| {
            for (name, pool) in numbers.pools() {
                series.counter(&[name], sum(pool, |status| status.starts));
            }
        },
    },
    Family {
        name: "supervise_exits_total",
        kind: COUNTER,
        labels: &["reason", "worker"],
        help: "Runs that ended.",
        tell: exits,
    },
    Family {
        name: "supervise_restarts_total",
        kind: COUNTER,
        labels: &["reason", "worker"],
        help: "Runs that followed another, by the end of that other.",
        tell: restarts,
    },
    Family {
        name: "supervise_gave_up_total",
        kind: COUNTER,
        labels: &["worker"],
        help: "Workers that failed and will not be restarted.",
        tell: |numbers, series| {
            for (name, pool) in numbers.pools() {
                series.counter(&[name], sum(pool, |status| status.gave_up_total));
            }
        },
    },
    Family {
        name: "supervise_workers",
        kind: GAUGE,
        labels: &["state", "worker"],
        help: "Workers in each state.",
        tell: states,
    },
    Family {
        name: "supervise_consecutive_failures",
        kind: GAUGE,
        labels: &["worker"],
        help: "Failures since the last healthy run, of a pool the highest.",
        tell: consecutive_failures,
    },
    Family {
        name: "supervise_worker_info",
        kind: GAUGE,
        labels: &["critical", "location", "restart", "worker"],
        help: "What is known of a worker.",
        tell: info,
    },
    Family {
        name: "supervise_period_seconds",
        kind: GAUGE,
        labels: &["worker"],
        help: "The time from one tick to the next.",
        tell: |numbers, series| {
            for (name, periodic) in numbers.periodic() {
                series.measured(&[name], periodic.period.as_secs_f64());
            }
        },
    },
    Family {
        name: "supervise_last_success_timestamp_seconds",
        kind: GAUGE,
        labels: &["worker"],
        help: "When a tick last succeeded, or the worker was first started.",
        tell: last_success,
    },
    Family {
        name: "supervise_tick_duration_seconds",
        kind: HISTOGRAM,
        labels: &["worker"],
        help: "How long the ticks of a periodic worker took.",
        tell: |numbers, series| {
            for (name, periodic) in numbers.periodic() {
                series.histogram(&[name], &periodic.tick_durations);
            }
        },
    },
];

/// Whether series of any family have a label of this name.
pub(super) fn has_label(name: &str) -> bool {
    // That of the buckets.
    name == "le" || ALL.iter().any(|family| family.labels.contains(&name))
}

impl Family {
    pub(super) fn describe(
        &self,
        namespace: &str,
        const_labels: &HashMap<String, String>,
    ) -> prometheus::Result<Desc> {
        let name = match namespace {
            "" => self.name.to_owned(),
            _ => format!("{namespace}_{}", self.name),
        };
        let labels = self.labels.iter().map(ToString::to_string);
        Desc::new(
            name,
            self.help.to_owned(),
            labels.collect(),
            const_labels.clone(),
        )
    }

    pub(super) fn collect(&self, desc: &Desc, numbers: &Numbers) -> MetricFamily {
        let mut series = Series::new(desc);
        (self.tell)(numbers, &mut series);
        series.into_family(self.kind)
    }
}

/// All numbers at one moment.
pub(super) struct Numbers {
    requests: Vec<WorkerStatus>,
    /// Workers and tasks, in the order of their names.
    others: Vec<WorkerStatus>,
}

impl Numbers {
    pub(super) fn now() -> Self {
        let all = numbers().into_iter();
        let (requests, others): (_, Vec<_>) = all.partition(|status| status.kind == Kind::Request);
        Self { requests, others }
    }

    /// All that have one name: workers, tasks, or both.
    fn pools(&self) -> impl Iterator<Item = (&'static str, &[WorkerStatus])> {
        let pools = self.others.chunk_by(|one, other| one.name == other.name);
        pools.map(|pool| (pool[0].name, pool))
    }

    fn periodic(&self) -> impl Iterator<Item = (&'static str, &PeriodicStatus)> {
        let others = self.others.iter();
        others.filter_map(|status| Some((status.name, status.periodic.as_ref()?)))
    }
}

fn sum(pool: &[WorkerStatus], of: impl Fn(&WorkerStatus) -> u64) -> u64 {
    pool.iter().map(of).sum()
}

fn panics(numbers: &Numbers, series: &mut Series<'_>) {
    let all = || numbers.requests.iter().chain(&numbers.others);
    for kind in [Kind::Request, Kind::Task, Kind::Worker] {
        for status in all().filter(|status| status.kind == kind) {
            series.counter(&[kind.as_str(), status.name], status.panics);
        }
    }
}

fn exits(numbers: &Numbers, series: &mut Series<'_>) {
    for reason in reasons() {
        for (name, pool) in numbers.pools() {
            let exits = sum(pool, |status| status.exits[reason]);
            series.counter(&[reason.as_str(), name], exits);
        }
    }
}

fn restarts(numbers: &Numbers, series: &mut Series<'_>) {
    // No run follows a shutdown.
    for reason in reasons().filter(|reason| *reason != Reason::Shutdown) {
        for (name, pool) in numbers.pools() {
            let restarts = sum(pool, |status| status.restarts[reason]);
            series.counter(&[reason.as_str(), name], restarts);
        }
    }
}

/// In the order of their words.
fn reasons() -> impl Iterator<Item = Reason> {
    let mut reasons = Reason::ALL;
    reasons.sort_by_key(|reason| reason.as_str());
    reasons.into_iter()
}

fn states(numbers: &Numbers, series: &mut Series<'_>) {
    let mut state = |state, of: fn(&WorkerStatus) -> u64| {
        for (name, pool) in numbers.pools() {
            series.gauge(&[state, name], sum(pool, of));
        }
    };
    state("gave_up", |status| status.gave_up);
    state("running", |status| status.running);
    state("scheduled", |status| status.scheduled);
    state("waiting", |status| status.waiting);
}

fn consecutive_failures(numbers: &Numbers, series: &mut Series<'_>) {
    for (name, pool) in numbers.pools() {
        let failures = pool.iter().map(|status| status.consecutive_failures);
        series.gauge(&[name], failures.max().unwrap_or_default());
    }
}

fn info(numbers: &Numbers, series: &mut Series<'_>) {
    let info = numbers.others.iter().map(|status| {
        let critical = if status.critical { "true" } else { "false" };
        let location = format!("{}:{}", status.location.file(), status.location.line());
        (critical, location, status.restart.as_str(), status.name)
    });
    let mut info: Vec<_> = info.collect();
    info.sort();
    // A worker and a task can have one name, and even one place.
    info.dedup();
    for (critical, location, restart, name) in info {
        series.gauge(&[critical, &location, restart, name], 1);
    }
}

fn last_success(numbers: &Numbers, series: &mut Series<'_>) {
    for (name, periodic) in numbers.periodic() {
        let at = periodic.last_success.unwrap_or(periodic.first_start);
        let since_epoch = at.duration_since(SystemTime::UNIX_EPOCH);
        series.measured(&[name], since_epoch.unwrap_or_default().as_secs_f64());
    }
}
