//! A `tracing` layer that records what is logged, with the spans around it.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Scope};

/// One logged event.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its level.
    pub level: Level,
    /// Its target.
    pub target: String,
    /// Its fields as text, `message` among them.
    pub fields: Fields,
    /// The spans around it, the outermost first: name and fields.
    pub spans: Vec<(&'static str, Fields)>,
}

/// The values of fields, as text.
pub type Fields = BTreeMap<&'static str, String>;

impl Line {
    /// The text of the event.
    #[must_use]
    pub fn message(&self) -> &str {
        self.field("message").unwrap_or_default()
    }

    /// The value of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }
}

/// What was logged on this thread since [`record`] was called.
#[derive(Clone, Default)]
pub struct Record(Arc<Mutex<Vec<Line>>>);

/// `tracing` asks once whether anyone is interested in a line. With tests that come
/// and go on other threads the answer must always be yes.
pub(crate) fn keep_interest() {
    static INTEREST: Once = Once::new();
    INTEREST.call_once(|| {
        // An error says that there is one already.
        let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    });
}

/// Records what this thread logs, until the guard is dropped.
#[must_use]
pub fn record() -> (Record, DefaultGuard) {
    keep_interest();
    let record = Record::default();
    let subscriber = tracing_subscriber::registry().with(record.clone());
    (record, tracing::subscriber::set_default(subscriber))
}

impl Record {
    /// Records what the calling thread logs, too, as long as it lives.
    pub fn on_this_thread(&self) {
        let subscriber = tracing_subscriber::registry().with(self.clone());
        std::mem::forget(tracing::subscriber::set_default(subscriber));
    }

    /// All lines of targets that begin with `supervise`.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ours = lines
            .iter()
            .filter(|line| line.target.starts_with("supervise"));
        ours.cloned().collect()
    }

    /// The lines with this message.
    #[must_use]
    pub fn with_message(&self, message: &str) -> Vec<Line> {
        let mut lines = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        lines.retain(|line| line.message().starts_with(message));
        lines
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Record {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut values = Values::default();
            attributes.record(&mut values);
            span.extensions_mut().insert(values);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut values = Values::default();
        event.record(&mut values);
        let scope = context.event_scope(event).into_iter();
        let spans = scope.flat_map(Scope::from_root).map(|span| {
            let values = span.extensions().get::<Values>().cloned();
            (span.name(), values.unwrap_or_default().0)
        });
        let line = Line {
            level: *event.metadata().level(),
            target: event.metadata().target().to_owned(),
            fields: values.0,
            spans: spans.collect(),
        };
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line);
    }
}

#[derive(Clone, Default)]
struct Values(Fields);

impl Visit for Values {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = write!(text, "{value:?}");
        self.0.insert(field.name(), text);
    }
}
