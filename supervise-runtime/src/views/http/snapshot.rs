//! All that the pages tell, of one moment.

use std::time::SystemTime;

use super::process::Process;
use super::readiness::{self, Readiness};
use super::trouble::Trouble;
use crate::registry;
use crate::status::WorkerStatus;

pub(super) struct Snapshot {
    pub(super) service: Service,
    pub(super) process: &'static Process,
    pub(super) rendered: SystemTime,
    pub(super) readiness: Readiness,
    /// Those in trouble first, the worst and the critical of them first, then by name.
    pub(super) workers: Vec<Worker>,
}

/// What the pages say of the service, as it told them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Service {
    pub(super) name: Option<&'static str>,
    pub(super) version: Option<&'static str>,
}

pub(super) struct Worker {
    pub(super) status: WorkerStatus,
    pub(super) trouble: Option<Trouble>,
}

impl Snapshot {
    pub(super) fn take(service: Service) -> Self {
        let statuses = registry::workers();
        let rendered = SystemTime::now();
        let readiness = readiness::of(&statuses);
        let workers = statuses.into_iter().map(|status| Worker {
            trouble: Trouble::of(&status, rendered),
            status,
        });
        let mut workers: Vec<_> = workers.collect();
        workers.sort_by_key(|worker| Trouble::rank(worker.trouble, &worker.status));
        Self {
            service,
            process: Process::current(),
            rendered,
            readiness,
            workers,
        }
    }

    /// Those in trouble, the worst first.
    pub(super) fn in_trouble(&self) -> &[Worker] {
        let is_in_trouble = |worker: &Worker| worker.trouble.is_some();
        &self.workers[..self.workers.partition_point(is_in_trouble)]
    }

    /// What people call the service.
    pub(super) fn name(&self) -> &str {
        let program = self.process.program.as_deref();
        self.service.name.or(program).unwrap_or("unknown program")
    }
}
