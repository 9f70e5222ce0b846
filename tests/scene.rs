//! What is logged, as people and programs get it: the lines that
//! `tracing-subscriber` writes, as text and as JSON.

mod json;
mod pattern;

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::layer::SubscriberExt;

use self::json::Json;
use self::pattern::Pattern;
use crate::record::keep_interest;

/// What a thread, or several, logged since [`scene`] was called.
#[derive(Clone)]
pub struct Scene {
    dispatch: Dispatch,
    text: Entries,
    json: Entries,
    flat: Entries,
}

/// Writes what this thread logs in each format, until the guard is dropped.
#[must_use]
pub fn scene() -> (Scene, DefaultGuard) {
    keep_interest();
    let [text, json, flat] = [(); 3].map(|()| Entries::default());
    let subscriber = tracing_subscriber::registry()
        .with(
            layer()
                .without_time()
                .with_ansi(false)
                .with_writer(text.clone()),
        )
        .with(layer().json().with_writer(json.clone()))
        // All that can be beside the fields of an event.
        .with(
            layer()
                .json()
                .flatten_event(true)
                .with_file(true)
                .with_line_number(true)
                .with_thread_ids(true)
                .with_thread_names(true)
                .with_writer(flat.clone()),
        );
    let dispatch = Dispatch::new(subscriber);
    let guard = tracing::dispatcher::set_default(&dispatch);
    let scene = Scene {
        dispatch,
        text,
        json,
        flat,
    };
    (scene, guard)
}

impl Scene {
    /// Takes the calling thread in, too, as long as it lives.
    pub fn on_this_thread(&self) {
        std::mem::forget(tracing::dispatcher::set_default(&self.dispatch));
    }

    /// The lines so far, each as it is written as text.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        self.text.all()
    }

    /// The lines so far that have `part` in them as text.
    #[must_use]
    pub fn with(&self, part: &str) -> Vec<String> {
        let mut lines = self.texts();
        lines.retain(|line| line.contains(part));
        lines
    }

    /// The text of `key` in the only line with this message, whole.
    ///
    /// # Panics
    ///
    /// If there is no such line with it, or more than one.
    #[must_use]
    pub fn value_of(&self, message: &str, key: &str) -> String {
        let lines = self.json.all();
        let lines = lines.iter().map(|line| Json::read(line));
        let with = |line: Json| {
            let fields = line.get("fields");
            let is_it = fields.text("message").as_deref() == Some(message);
            fields.text(key).filter(|_| is_it)
        };
        let mut values: Vec<_> = lines.filter_map(with).collect();
        assert_eq!(values.len(), 1, "{self}");
        values.remove(0)
    }

    /// These are the lines, no more and no less, in each format.
    ///
    /// A line is written as people see it, but for the time; a `*` stands for
    /// whatever is there: a field is shown by its value, a text in quotes.
    ///
    /// ```text
    ///  INFO worker{worker="cleanup" run=1}: supervise: worker finished worker="cleanup" run=1 uptime=*
    /// ```
    ///
    /// # Panics
    ///
    /// If they are not, if two keys of one object in the JSON are the same, or if
    /// the formats disagree.
    pub fn is<const N: usize>(&self, lines: [&str; N]) {
        let told = self.texts();
        assert_eq!(told.len(), N, "{self}");
        for (index, line) in lines.into_iter().enumerate() {
            self.check(index, line);
        }
    }

    /// This is one of the lines, and the only one of its kind, in each format.
    ///
    /// # Panics
    ///
    /// As [`is`](Self::is).
    pub fn has(&self, line: &str) {
        let pattern = Pattern::read(line);
        let found = |(index, told): (usize, &String)| pattern.is_text(told).then_some(index);
        let told = self.texts();
        let found: Vec<_> = told.iter().enumerate().filter_map(found).collect();
        let [index] = *found else {
            panic!("it is not there once:\n{line}\n{self}");
        };
        self.check(index, line);
    }

    fn check(&self, index: usize, line: &str) {
        let pattern = Pattern::read(line);
        let text = &self.text.all()[index];
        assert!(
            pattern.is_text(text),
            "this is not as expected:\n{text}{line}"
        );
        for entries in [&self.json, &self.flat] {
            let written = &entries.all()[index];
            let json = Json::read(written);
            let same = pattern.is_json(&json);
            assert!(same, "this is not as expected:\n{written}{line}\n{json:?}");
        }
    }
}

/// All lines as text.
impl std::fmt::Display for Scene {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f)?;
        self.texts().iter().try_for_each(|line| f.write_str(line))
    }
}

/// What is written for each event.
#[derive(Clone, Default)]
struct Entries(Arc<Mutex<Vec<String>>>);

impl Entries {
    fn all(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl MakeWriter<'_> for Entries {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Write for Entries {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(event).map_err(io::Error::other)?;
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push(text.to_owned());
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
