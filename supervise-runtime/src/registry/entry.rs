//! The numbers of all workers of one name, and what changes them.

mod status;

use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{Relaxed, SeqCst},
};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::last_failures::LastFailures;
use super::periodic::Periodic;
use super::plans::Plans;
use super::{Definition, lock};
use crate::failure::Failed;
use crate::place::{Place, Places};
use crate::policy::{Plan, Reason, Restart};
use crate::status::{ByReason, Kind};

/// All workers of one name.
///
/// Its places come first: each poll needs them, and where they are is where it is.
#[repr(C)]
pub(crate) struct Entry {
    pub(crate) places: Places,
    pub(crate) name: &'static str,
    pub(super) kind: Kind,
    pub(crate) location: &'static Location<'static>,
    namesake_told: AtomicBool,
    restart: Restart,
    pub(crate) critical: bool,
    critical_alone_told: AtomicBool,
    no_timeout_told: AtomicBool,
    /// Restarts that were ordered and not yet carried out: as long as there are
    /// none, a run that looks for one has one number to look at.
    ordered: AtomicU64,
    is_ready: AtomicBool,
    /// How many run, for who starts to be told whether it is the first. What is told
    /// of them is `starts` without `exits`, which agrees with these.
    up: AtomicU64,
    starts: AtomicU64,
    exits: Counters,
    restarts: Counters,
    panics: AtomicU64,
    gave_up_total: AtomicU64,
    paused: [AtomicU64; 2],
    gave_up: AtomicU64,
    /// The consecutive failures of a worker that gave up: the health of any
    /// worker of this name forgives them, its mere start does not.
    unforgiven: AtomicU64,
    calls: Mutex<Calls>,
    periodic: OnceLock<Periodic>,
    plans: Plans,
}

/// How long a run has to stay up for its worker to count as ready.
const READY_AFTER: Duration = Duration::from_secs(5);

type Counters = [AtomicU64; Reason::ALL.len()];

/// What a worker is in between two runs.
#[derive(Clone, Copy)]
pub(crate) enum Paused {
    /// After a failure.
    Waiting,
    /// After a success.
    Scheduled,
}

impl Paused {
    pub(crate) fn after(reason: Reason) -> Self {
        match reason {
            Reason::Finished | Reason::Cancelled => Self::Scheduled,
            _ => Self::Waiting,
        }
    }
}

/// What there is to tell of the calls that are past their first run.
#[derive(Default)]
struct Calls {
    /// By where they are in memory.
    present: BTreeMap<usize, Present>,
    /// When one of them last began a run or ended one, or the first of those that
    /// are up was started.
    changed: Option<Instant>,
    failures: LastFailures,
}

#[derive(Clone, Copy, Default)]
pub(crate) struct Present {
    /// How many runs ended.
    pub(crate) ended: u64,
    /// How the last of them did.
    pub(crate) last_end: Option<Reason>,
    /// Consecutive ones.
    failures: u64,
    next_start: Option<SystemTime>,
}

impl Entry {
    pub(super) fn new(definition: &Definition) -> Self {
        Self {
            name: definition.name,
            kind: definition.kind,
            places: Places::new(definition.name, definition.kind == Kind::Worker),
            location: definition.location,
            namesake_told: AtomicBool::default(),
            restart: definition.restart,
            critical: definition.critical,
            critical_alone_told: AtomicBool::default(),
            no_timeout_told: AtomicBool::default(),
            ordered: AtomicU64::default(),
            is_ready: AtomicBool::default(),
            up: AtomicU64::default(),
            starts: AtomicU64::default(),
            exits: Counters::default(),
            restarts: Counters::default(),
            panics: AtomicU64::default(),
            gave_up_total: AtomicU64::default(),
            paused: Default::default(),
            gave_up: AtomicU64::default(),
            unforgiven: AtomicU64::default(),
            calls: Mutex::default(),
            periodic: OnceLock::new(),
            plans: Plans::default(),
        }
    }

    /// Whether a worker defined at `location` is another one that has this
    /// name, and the first to be found out.
    pub(crate) fn is_first_namesake(&self, location: &Location<'_>) -> bool {
        self.location != location && !self.namesake_told.swap(true, SeqCst)
    }

