//! The tasks of all supervisors by tokio's id, so that code at any depth finds
//! the one that it is part of, and nothing has to be set at each poll.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::{self, Id};

use crate::capture;
use crate::shutdown::task::Task;

/// Whether there ever was one: without a supervisor nothing is looked up.
static ANY: AtomicBool = AtomicBool::new(false);

/// In parts, as tasks begin and end on all threads at once.
static TASKS: [Mutex<Tasks>; 16] =
    [const { Mutex::new(HashMap::with_hasher(BuildHasherDefault::new())) }; 16];

type Tasks = HashMap<Id, Arc<Task>, BuildHasherDefault<IdHasher>>;

/// Whether the code that asks can be part of a supervisor's task at all.
#[inline]
pub(crate) fn any() -> bool {
    ANY.load(Relaxed)
}

/// The task of a supervisor that this code is part of.
#[inline]
pub(crate) fn current() -> Option<Arc<Task>> {
    if any() { find() } else { None }
}

#[inline(never)]
fn find() -> Option<Arc<Task>> {
    let id = task::try_id()?;
    part(id).get(&id).cloned()
}

/// Makes `task` the one that the code which is being polled is part of.
#[inline]
pub(crate) fn enter(task: &Arc<Task>) {
    if let Some(id) = task::try_id() {
        if !any() {
            capture::watch_outside(|| current().is_some());
            ANY.store(true, Relaxed);
        }
        part(id).insert(id, Arc::clone(task));
    }
}

/// The task which is being dropped, and has entered, is over.
#[inline]
pub(crate) fn leave() {
    if let Some(id) = task::try_id() {
        // Let go of outside of the lock.
        let _task = part(id).remove(&id);
    }
}

fn part(id: Id) -> MutexGuard<'static, Tasks> {
    let mut hasher = IdHasher::default();
    id.hash(&mut hasher);
    // Not the bits by which the map sorts.
    let part = usize::from(hasher.finish().to_le_bytes()[4]) % TASKS.len();
    // Nothing that can panic runs under these locks.
    TASKS[part].lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ids are numbers, one after another, and nobody can choose them.
#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write_u64(&mut self, id: u64) {
        // The golden ratio: Knuth's multiplicative hashing.
        self.0 = (self.0 ^ id).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(byte.into());
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
