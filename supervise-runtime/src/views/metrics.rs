//! The numbers of all workers as Prometheus metrics.
//!
//! At the first start of a worker they enter the default registry of crate
//! `prometheus`: a service that already shows that registry shows them too, and
//! has nothing to call. For a registry of one's own there is [`register`]; for
//! other names, or labels of one's own on each series, the collector itself,
//! [`Workers`].
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
//! | `supervise_tick_duration_seconds` | histogram of 8 buckets, periodic workers | `worker` |
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
//!
//! Workers of one name are counted together: of a pool of five there are five in
//! `supervise_workers`, and its consecutive failures are the highest of any of
//! them. At each scrape the starts of a name are its exits and those that run.
//! Failures are consecutive until a run is healthy; `gave_up` clears when a worker
//! of that name starts again.
//!
//! A name is in the label as it was given, whatever is in it; one of more than 4 KiB
//! is cut, with a mark.

mod default;
mod families;
mod series;

use std::collections::HashMap;

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Error, Registry};

pub(crate) use self::default::register_default;
use self::families::Numbers;

/// Adds the metrics of all workers, those yet to start included, to
/// `registry`: a [`Workers`] with their own names and no further label.
///
/// # Errors
///
/// [`prometheus::Error::AlreadyReg`] if they are in `registry` already, as they are
/// in the default one after the first start of a worker;
/// that, or another, if something else in it has the name of one of them.
///
/// # Examples
///
/// ```
/// let registry = prometheus::Registry::new();
/// supervise::metrics::register(&registry)?;
/// # Ok::<_, prometheus::Error>(())
/// ```
pub fn register(registry: &Registry) -> prometheus::Result<()> {
    registry.register(Box::new(Workers::new()))
}

/// The collector: it reads the numbers of all workers at each scrape.
///
/// Any number of registries may have one, or have several that differ in their
/// namespace or the values of their constant labels. All tell of all workers,
/// those that start later included.
///
/// The default registry is left alone at the first start of a worker if there is
/// one in it by then. So there, too, the metrics can have other names, and only
/// those: register it first thing in `main`. A name that is taken in the default
/// registry by something else is told in the log, at `WARN`.
///
/// The labels that a registry itself adds ([`Registry::new_custom`]) are not known
/// here: one that is called as one of ours, such as `worker`, is there twice, and
/// Prometheus refuses the scrape.
///
/// # Examples
///
/// ```
/// use prometheus::{Registry, TextEncoder};
/// use supervise::metrics::Workers;
/// use supervise::supervised;
///
/// #[supervised(name = "mailer")]
/// async fn mailer() {}
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> prometheus::Result<()> {
/// let workers = Workers::new()
///     .namespace("billing")?
///     .const_label("region", "eu")?;
/// let registry = Registry::new();
/// registry.register(Box::new(workers))?;
/// mailer().await;
///
/// let text = TextEncoder::new().encode_to_string(&registry.gather())?;
/// let series = "billing_supervise_starts_total{region=\"eu\",worker=\"mailer\"} 1\n";
/// assert!(text.contains(series));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Workers {
    namespace: String,
    const_labels: HashMap<String, String>,
    /// One for each family.
    descs: Vec<Desc>,
}

impl Workers {
    /// The families as they are called, without further labels.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts `namespace` and an underscore in front of the name of each family:
    /// `billing_supervise_panics_total`. The default is none, which is also what an
    /// empty one is.
    ///
    /// # Errors
    ///
    /// If the names are none then: they may hold letters and digits of ASCII,
    /// underscores and colons, and not begin with a digit.
    pub fn namespace(self, namespace: impl Into<String>) -> prometheus::Result<Self> {
        Self::described(namespace.into(), self.const_labels)
    }

    /// Adds a label that each series has, with this value; the later of two of one
    /// name counts.
    ///
    /// # Errors
    ///
    /// If the name is none: it may hold letters and digits of ASCII and
    /// underscores, and begin neither with a digit nor with two underscores. If a
    /// family has a label of that name by itself, such as `worker`.
    pub fn const_label(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> prometheus::Result<Self> {
        let name = name.into();
        // Those with two underscores are Prometheus' own.
        if families::has_label(&name) || name.starts_with("__") {
            return Err(Error::Msg(format!("the label name '{name}' is taken")));
        }
        self.const_labels.insert(name, value.into());
        Self::described(self.namespace, self.const_labels)
    }

    fn described(
        namespace: String,
        const_labels: HashMap<String, String>,
    ) -> prometheus::Result<Self> {
        let descs = families::ALL.iter();
        let descs = descs.map(|family| family.describe(&namespace, &const_labels));
        Ok(Self {
            descs: descs.collect::<Result<_, _>>()?,
            namespace,
            const_labels,
        })
    }
}

impl Default for Workers {
    #[expect(
        clippy::expect_used,
        reason = "what is described is in the program, the same for everyone"
    )]
    fn default() -> Self {
        Self::described(String::new(), HashMap::new()).expect("our own names are valid")
    }
}

impl Collector for Workers {
    fn desc(&self) -> Vec<&Desc> {
        default::remember(&self.descs);
        self.descs.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let numbers = Numbers::now();
        let families = families::ALL.iter().zip(&self.descs);
        families
            .map(|(family, desc)| family.collect(desc, &numbers))
            .collect()
    }
}