    /// Whether it is a critical worker, and the first of this name to be found
    /// where nothing can shut down.
    pub(crate) fn is_first_critical_alone(&self) -> bool {
        self.critical && !self.critical_alone_told.swap(true, SeqCst)
    }

    /// Whether it is the first of this name to have a timeout where nothing can
    /// end a run.
    pub(crate) fn is_first_beyond_timeout(&self) -> bool {
        !self.no_timeout_told.swap(true, SeqCst)
    }

    /// A restart of one of them is ordered, or no longer is.
    pub(crate) fn order_restart(&self, is_ordered: bool) {
        if is_ordered {
            add(&self.ordered);
        } else {
            self.ordered.fetch_sub(1, SeqCst);
        }
    }

    /// Whether one of them is to find out that its restart was ordered.
    #[inline]
    pub(crate) fn is_restart_ordered(&self) -> bool {
        self.ordered.load(Relaxed) > 0
    }

    /// A worker of this name says that it is ready, or shows it.
    pub(crate) fn set_ready(&self) {
        self.is_ready.store(true, Relaxed);
    }

    /// `plan`, for a call that is given it.
    pub(crate) fn share(&self, plan: Plan) -> Arc<Plan> {
        self.plans.share(plan)
    }

    /// The first run of a call begins, of a periodic worker its first tick.
    pub(crate) fn started(&self, at: Instant, every: Option<Duration>) {
        if let Some(period) = every {
            self.periodic.get_or_init(|| Periodic::new(period));
        }
        self.gave_up.store(0, SeqCst);
        if self.run_begins() {
            self.is_up_since(at);
        }
    }

    /// The first of them that is up.
    #[cold]
    #[inline(never)]
    fn is_up_since(&self, at: Instant) {
        lock(&self.calls).changed = Some(at);
    }

    /// A task begins.
    pub(crate) fn task_started(&self) {
        self.run_begins();
    }

    /// Whether none was up before.
    #[inline]
    fn run_begins(&self) -> bool {
        add(&self.starts);
        self.up.fetch_add(1, SeqCst) == 0
    }

    /// What was counted when it began has turned out to be something else.
    pub(super) fn never_started(&self) {
        self.starts.fetch_sub(1, SeqCst);
        self.up.fetch_sub(1, SeqCst);
    }

    /// Whether there is nothing to tell of it.
    pub(super) fn is_unused(&self) -> bool {
        self.starts.load(SeqCst) + self.panics.load(SeqCst) == 0
    }

    /// Another run of `call` begins, its last one having ended for `reason`.
    #[inline]
    pub(crate) fn restarted(&self, call: usize, at: Instant, reason: Reason) {
        let mut calls = lock(&self.calls);
        if let Some(present) = calls.present.get_mut(&call) {
            present.next_start = None;
        }
        self.resumed(Paused::after(reason));
        calls.changed = Some(at);
        // A tick that follows a successful one is no restart.
        if reason != Reason::Finished || self.periodic.get().is_none() {
            add(&self.restarts[reason as usize]);
        }
        self.run_begins();
    }

    /// A run ended, of a call that has nothing more to tell.
    pub(crate) fn exited(&self, reason: Reason) {
        self.up.fetch_sub(1, SeqCst);
        add(&self.exits[reason as usize]);
    }

    /// A run of `call` failed.
    #[inline]
    pub(crate) fn failed(&self, call: usize, at: Instant, failed: &Failed<'_>) {
        let now = SystemTime::now();
        let mut calls = lock(&self.calls);
        calls.failures.add(failed, now);
        self.exited(failed.reason);
        if failed.at_shutdown {
            calls.present.remove(&call);
        } else if let Some(wait) = failed.restart_in {
            let present = calls.present.entry(call).or_default();
            present.end(failed.reason, now.checked_add(wait));
            present.failures = failed.failures;
            add(&self.paused[Paused::Waiting as usize]);
        } else {
            calls.present.remove(&call);
            add(&self.gave_up_total);
            add(&self.gave_up);
            self.unforgiven.fetch_max(failed.failures, SeqCst);
        }
        self.stayed_up(failed.uptime);
        calls.changed = Some(at);
        self.ticked(failed.uptime, None);
    }

