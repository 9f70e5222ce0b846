//! The numbers of every worker, for as long as the process lives.
//!
//! An event adds to an atomic. `running` is not counted but derived, `starts -
//! exits`, so that the three agree whenever they are read. What has to change
//! together to be true, a run's end and the wait after it, changes under the
//! lock that a reader holds: a worker that waits is never seen running.

use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::capture::{Place, Places};
use crate::policy::{Reason, Restart};
use crate::status::{ByReason, LastFailure, WorkerStatus};

static WORKERS: Mutex<BTreeMap<&'static str, &'static Entry>> = Mutex::new(BTreeMap::new());

/// The entry of all workers called `name`, new if there is none: of two
/// different workers with one name the first tells where it is.
pub(crate) fn enter(
    name: &'static str,
    location: &'static Location<'static>,
    restart: Restart,
) -> &'static Entry {
    lock(&WORKERS)
        .entry(name)
        .or_insert_with(|| Box::leak(Box::new(Entry::new(name, location, restart))))
}

/// The state, the counts and the last failure of every worker that was ever
/// started in this process, in the order of their names.
///
/// Workers that share a name share one [`WorkerStatus`]. The numbers are the
/// ones that the metrics show.
///
/// # Examples
///
/// ```
/// use supervise::{Reason, supervised};
///
/// #[supervised(name = "greeter")]
/// async fn greet() {}
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// greet().await;
///
/// let workers = supervise::workers();
/// let greeter = workers.iter().find(|worker| worker.name == "greeter").unwrap();
/// assert_eq!((greeter.starts, greeter.running), (1, 0));
/// assert_eq!(greeter.exits[Reason::Finished], 1);
/// # }
/// ```
#[must_use]
pub fn workers() -> Vec<WorkerStatus> {
    let entries: Vec<_> = lock(&WORKERS).values().copied().collect();
    entries.into_iter().map(Entry::status).collect()
}

/// All workers of one name.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) places: Places,
    pub(crate) location: &'static Location<'static>,
    namesake_told: AtomicBool,
    restart: Restart,
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
    trouble: Mutex<Trouble>,
}

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
            Reason::Finished => Self::Scheduled,
            _ => Self::Waiting,
        }
    }
}

/// What there is to tell of failures.
#[derive(Default)]
struct Trouble {
    /// By call: those that failed and have not been healthy since.
    failing: BTreeMap<u64, Failing>,
    last: Option<LastFailure>,
}

struct Failing {
    failures: u64,
    next_start: Option<SystemTime>,
}

/// A failed run.
pub(crate) struct Failed<'a> {
    /// The call that it was a run of.
    pub(crate) call: u64,
    /// Consecutive ones of this call, this one included.
    pub(crate) failures: u64,
    pub(crate) reason: Reason,
    pub(crate) message: &'a str,
    pub(crate) place: Option<&'a Place>,
    /// The wait before the next run; `None` if the worker gives up.
    pub(crate) restart_in: Option<Duration>,
}

impl Entry {
    fn new(name: &'static str, location: &'static Location<'static>, restart: Restart) -> Self {
        Self {
            name,
            places: Places::new(),
            location,
            namesake_told: AtomicBool::default(),
            restart,
            starts: AtomicU64::default(),
            exits: Counters::default(),
            restarts: Counters::default(),
            panics: AtomicU64::default(),
            gave_up_total: AtomicU64::default(),
            paused: Default::default(),
            gave_up: AtomicU64::default(),
            unforgiven: AtomicU64::default(),
            trouble: Mutex::default(),
        }
    }

    /// Whether a worker defined at `location` is another one that has this
    /// name, and the first to be found out.
    pub(crate) fn is_first_namesake(&self, location: &Location<'_>) -> bool {
        self.location != location && !self.namesake_told.swap(true, SeqCst)
    }

    /// The first run of a call begins.
    pub(crate) fn started(&self) {
        self.gave_up.store(0, SeqCst);
        add(&self.starts);
    }

    /// Another run of `call` begins, its last one having ended for `reason`.
    pub(crate) fn restarted(&self, call: u64, reason: Reason) {
        let mut trouble = lock(&self.trouble);
        if let Some(failing) = trouble.failing.get_mut(&call) {
            failing.next_start = None;
        }
        self.resumed(Paused::after(reason));
        add(&self.restarts[reason as usize]);
        add(&self.starts);
    }

    /// A run ended without a failure.
    pub(crate) fn exited(&self, reason: Reason) {
        add(&self.exits[reason as usize]);
    }

    /// A run failed.
    pub(crate) fn failed(&self, failed: &Failed<'_>) {
        let now = SystemTime::now();
        let mut trouble = lock(&self.trouble);
        trouble.tell(failed, now);
        self.exited(failed.reason);
        if let Some(wait) = failed.restart_in {
            add(&self.paused[Paused::Waiting as usize]);
            let failures = failed.failures;
            let next_start = now.checked_add(wait);
            let failing = Failing {
                failures,
                next_start,
            };
            trouble.failing.insert(failed.call, failing);
        } else {
            add(&self.gave_up_total);
            add(&self.gave_up);
            self.unforgiven.fetch_max(failed.failures, SeqCst);
            trouble.failing.remove(&failed.call);
        }
    }

    /// A run finished, and another will follow it.
    pub(crate) fn scheduled(&self) {
        let _trouble = lock(&self.trouble);
        self.exited(Reason::Finished);
        add(&self.paused[Paused::Scheduled as usize]);
    }

    /// A pause ends, whether or not a run follows.
    pub(crate) fn resumed(&self, paused: Paused) {
        self.paused[paused as usize].fetch_sub(1, SeqCst);
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

    /// `call` is no longer failing: it was healthy, or is gone.
    pub(crate) fn left(&self, call: u64) {
        lock(&self.trouble).failing.remove(&call);
    }

    fn status(&self) -> WorkerStatus {
        let trouble = lock(&self.trouble);
        // Read before the starts: a run that ends meanwhile still seems to run.
        let exits = read(&self.exits);
        let starts = self.starts.load(SeqCst);
        let [waiting, scheduled] = self.paused.each_ref().map(|paused| paused.load(SeqCst));
        let failing = trouble.failing.values();
        WorkerStatus {
            name: self.name,
            location: self.location,
            restart: self.restart,
            running: starts - exits.total(),
            waiting,
            scheduled,
            gave_up: self.gave_up.load(SeqCst),
            starts,
            exits,
            restarts: read(&self.restarts),
            panics: self.panics.load(SeqCst),
            gave_up_total: self.gave_up_total.load(SeqCst),
            consecutive_failures: failing
                .clone()
                .map(|failing| failing.failures)
                .fold(self.unforgiven.load(SeqCst), u64::max),
            last_failure: trouble.last.clone(),
            next_start: failing.filter_map(|failing| failing.next_start).min(),
        }
    }
}

impl Trouble {
    /// Keeps the failure as the last one, in the memory of the one before it.
    fn tell(&mut self, failed: &Failed<'_>, at: SystemTime) {
        let last = self.last.get_or_insert_with(|| LastFailure {
            reason: failed.reason,
            message: String::new(),
            place: None,
            at,
        });
        last.reason = failed.reason;
        failed.message.clone_into(&mut last.message);
        last.place = failed.place.cloned();
        last.at = at;
    }
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, SeqCst);
}

fn read(counters: &Counters) -> ByReason {
    ByReason(counters.each_ref().map(|counter| counter.load(SeqCst)))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing of the user's runs under these locks, so nothing can poison them.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
