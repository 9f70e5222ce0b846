//! What is counted and told of what was spawned and is no worker.

use std::any::type_name;
use std::panic::{Location, resume_unwind};

use super::unit::Unit;
use crate::capture::{self, Here, Panicked};
use crate::contain::{self, Payload, contain};
use crate::log::{self, Outside};
use crate::name;
use crate::policy::Reason;
use crate::registry::{self, Entry};
use crate::shutdown::refusal;
use crate::shutdown::task::{Origin, Stopped};

/// Where a future of this type comes from.
pub(crate) fn future<F>(location: &'static Location<'static>) -> Origin {
    let entry = of_future::<F>;
    Origin { location, entry }
}

/// Where a closure of this type comes from.
pub(crate) fn closure<F>(location: &'static Location<'static>) -> Origin {
    let entry = of_call::<F>;
    Origin { location, entry }
}

/// What a future of this type is counted as that is no worker.
fn of_future<F>(location: &'static Location<'static>) -> &'static Entry {
    enter(type_name::<F>(), name::of_future::<F>, location)
}

/// What a closure of this type is counted as that is no worker.
fn of_call<F>(location: &'static Location<'static>) -> &'static Entry {
    enter(type_name::<F>(), name::of_call::<F>, location)
}

fn enter(
    full: &'static str,
    name: fn() -> String,
    location: &'static Location<'static>,
) -> &'static Entry {
    #[cfg(panic = "abort")]
    log::aborts_on_panic();
    #[cfg(feature = "prometheus")]
    crate::views::metrics::register_default();
    registry::enter_task(full, name, location)
}

/// Calls `f`, which is around or in what was spawned, with the hook watching. What
/// comes of it is for [`seen`].
#[inline]
pub(super) fn watched<T>(unit: &impl Unit, f: impl FnOnce() -> T) -> Result<T, Payload> {
    capture::watched(here(unit), || contain(f))
}

/// The same for what has this thread.
pub(super) fn watched_on_its_thread<T>(
    unit: &impl Unit,
    f: impl FnOnce() -> T,
) -> Result<T, Payload> {
    capture::watched_on_its_thread(here(unit), || contain(f))
}

#[inline]
pub(super) fn seen<T>(unit: &impl Unit, result: Result<T, Payload>) -> Result<T, Panicked> {
    capture::seen(here(unit), result)
}

/// A panic where the hook watches without being told.
#[cold]
#[inline(never)]
pub(super) fn outside(payload: Payload) -> Panicked {
    let captured = capture::seen_outside();
    Panicked { payload, captured }
}

fn here(unit: &impl Unit) -> Here {
    Here {
        places: &capture::TASKS,
        run: std::ptr::from_ref(unit).addr(),
    }
}

pub(super) fn finished(unit: &impl Unit) {
    if let Some(entry) = unit.counted_as() {
        entry.exited(Reason::Finished);
        log::task_finished(entry.name);
    }
}

/// Lets the panic go on to whoever has the handle; a worker may have told it.
pub(super) fn panicked(unit: &mut impl Unit, panicked: Panicked, is_told: bool) -> ! {
    if !is_told {
        let entry = unit.count();
        entry.task_panicked(panicked.message(), panicked.place());
        tell(Outside::Task, entry, &panicked);
    } else if let Some(entry) = unit.counted_as() {
        entry.exited(if refusal::is_one(&panicked.payload) {
            Reason::Shutdown
        } else {
            Reason::Panic
        });
    }
    capture::let_go(panicked.captured);
    resume_unwind(panicked.payload)
}

/// Dropped before it came to its end. What has not begun is counted by then if
/// its destructor panicked.
pub(super) fn stopped(unit: &impl Unit, stopped: Option<Stopped>) {
    if let Some(entry) = unit.counted_as() {
        let reason = match stopped {
            Some(_) => Reason::Shutdown,
            None => Reason::Cancelled,
        };
        entry.exited(reason);
        log::task_stopped(entry.name, stopped);
    }
}

/// Calls `f`, which gets rid of what was spawned.
#[inline]
pub(super) fn clean_up(unit: &mut impl Unit, f: impl FnOnce()) {
    let result = watched(unit, f);
    if let Err(panicked) = seen(unit, result) {
        clean_up_panicked(unit, panicked);
    }
}

#[cold]
#[inline(never)]
fn clean_up_panicked(unit: &mut impl Unit, panicked: Panicked) {
    let entry = unit.count();
    entry.panicked();
    tell(Outside::TaskDrop, entry, &panicked);
    capture::let_go(panicked.captured);
    contain::discard(panicked.payload);
}

fn tell(what: Outside, entry: &Entry, panicked: &Panicked) {
    let (captured, stack) = (panicked.captured.as_ref(), panicked.stack());
    let message = panicked.message();
    log::nobodys_panicked(what, entry.name, None, captured, stack.as_deref(), message);
}
