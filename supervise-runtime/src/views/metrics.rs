//! The numbers of all workers as Prometheus metrics.
//!
//! At the first start of a worker they enter the default registry of crate
//! `prometheus`: a service that already shows that registry shows them too.
//! For a registry of one's own there is [`register`].
//!
//! | family | type | labels |
//! |---|---|---|
//! | `supervise_panics_total` | counter | `worker`, `kind` |
//! | `supervise_starts_total` | counter | `worker` |
//! | `supervise_exits_total` | counter | `worker`, `reason` |
//! | `supervise_restarts_total` | counter | `worker`, `reason` |
//! | `supervise_gave_up_total` | counter | `worker` |
//! | `supervise_workers` | gauge | `worker`, `state` |
//! | `supervise_consecutive_failures` | gauge | `worker` |
//! | `supervise_worker_info` | gauge, 1 | `worker`, `location`, `restart`, `critical` |
//! | `supervise_period_seconds` | gauge, periodic workers | `worker` |
//! | `supervise_last_success_timestamp_seconds` | gauge, periodic workers; the start until the first success | `worker` |
//! | `supervise_tick_duration_seconds` | histogram, periodic workers | `worker` |
//!
//! `kind` is `worker`; `request` for what a layer has contained (feature `tower`),
//! whose name is the label `worker`, and of which there is no other family; or
//! `task` for what this crate has spawned ([`spawn`](crate::spawn()) and its like,
//! [`Supervisor`](crate::Supervisor)) and is no worker. `reason` is `finished`,
//! `error`, `panic`, `timeout`, `shutdown` (it was dropped for one) or
//! `cancelled`; a run that is cut off for a restart by hand is `cancelled`, too.
//! `state` is `running`, `waiting` (for a restart after a
//! failure), `scheduled` (for the next run after a success) or `gave_up`. A tick
//! that follows a successful one is no restart. Every series of a worker is
//! there, at 0, from its first start, that of a layer from when it is made:
//! `increase()` sees the first panic.

mod ticks;

use std::sync::Once;
use std::time::SystemTime;

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{GaugeVec, IntCounterVec, IntGaugeVec, Opts, Registry};

use crate::log;
use crate::policy::Reason;
use crate::registry::workers;
use crate::status::{Kind, PeriodicStatus, WorkerStatus};

/// Adds the metrics of all workers, those yet to start included, to
/// `registry`.
///
/// # Errors
///
/// [`prometheus::Error::AlreadyReg`] if they are in `registry` already, or
/// something else that has the name of one of them.
///
/// # Examples
///
/// ```
/// let registry = prometheus::Registry::new();
/// supervise::metrics::register(&registry)?;
/// # Ok::<_, prometheus::Error>(())
/// ```
pub fn register(registry: &Registry) -> prometheus::Result<()> {
    registry.register(Box::new(Workers::new()?))
}

/// Adds the metrics to the default registry, once; says so if that fails.
pub(crate) fn register_default() {
    static REGISTER: Once = Once::new();
    REGISTER.call_once(|| {
        if let Err(error) = register(prometheus::default_registry()) {
            log::not_registered(&error);
        }
    });
}

/// Reads the registry of workers at each scrape.
struct Workers {
    descs: Vec<Desc>,
}

impl Workers {
    fn new() -> prometheus::Result<Self> {
        let families = Families::new()?;
        let descs = families.collectors().into_iter().flat_map(Collector::desc);
        let mut descs: Vec<_> = descs.cloned().collect();
        descs.push(ticks::desc()?);
        Ok(Self { descs })
    }
}

impl Collector for Workers {
    fn desc(&self) -> Vec<&Desc> {
        self.descs.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        // `new` has made the same families before: this cannot fail.
        let Ok(families) = Families::new() else {
            return Vec::new();
        };
        let mut ticks = Vec::new();
        for worker in workers() {
            families.set(&worker);
            if let Some(periodic) = &worker.periodic {
                families.set_periodic(worker.name, periodic);
                ticks.push(ticks::metric(worker.name, &periodic.tick_durations));
            }
        }
        let families = families.collectors().into_iter();
        let families = families.flat_map(Collector::collect);
        families.chain([ticks::family(ticks)]).collect()
    }
}

