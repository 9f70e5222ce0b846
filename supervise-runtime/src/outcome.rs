//! How a return type says success or failure, and what it can hold of a panic.
//!
//! The attribute sees only the text of a type. What the type can do is found by
//! the compiler, by autoref: a method call on `&&&probe` finds the impl with the
//! most references whose bounds hold. Each impl answers with a tag, a type
//! without size, that knows what to do with such a value. (Technique: David
//! Tolnay's "autoref-based stable specialization".)

mod bounds;

use std::any::type_name;
use std::error::Error;
use std::fmt::{self, Debug, Display, Write};
use std::future::Future;
use std::marker::PhantomData;

pub use self::bounds::{Outcome, Output, must_tick};
use crate::failure::Failure;

/// Stands for the output `T` of a worker.
pub struct Probe<T>(PhantomData<fn() -> T>);

impl<T> Probe<T> {
    /// The probe for the output of a run.
    #[must_use]
    pub fn of<F: Future<Output = T>>(_: &F) -> Self {
        Self(PhantomData)
    }

    /// The same for a body that has to be prepared.
    #[must_use]
    pub fn of_prepared<F: Future<Output = T>, S>(_: &Result<F, S>) -> Self {
        Self(PhantomData)
    }

    /// The same for a run on a thread.
    #[must_use]
    pub fn of_call<F: FnOnce() -> T, S>(_: &Result<F, S>) -> Self {
        Self(PhantomData)
    }
}

/// Tells an `Err` from a success.
pub trait Judge<T>: Copy {
    /// The type of the error, if `value` is one.
    fn error_type(self, value: &T) -> Option<&'static str>;
    /// Writes the error in `value` with its whole source chain.
    ///
    /// # Errors
    ///
    /// What the error's own formatting returns.
    fn describe(self, value: &T, text: &mut String) -> fmt::Result;
    /// Whether the user's code is asked for that.
    const ASKS: bool = false;
    /// Whether a restart after the error in `value` is pointless.
    fn is_final(self, _: &T) -> bool {
        false
    }
}

macro_rules! judges {
    ($($(#[$doc:meta])* $tag:ident $via:ident [$($refs:tt)*] ($($bound:tt)*) |$error:ident, $text:ident| $describe:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $tag;

        impl<T, E> Judge<Result<T, E>> for $tag
        where
            E: $($bound)*
        {
            fn error_type(self, value: &Result<T, E>) -> Option<&'static str> {
                value.is_err().then(type_name::<E>)
            }

            fn describe(self, value: &Result<T, E>, $text: &mut String) -> fmt::Result {
                match value {
                    Ok(_) => Ok(()),
                    Err($error) => $describe,
                }
            }
        }

        #[doc(hidden)]
        pub trait $via {
            fn supervise_judge(&self) -> $tag {
                $tag
            }
        }

        impl<T, E> $via for $($refs)* Probe<Result<T, E>> where E: $($bound)* {}
    )*};
}

judges! {
    /// An error with sources.
    ByError ViaError [&&&&&&] (Error) |error, text| chain(error, text);
    /// A boxed error that can be sent, `anyhow::Error`, `eyre::Report`.
    BySendError ViaSendError [&&&&&] (AsRef<dyn Error + Send + Sync>) |error, text| chain(error.as_ref(), text);
    /// A boxed error that can't.
    ByLocalError ViaLocalError [&&&&] (AsRef<dyn Error>) |error, text| chain(error.as_ref(), text);
    /// No error type, but readable.
    ByDisplay ViaDisplay [&&&] (Display) |error, text| write!(text, "{error}");
    /// Readable for programmers.
    ByDebug ViaDebug [&&] (Debug) |error, text| write!(text, "{error:?}");
    /// Not readable at all: only its type can be told.
    ByType ViaType [&] (Sized) |_error, text| text.write_str(type_name::<E>());
}

/// Not a `Result`: a return is a success.
#[derive(Clone, Copy)]
pub struct Success;

impl<T> Judge<T> for Success {
    fn error_type(self, _: &T) -> Option<&'static str> {
        None
    }

    fn describe(self, _: &T, _: &mut String) -> fmt::Result {
        Ok(())
    }
}

#[doc(hidden)]
pub trait ViaSuccess {
    fn supervise_judge(&self) -> Success {
        Success
    }
}

impl<T> ViaSuccess for Probe<T> {}

/// `error: its source: the source's source`, leaving out what an error has
/// already said in its own text.
fn chain(error: &dyn Error, text: &mut String) -> fmt::Result {
    write!(text, "{error}")?;
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        if !text.ends_with(&cause) {
            write!(text, ": {cause}")?;
        }
        source = error.source();
    }
    Ok(())
}

/// Makes of the last panic of a worker what its caller gets.
pub trait Ending<T>: Copy {
    /// The output that stands for the panic; `None` if the type has none.
    fn hold(self, failure: impl FnOnce() -> Failure) -> Option<T>;
}

