//! Where in the source a panic was, and where a worker has panicked so far.

use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};

/// A place in the source: where a worker panicked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    file: Arc<str>,
    line: u32,
    column: u32,
}

impl Place {
    pub(crate) fn new(file: &str, line: u32, column: u32) -> Self {
        let file = file.into();
        Self { file, line, column }
    }

    /// The path of the source file, as the compiler was given it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The column, from 1.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.column
    }
}

/// `src/cleanup.rs:41:9`
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// The places where a worker has panicked so far.
///
/// They answer whether a panic repeats an earlier one, whose stack has been
/// told already, and own the file names: a crash loop allocates none. Their
/// number is bounded by the program's text.
pub(crate) struct Places {
    pub(crate) worker: &'static str,
    /// Whether they are those of a worker's runs.
    pub(crate) of_runs: bool,
    seen: Mutex<Vec<Place>>,
}

impl Places {
    pub(crate) const fn new(worker: &'static str, of_runs: bool) -> Self {
        Self {
            worker,
            of_runs,
            seen: Mutex::new(Vec::new()),
        }
    }

    /// The place, and whether it is new.
    pub(crate) fn visit(&self, location: &Location<'_>) -> (Place, bool) {
        let (file, line, column) = (location.file(), location.line(), location.column());
        let mut places = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let known = places
            .iter()
            .find(|place| (place.line, place.column, place.file()) == (line, column, file));
        if let Some(place) = known {
            return (place.clone(), false);
        }
        let place = Place::new(file, line, column);
        places.push(place.clone());
        (place, true)
    }
}
