//! The default registry, which the metrics enter by themselves.

use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Error, Registry};

use super::register;
use crate::log;

/// The ids of the families of each collector that was described to a registry.
static DESCRIBED: Mutex<Vec<Vec<u64>>> = Mutex::new(Vec::new());

/// Adds the metrics to the default registry, once, unless the user has done so,
/// in whatever form; says so if that fails.
pub(crate) fn register_default() {
    static REGISTER: Once = Once::new();
    let mut failed = None;
    REGISTER.call_once(|| {
        let registry = prometheus::default_registry();
        if !has_some(registry) {
            // The user's may have come between.
            failed = register(registry).err().filter(|_| !has_some(registry));
        }
    });
    if let Some(error) = failed {
        log::not_registered(&error);
    }
}

/// Keeps in mind that a registry has asked for these.
pub(super) fn remember(descs: &[Desc]) {
    let ids: Vec<_> = descs.iter().map(|desc| desc.id).collect();
    let mut described = lock();
    if !described.contains(&ids) {
        described.push(ids);
    }
}

fn lock() -> MutexGuard<'static, Vec<Vec<u64>>> {
    DESCRIBED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether `registry` has all families of one of the collectors: one of them
/// may be something else that has the name.
fn has_some(registry: &Registry) -> bool {
    // Not locked while a registry is: that asks for descriptions under its own lock.
    let described = lock().clone();
    let mut described = described.iter();
    described.any(|ids| ids.iter().all(|id| has(registry, *id)))
}

fn has(registry: &Registry, id: u64) -> bool {
    let answer = registry.register(Box::new(Question(Desc {
        // Any that no metric will ever have.
        fq_name: "supervise".into(),
        help: String::new(),
        const_label_pairs: Vec::new(),
        variable_labels: Vec::new(),
        id,
        dim_hash: 0,
    })));
    matches!(answer, Err(Error::AlreadyReg))
}

/// No registry tells what it has but by refusing it, and none takes this, which
/// describes one thing twice.
struct Question(Desc);

impl Collector for Question {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.0; 2]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        Vec::new()
    }
}