/// An output that can hold a panic.
#[derive(Clone, Copy)]
pub struct Held;

impl<T: Holds> Ending<T> for Held {
    fn hold(self, failure: impl FnOnce() -> Failure) -> Option<T> {
        Some(T::holding(failure))
    }
}

#[doc(hidden)]
pub trait EndsHeld {
    fn supervise_ending(&self) -> Held {
        Held
    }
}

impl<T: Holds> EndsHeld for &Probe<T> {}

/// An output that can't: the panic goes on as without the attribute.
#[derive(Clone, Copy)]
pub struct Resumed;

impl<T> Ending<T> for Resumed {
    fn hold(self, _: impl FnOnce() -> Failure) -> Option<T> {
        None
    }
}

#[doc(hidden)]
pub trait EndsResumed {
    fn supervise_ending(&self) -> Resumed {
        Resumed
    }
}

impl<T> EndsResumed for Probe<T> {}

/// An output that can stand for a panic.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't hold the last panic of this worker",
    label = "neither `()` nor a `Result`",
    note = "return a `Result` whose error can be made from `supervise::Failure`, or write `on_give_up = \"panic\"`"
)]
pub trait Holds: Sized {
    /// The output that tells of the failure.
    fn holding(failure: impl FnOnce() -> Failure) -> Self;
}

impl Holds for () {
    fn holding(_: impl FnOnce() -> Failure) {}
}

impl<T, E: ErrorFrom> Holds for Result<T, E> {
    fn holding(failure: impl FnOnce() -> Failure) -> Self {
        Err(E::error_from(failure()))
    }
}

/// An error that can be made from a [`Failure`].
#[diagnostic::on_unimplemented(
    message = "the error `{Self}` can't hold the last panic of this worker",
    label = "`From<supervise::Failure>` is not implemented for `{Self}`",
    note = "write `impl From<supervise::Failure> for {Self}`, or `on_give_up = \"panic\"`"
)]
pub trait ErrorFrom: Sized {
    /// The error.
    fn error_from(failure: Failure) -> Self;
}

#[diagnostic::do_not_recommend]
impl<E: From<Failure>> ErrorFrom for E {
    fn error_from(failure: Failure) -> Self {
        Self::from(failure)
    }
}

/// An output that was asserted to hold a panic.
///
/// That it can is in a function pointer, not in a bound: one that can't is a
/// mistake told once.
pub struct MustHold<T>(fn(&mut dyn FnMut() -> Failure) -> T);

impl<T> Clone for MustHold<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for MustHold<T> {}

impl<T> Ending<T> for MustHold<T> {
    fn hold(self, failure: impl FnOnce() -> Failure) -> Option<T> {
        let mut failure = Some(failure);
        let mut failure = || match failure.take() {
            Some(failure) => failure(),
            None => unreachable!("an output holds one failure"),
        };
        Some((self.0)(&mut failure))
    }
}

/// `on_give_up = "return"`.
#[must_use]
pub fn must_hold<T: Holds>(_: &Probe<T>) -> MustHold<T> {
    MustHold(|failure| T::holding(failure))
}

/// `give_up_if = …`.
pub struct GiveUpIf<J, E> {
    judge: J,
    is_final: fn(&E) -> bool,
}

impl<J: Copy, E> Clone for GiveUpIf<J, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<J: Copy, E> Copy for GiveUpIf<J, E> {}

impl<T, E, J: Judge<Result<T, E>>> Judge<Result<T, E>> for GiveUpIf<J, E> {
    fn error_type(self, value: &Result<T, E>) -> Option<&'static str> {
        self.judge.error_type(value)
    }

    fn describe(self, value: &Result<T, E>, text: &mut String) -> fmt::Result {
        self.judge.describe(value, text)
    }

    const ASKS: bool = true;

    fn is_final(self, value: &Result<T, E>) -> bool {
        value.as_ref().err().is_some_and(self.is_final)
    }
}

#[doc(hidden)]
pub trait GivesUpIf {
    type Error;

    fn supervise_give_up_if<J>(
        &self,
        judge: J,
        is_final: fn(&Self::Error) -> bool,
    ) -> GiveUpIf<J, Self::Error> {
        GiveUpIf { judge, is_final }
    }
}

impl<T, E> GivesUpIf for &Probe<Result<T, E>> {
    type Error = E;
}

/// What no probe is: the one mistake about an output without an error.
#[diagnostic::on_unimplemented(
    message = "`give_up_if` decides on an `Err`, and this worker returns none",
    label = "the output is no `Result`",
    note = "return a `Result`, or leave `give_up_if` out"
)]
pub trait HasError {}

#[doc(hidden)]
pub trait NeverGivesUpIf {
    fn supervise_give_up_if<J, F>(&self, judge: J, _: F) -> J
    where
        Self: HasError,
    {
        judge
    }
}

impl<T> NeverGivesUpIf for Probe<T> {}