    /// A run of `call` ended, not with a failure, and another will follow it
    /// after `wait`.
    pub(crate) fn scheduled(
        &self,
        call: usize,
        at: Instant,
        reason: Reason,
        uptime: Duration,
        wait: Duration,
    ) {
        let now = SystemTime::now();
        let mut calls = lock(&self.calls);
        self.exited(reason);
        let present = calls.present.entry(call).or_default();
        present.end(reason, now.checked_add(wait));
        if reason == Reason::Finished {
            present.failures = 0;
            self.ticked(uptime, Some(now));
        }
        add(&self.paused[Paused::after(reason) as usize]);
        self.stayed_up(uptime);
        calls.changed = Some(at);
    }

    /// Who has stayed up for so long needs not say that it is ready.
    #[inline]
    fn stayed_up(&self, uptime: Duration) {
        if uptime >= READY_AFTER {
            self.set_ready();
        }
    }

    fn ticked(&self, took: Duration, success: Option<SystemTime>) {
        if let Some(periodic) = self.periodic.get() {
            periodic.ticked(took, success);
        }
    }

    /// A pause ends, whether or not a run follows.
    pub(crate) fn resumed(&self, paused: Paused) {
        self.paused[paused as usize].fetch_sub(1, SeqCst);
    }

    /// A task panicked, which is its end.
    pub(crate) fn task_panicked(&self, message: &str, place: Option<&Place>) {
        let mut calls = lock(&self.calls);
        self.panicked_at(&mut calls, message, place);
        self.exited(Reason::Panic);
    }

    /// A request panicked.
    #[cfg(feature = "tower")]
    pub(crate) fn request_panicked(&self, message: &str, place: Option<&Place>) {
        self.panicked_at(&mut lock(&self.calls), message, place);
    }

    fn panicked_at(&self, calls: &mut Calls, message: &str, place: Option<&Place>) {
        let failed = Failed {
            reason: Reason::Panic,
            message,
            place,
            failures: 1,
            uptime: Duration::ZERO,
            restart_in: None,
            at_shutdown: false,
        };
        calls.failures.add(&failed, SystemTime::now());
        self.panicked();
    }

    /// A panic, of a run or of the clean-up after it.
    pub(crate) fn panicked(&self) {
        add(&self.panics);
    }

    /// Whether there are failures that a healthy run would forgive, of calls
    /// that gave up.
    pub(crate) fn is_unforgiven(&self) -> bool {
        self.unforgiven.load(SeqCst) > 0
    }

    /// A run was healthy, which forgives the failures of calls that gave up;
    /// how many there were.
    pub(crate) fn forgive_those_that_gave_up(&self) -> u64 {
        self.unforgiven.swap(0, SeqCst)
    }

    /// What there is to know of a call: nothing in its first run.
    pub(crate) fn present(&self, call: usize) -> Present {
        let calls = lock(&self.calls);
        calls.present.get(&call).copied().unwrap_or_default()
    }

    /// `call` was healthy.
    pub(crate) fn recovered(&self, call: usize) {
        if let Some(present) = lock(&self.calls).present.get_mut(&call) {
            present.failures = 0;
        }
    }

    /// `call` is gone; during a pause after a run that ended for `paused`.
    pub(crate) fn left(&self, call: usize, paused: Option<Reason>) {
        let mut calls = lock(&self.calls);
        calls.present.remove(&call);
        if let Some(reason) = paused {
            self.resumed(Paused::after(reason));
        }
    }
}

impl Present {
    #[inline]
    fn end(&mut self, reason: Reason, next_start: Option<SystemTime>) {
        self.ended += 1;
        self.last_end = Some(reason);
        self.next_start = next_start;
    }
}

pub(super) fn add(counter: &AtomicU64) {
    counter.fetch_add(1, SeqCst);
}

fn read(counters: &Counters) -> ByReason {
    ByReason(counters.each_ref().map(|counter| counter.load(SeqCst)))
}
