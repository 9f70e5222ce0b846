//! What only the panic hook can see: the place, the stack and the span.
//!
//! The hook runs at the panic, before unwinding, and a panic inside it aborts
//! the process. So it only captures; resolving and logging come after the
//! catch. It is installed once, at the first start of a worker, and calls the
//! hook that was there before it, so that Sentry and the default printer see
//! what they always saw.

use std::backtrace::Backtrace;
use std::cell::Cell;
use std::panic::{self, PanicHookInfo};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Once, OnceLock};
use std::thread;

use tokio::task::{self, Id};
use tracing::Span;

use crate::contain::{Payload, contain, discard, message};
use crate::place::{Place, Places};
use crate::stack;

/// What the hook saw of one panic.
pub(crate) struct Captured {
    pub(crate) place: Option<Place>,
    /// Unresolved; only of the first panic at a place.
    pub(crate) stack: Option<Box<Backtrace>>,
    /// The innermost span that was entered.
    pub(crate) span: Span,
}

/// What the code is part of that a thread executes.
#[derive(Clone, Copy)]
pub(crate) struct Here {
    /// Those of the worker or the layer, or [`TASKS`].
    pub(crate) places: &'static Places,
    /// The run of a worker that it belongs to, what was spawned, or the request:
    /// where its call is in memory, its unit, or its frame, which is where no other
    /// one is.
    pub(crate) run: usize,
}

impl Here {
    /// Whether it is in the run of a worker.
    pub(crate) fn is_in_run(self) -> bool {
        self.places.of_runs
    }
}

/// The worker that runs on a thread, and what the hook saw there.
struct Watch {
    here: Cell<Option<Here>>,
    /// The closure, or run, that has this thread, and the task that it is.
    thread: Cell<Option<(usize, Option<Id>)>>,
    /// What the last panic was in, as [`Here::run`] says it, until somebody takes
    /// what the hook saw of it.
    panicked: Cell<usize>,
    /// Whether that was nothing which is watched.
    outside: Cell<bool>,
    /// Where the payload is of the last panic that a worker has told and let go
    /// on.
    told: Cell<usize>,
    fresh: Cell<Fresh>,
}

/// What a thread executes that has begun and has entered no run so far: it may
/// turn out to be a worker.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fresh {
    /// Nothing like that.
    Nothing,
    /// The first poll of a task.
    Poll,
    /// A closure.
    Call,
}

