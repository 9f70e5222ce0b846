//! What the numbers are when somebody asks.

use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::time::SystemTime;

use super::{Calls, Entry, READY_AFTER, read};
use crate::failure::{Failure, Told};
use crate::registry::lock;
use crate::registry::periodic::Periodic;
use crate::status::WorkerStatus;

impl Entry {
    /// The last failure of any worker of this name, as an error.
    pub(crate) fn last_failure(&self) -> Option<Failure> {
        let calls = lock(&self.calls);
        let last = calls.failures.last()?;
        Some(Failure::new(Told {
            reason: last.reason,
            worker: self.name,
            message: last.message.clone(),
            place: last.place.clone(),
            stack: None,
        }))
    }

    pub(crate) fn status(&self) -> WorkerStatus {
        let calls = lock(&self.calls);
        WorkerStatus {
            last_failures: calls.failures.to_vec(),
            ..self.numbers_of(&calls)
        }
    }

    /// The status without the last failures.
    #[cfg(feature = "prometheus")]
    pub(crate) fn numbers(&self) -> WorkerStatus {
        self.numbers_of(&lock(&self.calls))
    }

    /// Under the lock of the calls.
    fn numbers_of(&self, calls: &Calls) -> WorkerStatus {
        // Read before the starts: a run that ends meanwhile still seems to run.
        let exits = read(&self.exits);
        let starts = self.starts.load(SeqCst);
        let [waiting, scheduled] = self.paused.each_ref().map(|paused| paused.load(SeqCst));
        let present = calls.present.values();
        let running = starts - exits.total();
        let gave_up = self.gave_up.load(SeqCst);
        // An end is not kept. Who has ended is no longer what it was since its start.
        let is_in_a_state = running + waiting + scheduled + gave_up > 0;
        let changed = calls.changed.filter(|_| is_in_a_state);
        let since = changed.map(|changed| changed.elapsed());
        if running > 0 && since >= Some(READY_AFTER) {
            self.set_ready();
        }
        WorkerStatus {
            name: self.name,
            kind: self.kind,
            location: self.location,
            restart: self.restart,
            critical: self.critical,
            ready: self.is_ready.load(Relaxed),
            running,
            waiting,
            scheduled,
            gave_up,
            since: since.and_then(|since| SystemTime::now().checked_sub(since)),
            starts,
            exits,
            restarts: read(&self.restarts),
            panics: self.panics.load(SeqCst),
            gave_up_total: self.gave_up_total.load(SeqCst),
            consecutive_failures: present
                .clone()
                .map(|present| present.failures)
                .fold(self.unforgiven.load(SeqCst), u64::max),
            last_failures: Vec::new(),
            next_start: present.filter_map(|present| present.next_start).min(),
            periodic: self.periodic.get().map(Periodic::status),
        }
    }
}
