//! What the expansion of `#[supervised]` names. Not for anyone else: it changes
//! without notice.

pub use core::ops::ControlFlow;
pub use core::result::Result::{Err, Ok};
pub use core::time::Duration;

pub use crate::call::Call;
pub use crate::name::Name;
pub use crate::outcome::{
    EndsHeld, EndsResumed, GivesUpIf, NeverGivesUpIf, Output, Probe, Resumed, ViaDebug, ViaDisplay,
    ViaError, ViaLocalError, ViaSendError, ViaSuccess, ViaType, must_hold, must_tick,
};
pub use crate::policy::{Backoff, MaxRestarts, Policy, Restart};
pub use crate::worker::Worker;

/// The worker defined at the caller's place.
#[track_caller]
#[must_use]
pub const fn worker(name: Name) -> Worker {
    Worker::named(name)
}

/// Begins a call of the worker; `of` is the type that has the method.
pub fn call(worker: &'static Worker, of: &'static str) -> Call {
    worker.call(of)
}

/// The same, with a policy for this call.
#[must_use]
pub fn call_by(worker: &'static Worker, of: &'static str, policy: Policy) -> Call {
    worker.call_by(of, policy)
}

/// Gives each run its own copy of an argument that is taken by value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be restarted: every run needs its own copy of an argument taken by value",
    label = "`{Self}` is not `Clone`",
    note = "keep it across the runs (`#[keep]` before the argument), borrow it (`&T` or `&mut T`), share it (`Arc<T>`), or write `restart = false`, which needs no copy"
)]
pub trait PerRun: Sized {
    /// The copy.
    #[must_use]
    fn per_run(&self) -> Self;
}

impl<T: Clone> PerRun for T {
    fn per_run(&self) -> Self {
        self.clone()
    }
}

/// Makes a value one that has to be moved: a block that borrows `self` would
/// borrow what can be copied, too, and need it to be `Sync`.
pub struct Moved<T>(pub T);

/// Fixes the output of a run's body, so that `?` and `return` in it know their
/// type.
pub fn typed<T, F: Future<Output = T>>(body: F) -> F {
    body
}

/// The same for a run on a thread.
pub fn typed_call<T, F: FnOnce() -> T>(body: F) -> F {
    body
}

/// Mentions what a run must own, in a place that is never reached.
pub fn own<T>(_: T) {}

/// A value of any type, for a return that is never reached.
///
/// # Panics
///
/// Always: there is no such value.
#[must_use]
pub fn never<T>() -> T {
    unreachable!("the expansion of `#[supervised]` returned nothing")
}

/// After the one run of a worker that is never restarted.
///
/// # Panics
///
/// Always: a policy without a restart never asks for another run.
pub fn never_again() -> ! {
    unreachable!("`restart = false` asked for another run")
}
