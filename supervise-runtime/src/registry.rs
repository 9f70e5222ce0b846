//! The numbers of every worker, for as long as the process lives.
//!
//! An event adds to an atomic. `running` is not counted but derived, `starts -
//! exits`, so that the three agree whenever they are read. What has to change
//! together to be true, a run's end and the wait after it, changes under the
//! lock that a reader holds: a worker that waits is never seen running.

pub(crate) mod closure;
mod entry;
mod last_failures;
mod periodic;
mod plans;

use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) use self::entry::Entry;
use crate::policy::Restart;
use crate::status::{Kind, WorkerStatus};

static WORKERS: Mutex<Entries> = Mutex::new(BTreeMap::new());

/// By the full names of their types.
static TASKS: Mutex<Entries> = Mutex::new(BTreeMap::new());

/// The requests of each layer, by its name.
static REQUESTS: Mutex<Entries> = Mutex::new(BTreeMap::new());

type Entries = BTreeMap<&'static str, &'static Entry>;

/// The entry of all workers of this name, new if there is none: of two different
/// workers with one name the first tells where it is.
pub(crate) fn enter(definition: &Definition) -> &'static Entry {
    lock(&WORKERS)
        .entry(definition.name)
        .or_insert_with(|| Box::leak(Box::new(Entry::new(definition))))
}

/// The entry of all workers of this name, if there is one.
pub(crate) fn worker(name: &str) -> Option<&'static Entry> {
    lock(&WORKERS).get(name).copied()
}

/// The entry of all tasks whose futures come from one function: `name` of the
/// future's type, which is called `full`.
pub(crate) fn enter_task(
    full: &'static str,
    name: fn() -> String,
    location: &'static Location<'static>,
) -> &'static Entry {
    let mut tasks = lock(&TASKS);
    if let Some(entry) = tasks.get(full) {
        return entry;
    }
    let name = name();
    let known = tasks.values().find(|entry| entry.name == name).copied();
    let entry = known.unwrap_or_else(|| {
        Box::leak(Box::new(Entry::new(&Definition {
            name: name.leak(),
            kind: Kind::Task,
            location,
            restart: Restart::Never,
            critical: false,
        })))
    });
    tasks.insert(full, entry);
    entry
}

/// The entry of the requests of all layers of this name.
#[cfg(feature = "tower")]
pub(crate) fn enter_requests(
    name: &'static str,
    location: &'static Location<'static>,
) -> &'static Entry {
    lock(&REQUESTS).entry(name).or_insert_with(|| {
        Box::leak(Box::new(Entry::new(&Definition {
            name,
            kind: Kind::Request,
            location,
            restart: Restart::Never,
            critical: false,
        })))
    })
}

/// What is known of a worker before it runs.
pub(crate) struct Definition {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) location: &'static Location<'static>,
    pub(crate) restart: Restart,
    pub(crate) critical: bool,
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
    entries().into_iter().map(Entry::status).collect()
}

/// The same without the last failures, which are most of what there is to copy.
#[cfg(feature = "prometheus")]
pub(crate) fn numbers() -> Vec<WorkerStatus> {
    entries().into_iter().map(Entry::numbers).collect()
}

fn entries() -> Vec<&'static Entry> {
    let mut entries: Vec<_> = lock(&WORKERS).values().copied().collect();
    entries.extend(lock(&REQUESTS).values());
    // Several types can share one.
    entries.extend(lock(&TASKS).values());
    entries.sort_by_key(|entry| (entry.name, entry.kind));
    entries.dedup_by_key(|entry| (entry.name, entry.kind));
    entries.retain(|entry| entry.kind != Kind::Task || !entry.is_unused());
    entries
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing of the user's runs under these locks, so nothing can poison them.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
