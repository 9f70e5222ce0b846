//! Outputs that a bound can name.

use std::fmt::Display;

use super::{ByDisplay, Ending, Held, Judge, Probe, Resumed, Success};

/// What the closure of [`Worker::supervise`](crate::Worker::supervise) may
/// return: `()`, `!` or a `Result` whose error can be displayed.
///
/// The attribute takes every output. A library function can't look deeper into
/// a generic type than this.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the output of a supervised closure",
    label = "neither `()`, `!` nor a `Result` whose error is `Display`",
    note = "return one of these, or make the closure an `async fn` with `#[supervised]`, which takes every output"
)]
pub trait Outcome: Sized + sealed::Sealed {
    #[doc(hidden)]
    fn judge() -> impl Judge<Self>;
    #[doc(hidden)]
    fn ending() -> impl Ending<Self>;
}

#[diagnostic::do_not_recommend]
impl Outcome for () {
    fn judge() -> impl Judge<Self> {
        Success
    }

    fn ending() -> impl Ending<Self> {
        Held
    }
}

#[diagnostic::do_not_recommend]
impl<T, E: Display> Outcome for Result<T, E> {
    fn judge() -> impl Judge<Self> {
        ByDisplay
    }

    fn ending() -> impl Ending<Self> {
        Resumed
    }
}

#[diagnostic::do_not_recommend]
impl Outcome for Never {
    fn judge() -> impl Judge<Self> {
        Success
    }

    fn ending() -> impl Ending<Self> {
        Resumed
    }
}

/// Names the `!` of a signature, which an expression may not.
pub trait Output {
    /// The output.
    type Of;
}

impl<T> Output for fn() -> T {
    type Of = T;
}

type Never = <fn() -> ! as Output>::Of;

mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl<T, E: std::fmt::Display> Sealed for Result<T, E> {}
    impl Sealed for super::Never {}
}

/// The output of a tick.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the output of a tick",
    label = "neither `()` nor a `Result<(), _>`",
    note = "`every` runs the body again and again: there is nobody to take a value; return `()` or `Result<(), E>`, or leave `every` out"
)]
pub trait Tick {}

#[diagnostic::do_not_recommend]
impl Tick for () {}
#[diagnostic::do_not_recommend]
impl<E> Tick for Result<(), E> {}

/// `every = …`.
pub fn must_tick<T: Tick>(_: &Probe<T>) {}
