//! The cache of greetings.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Keeps what was rendered until it is told to let go of what is old.
#[derive(Default)]
pub struct Cache(Mutex<HashMap<String, Entry>>);

struct Entry {
    greeting: String,
    rendered: Instant,
}

impl Cache {
    /// The greeting for `name`, rendered if there is none yet, and whether
    /// there was one.
    pub fn greeting(&self, name: &str) -> (String, bool) {
        let mut entries = self.entries();
        if let Some(entry) = entries.get(name) {
            return (entry.greeting.clone(), true);
        }
        let greeting = format!("Hello, {name}!");
        let entry = Entry {
            greeting: greeting.clone(),
            rendered: Instant::now(),
        };
        entries.insert(name.to_owned(), entry);
        (greeting, false)
    }

    pub fn remove_older_than(&self, age: Duration) {
        self.entries()
            .retain(|_, entry| entry.rendered.elapsed() < age);
    }

    pub fn size(&self) -> usize {
        self.entries().len()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        // A worker that panics under the lock is restarted and needs it again; it
        // can, because no entry is ever half-written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