thread_local! {
    // In one cell without a destructor: each poll is here twice.
    static WATCH: Watch = const {
        Watch {
            here: Cell::new(None),
            thread: Cell::new(None),
            panicked: Cell::new(0),
            outside: Cell::new(false),
            told: Cell::new(0),
            fresh: Cell::new(Fresh::Nothing),
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

/// What this code is part of.
pub(crate) fn here() -> Option<Here> {
    WATCH.with(Watch::here)
}

/// The places of the worker in whose run this code is.
pub(crate) fn run() -> Option<&'static Places> {
    here()
        .filter(|here| here.is_in_run())
        .map(|here| here.places)
}

/// The places of what is in a task, and not in a worker's run.
pub(crate) static TASKS: Places = Places::new("", false);

/// Calls `f`, which contains its panics, while the hook watches for those of what
/// is here. What comes of it is for [`seen`].
#[inline]
pub(crate) fn watched<T>(here: Here, f: impl FnOnce() -> T) -> T {
    let outer = WATCH.with(|watch| watch.here.get());
    watch(Some(here));
    let result = f();
    watch(outer);
    result
}

/// The same of what [is outermost](is_outermost).
#[inline]
pub(crate) fn watched_outermost<T>(here: Here, f: impl FnOnce() -> T) -> T {
    watch(Some(here));
    let result = f();
    watch(None);
    result
}

#[inline]
fn watch(here: Option<Here>) {
    WATCH.with(|watch| watch.here.set(here));
}

/// [`watched`] for what has this thread for as long as it lasts. It may have a
/// runtime of its own there, whose tasks are nothing of it: tokio contains them.
pub(crate) fn watched_on_its_thread<T>(here: Here, f: impl FnOnce() -> T) -> T {
    let this = Some((here.run, task::try_id()));
    let outer = WATCH.with(|watch| watch.thread.replace(this));
    let result = watched(here, f);
    WATCH.with(|watch| watch.thread.set(outer));
    result
}

/// Whether this code is in nothing that is watched.
#[inline]
pub(crate) fn is_outermost() -> bool {
    WATCH.with(|watch| watch.here.get().is_none())
}

/// Whether there is something that the hook saw, and nobody has taken so far.
#[inline]
pub(crate) fn is_seen() -> bool {
    WATCH.with(|watch| watch.panicked.get() != 0)
}

/// Puts what the hook saw to the result of what it watched.
#[inline]
pub(crate) fn seen<T>(here: Here, result: Result<T, Payload>) -> Result<T, Panicked> {
    match result {
        Ok(value) => {
            if is_seen() {
                forget(here);
            }
            Ok(value)
        }
        Err(payload) => Err(Panicked::of(payload, here)),
    }
}

/// Calls `f`, the beginning of something; whether it has entered a run.
pub(crate) fn beginning<T>(fresh: Fresh, f: impl FnOnce() -> T) -> (T, bool) {
    let outer = WATCH.with(|watch| watch.fresh.replace(fresh));
    let value = f();
    let left = WATCH.with(|watch| watch.fresh.replace(outer));
    (value, left == Fresh::Nothing)
}

/// A run begins; what it is the first of.
#[inline]
pub(crate) fn enters_run() -> Fresh {
    WATCH.with(|watch| watch.fresh.replace(Fresh::Nothing))
}

/// The closure of which a run seemed to be the first has nothing to do with it.
#[cold]
pub(crate) fn enters_no_run() {
    WATCH.with(|watch| watch.fresh.set(Fresh::Call));
}

impl Panicked {
    /// A panic that was caught, and that the hook may have seen.
    #[cold]
    #[inline(never)]
    pub(crate) fn of(payload: Payload, here: Here) -> Self {
        let captured = take(here);
        Self { payload, captured }
    }

    pub(crate) fn message(&self) -> &str {
        message(&*self.payload)
    }

    pub(crate) fn place(&self) -> Option<&Place> {
        self.captured.as_ref()?.place.as_ref()
    }

    /// The text of the stack, if it is the first panic at its place.
    pub(crate) fn stack(&self) -> Option<String> {
        let stack = self.captured.as_ref()?.stack.as_deref()?;
        Some(stack::resolve(stack))
    }
}

/// Forgets what the hook saw of a panic that was caught where it happened, and
/// so is nobody's business: a span kept for it would never close.
#[cold]
#[inline(never)]
fn forget(here: Here) {
    let_go(take(here));
}

/// Drops what the hook saw: its span closes, of which the subscriber is told.
pub(crate) fn let_go(captured: Option<Captured>) {
    if let Err(payload) = contain(|| drop(captured)) {
        discard(payload);
    }
}

/// What the hook saw last, if that was here.
fn take(here: Here) -> Option<Captured> {
    WATCH.with(|watch| {
        let was_here = watch.panicked.get() == here.run;
        was_here.then(|| watch.panicked.set(0))
    })?;
    CAPTURED.take()
}

/// Hands a panic, which has been told, on to the worker around this one, which
/// is about to catch it: resuming a panic does not call the hook.
pub(crate) fn hand_on(payload: &Payload, captured: Option<Captured>) {
    WATCH.with(|watch| {
        if let Some(captured) = captured.filter(|_| watch.here().is_some()) {
            watch.keep(captured);
        }
        watch.told.set(address(payload));
    });
}

/// What begins here has nothing to do with the last panic that a worker let go
/// on: nobody may have asked for that one, and where its payload was, there may be
/// another by now.
#[inline]
pub(crate) fn nothing_is_told() {
    WATCH.with(|watch| watch.told.set(0));
}

/// Whether it is the panic that a worker has told and let go on.
pub(crate) fn is_told(payload: &Payload) -> bool {
    WATCH.with(|watch| watch.told.take()) == address(payload)
}

fn address(payload: &Payload) -> usize {
    std::ptr::from_ref(&**payload).cast::<()>().addr()
}

impl Watch {
    fn here(&self) -> Option<Here> {
        let here = self.here.get()?;
        let is_elsewhere = |(run, task)| run == here.run && task != task::try_id();
        (!self.thread.get().is_some_and(is_elsewhere)).then_some(here)
    }

    /// Whether there is no other one, on its way to the catch. Of two, the later
    /// one may be that the process is about to abort.
    fn keep(&self, captured: Captured) -> bool {
        let other = CAPTURED.replace(Some(captured));
        let here = self.here();
        self.panicked.set(here.map_or(0, |here| here.run));
        self.outside.set(here.is_none());
        other.is_none()
    }
}

/// Keeps supervised panics off stderr: they are in the log.
///
/// From here on, for the rest of the process, a panic inside a worker is not
/// passed to the hook that was installed before this crate's, neither to the
/// default one that prints to stderr nor to, for instance, Sentry's. All other
/// panics still are; and so is one that comes while another unwinds, as the process
/// is then about to abort, with nothing in the log. One that the worker's own code
/// catches is that code's business: it is neither printed nor in the log.
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

/// Says whether code that is in no worker's run is to be watched.
static OUTSIDE: OnceLock<fn() -> bool> = OnceLock::new();

/// From here on the hook also watches where `is_watched` says so, which is asked
/// at a panic: what is around the runs of a supervisor's tasks costs no poll.
pub(crate) fn watch_outside(is_watched: fn() -> bool) {
    OUTSIDE.get_or_init(|| is_watched);
}

/// What the hook saw outside of all runs, if it was asked to watch there.
#[cold]
pub(crate) fn seen_outside() -> Option<Captured> {
    WATCH.with(|watch| watch.outside.set(false));
    CAPTURED.take()
}

/// [`forget`] for what the hook saw outside of all runs.
#[inline]
pub(crate) fn forget_outside() {
    if WATCH.with(|watch| watch.outside.get()) {
        forget_at_once();
    }
}

#[cold]
#[inline(never)]
fn forget_at_once() {
    let_go(seen_outside());
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
            let is_alone = WATCH.with(|watch| {
                watch.told.set(0);
                let is_outside = || OUTSIDE.get().is_some_and(|is_watched| is_watched());
                let outside = || is_outside().then_some(&TASKS);
                let here = watch.here().map(|here| here.places);
                let places = here.or_else(outside)?;
                Some(watch.keep(capture(places, info)))
            });
            let will_be_told = is_alone == Some(true) && cfg!(panic = "unwind");
            if !will_be_told || !LOG_ONLY.load(Relaxed) {
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
