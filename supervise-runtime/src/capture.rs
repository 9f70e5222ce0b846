//! What only the panic hook can see: the place, the stack and the span.
//!
//! The hook runs at the panic, before unwinding, and a panic inside it aborts
//! the process. So it only captures; resolving and logging come after the
//! catch. It is installed once, at the first start of a worker, and calls the
//! hook that was there before it, so that Sentry and the default printer see
//! what they always saw.

use std::backtrace::Backtrace;
use std::cell::Cell;
use std::fmt;
use std::panic::{self, PanicHookInfo};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::thread;

use tracing::Span;

use crate::contain::Payload;

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
pub(crate) struct Places(Mutex<Vec<Place>>);

impl Places {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The place, and whether it is new.
    fn visit(&self, location: &panic::Location<'_>) -> (Place, bool) {
        let (file, line, column) = (location.file(), location.line(), location.column());
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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

/// What the hook saw of one panic.
pub(crate) struct Captured {
    pub(crate) place: Option<Place>,
    /// Unresolved; only of the first panic at a place.
    pub(crate) stack: Option<Box<Backtrace>>,
    /// The innermost span that was entered.
    pub(crate) span: Span,
}

/// The worker that runs on a thread, and what the hook saw there.
struct Watch {
    /// The places of that worker; `None` if none runs.
    places: Cell<Option<&'static Places>>,
    /// How many panics of workers the hook saw: a count that changed during a
    /// run is cheaper to find out than a flag is to save and restore.
    panics: Cell<u32>,
}

thread_local! {
    // One value without a destructor: each poll comes here twice.
    static WATCH: Watch = const {
        Watch {
            places: Cell::new(None),
            panics: Cell::new(0),
        }
    };
    static CAPTURED: Cell<Option<Captured>> = const { Cell::new(None) };
}

static LOG_ONLY: AtomicBool = AtomicBool::new(false);

/// A panic, caught.
pub(crate) struct Panicked {
    pub(crate) payload: Payload,
    pub(crate) captured: Option<Captured>,
}

/// Watches for panics in what `contained` contains, until it drops the guard
/// that it is given, and tells what the hook saw of the panic that it returns.
/// Nothing captured outlives the call: a span kept beyond it would never close.
#[inline]
pub(crate) fn watch<T>(
    places: &'static Places,
    contained: impl FnOnce(Watching) -> Result<T, Payload>,
) -> Result<T, Panicked> {
    let (outer, panics) =
        WATCH.with(|watch| (watch.places.replace(Some(places)), watch.panics.get()));
    let result = contained(Watching { outer });
    let panicked = WATCH.with(|watch| watch.panics.get() != panics);
    match result {
        Ok(value) => {
            if panicked {
                // The body has caught it, and it is nobody's business.
                forget_captured();
            }
            Ok(value)
        }
        Err(payload) => Err(Panicked {
            payload,
            captured: if panicked { CAPTURED.take() } else { None },
        }),
    }
}

#[cold]
#[inline(never)]
fn forget_captured() {
    drop(CAPTURED.take());
}

/// A worker is watched, until this is dropped.
pub(crate) struct Watching {
    /// The places of the worker around it.
    outer: Option<&'static Places>,
}

impl Drop for Watching {
    #[inline]
    fn drop(&mut self) {
        WATCH.with(|watch| watch.places.set(self.outer));
    }
}

/// Hands `captured` on to the worker around this one, which is about to catch
/// the same panic: resuming a panic does not call the hook.
pub(crate) fn hand_on(captured: Captured) {
    WATCH.with(|watch| {
        if watch.places.get().is_some() {
            watch.keep(captured);
        }
    });
}

impl Watch {
    fn keep(&self, captured: Captured) {
        CAPTURED.set(Some(captured));
        self.panics.set(self.panics.get().wrapping_add(1));
    }
}

/// Keeps supervised panics off stderr: they are in the log.
///
/// From here on, for the rest of the process, a panic inside a worker is not
/// passed to the hook that was installed before this crate's, neither to the
/// default one that prints to stderr nor to, for instance, Sentry's. All other
/// panics still are.
///
/// # Examples
///
/// ```
/// // First thing in `main`, once the `tracing` subscriber is set:
/// supervise::log_panics_only();
/// ```
pub fn log_panics_only() {
    LOG_ONLY.store(true, Relaxed);
}

/// Puts the hook in front of the present one, the first time it is called.
pub(crate) fn install_hook() {
    static INSTALL: Once = Once::new();
    // A panicking thread may not change the hook; the next start does it.
    if INSTALL.is_completed() || thread::panicking() {
        return;
    }
    INSTALL.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let watched = WATCH.with(|watch| {
                let places = watch.places.get()?;
                watch.keep(capture(places, info));
                Some(())
            });
            if watched.is_none() || !LOG_ONLY.load(Relaxed) {
                previous(info);
            }
        }));
    });
}

fn capture(places: &Places, info: &PanicHookInfo<'_>) -> Captured {
    let (place, first) = info.location().map(|at| places.visit(at)).unzip();
    let stack = first
        .unwrap_or(true)
        .then(|| Box::new(Backtrace::force_capture()));
    let span = Span::current();
    Captured { place, stack, span }
}