/// Filled anew for each scrape: the types of crate `prometheus` hide whether
/// it was built with protobuf, which any crate in the user's tree decides.
struct Families {
    panics: IntCounterVec,
    starts: IntCounterVec,
    exits: IntCounterVec,
    restarts: IntCounterVec,
    gave_up: IntCounterVec,
    workers: IntGaugeVec,
    consecutive_failures: IntGaugeVec,
    info: IntGaugeVec,
    period: GaugeVec,
    last_success: GaugeVec,
}

impl Families {
    fn new() -> prometheus::Result<Self> {
        let counter = |name: &str, help: &str, labels: &[&str]| {
            IntCounterVec::new(Opts::new(format!("supervise_{name}"), help), labels)
        };
        let gauge = |name: &str, help: &str, labels: &[&str]| {
            IntGaugeVec::new(Opts::new(format!("supervise_{name}"), help), labels)
        };
        let seconds = |name: &str, help: &str| {
            GaugeVec::new(
                Opts::new(format!("supervise_{name}_seconds"), help),
                &["worker"],
            )
        };
        Ok(Self {
            panics: counter("panics_total", "Panics contained.", &["worker", "kind"])?,
            starts: counter("starts_total", "Runs that began.", &["worker"])?,
            exits: counter("exits_total", "Runs that ended.", &["worker", "reason"])?,
            restarts: counter(
                "restarts_total",
                "Runs that followed another, by the end of that other.",
                &["worker", "reason"],
            )?,
            gave_up: counter(
                "gave_up_total",
                "Workers that failed and will not be restarted.",
                &["worker"],
            )?,
            workers: gauge("workers", "Workers in each state.", &["worker", "state"])?,
            consecutive_failures: gauge(
                "consecutive_failures",
                "Failures since the last healthy run, of a pool the highest.",
                &["worker"],
            )?,
            info: gauge(
                "worker_info",
                "What is known of a worker.",
                &["worker", "location", "restart", "critical"],
            )?,
            period: seconds("period", "The time from one tick to the next.")?,
            last_success: seconds(
                "last_success_timestamp",
                "When a tick last succeeded, or the worker was first started.",
            )?,
        })
    }

    fn collectors(&self) -> [&dyn Collector; 10] {
        [
            &self.panics,
            &self.starts,
            &self.exits,
            &self.restarts,
            &self.gave_up,
            &self.workers,
            &self.consecutive_failures,
            &self.info,
            &self.period,
            &self.last_success,
        ]
    }

    fn set(&self, status: &WorkerStatus) {
        let worker = status.name;
        self.panics
            .with_label_values(&[worker, status.kind.as_str()])
            .inc_by(status.panics);
        if status.kind == Kind::Request {
            return;
        }
        self.starts
            .with_label_values(&[worker])
            .inc_by(status.starts);
        for (reason, count) in status.exits.iter() {
            let labels = [worker, reason.as_str()];
            self.exits.with_label_values(&labels).inc_by(count);
            // No run follows a shutdown.
            if reason != Reason::Shutdown {
                let restarts = status.restarts[reason];
                self.restarts.with_label_values(&labels).inc_by(restarts);
            }
        }
        self.gave_up
            .with_label_values(&[worker])
            .inc_by(status.gave_up_total);
        for (state, count) in [
            ("running", status.running),
            ("waiting", status.waiting),
            ("scheduled", status.scheduled),
            ("gave_up", status.gave_up),
        ] {
            self.workers
                .with_label_values(&[worker, state])
                .add(signed(count));
        }
        // A worker and a task can have one name.
        let failures = self.consecutive_failures.with_label_values(&[worker]);
        failures.set(failures.get().max(signed(status.consecutive_failures)));
        let location = format!("{}:{}", status.location.file(), status.location.line());
        let critical = if status.critical { "true" } else { "false" };
        self.info
            .with_label_values(&[worker, &location, status.restart.as_str(), critical])
            .set(1);
    }

    fn set_periodic(&self, worker: &str, status: &PeriodicStatus) {
        self.period
            .with_label_values(&[worker])
            .set(status.period.as_secs_f64());
        let last_success = status.last_success.unwrap_or(status.first_start);
        let since_epoch = last_success.duration_since(SystemTime::UNIX_EPOCH);
        self.last_success
            .with_label_values(&[worker])
            .set(since_epoch.unwrap_or_default().as_secs_f64());
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
