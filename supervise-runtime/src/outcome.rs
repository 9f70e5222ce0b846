//! How a return type says success or failure, and what it can hold of a panic.
//!
//! The attribute sees only the text of a type. What the type can do is found by
//! the compiler, by autoref: a method call on `&&&probe` finds the impl with the
//! most references whose bounds hold. Each impl answers with a tag, a type
//! without size, that knows what to do with such a value. (Technique: David
//! Tolnay's "autoref-based stable specialization".)

use std::any::type_name;
use std::error::Error;
use std::fmt::{self, Debug, Display, Write};
use std::future::Future;
use std::marker::PhantomData;

use crate::failure::Failure;

/// Stands for the output `T` of a worker.
pub struct Probe<T>(PhantomData<fn() -> T>);

impl<T> Probe<T> {
    /// The probe for the output of a run.
    #[must_use]
    pub fn of<F: Future<Output = T>, S>(_: &Result<F, S>) -> Self {
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
            fn judge(&self) -> $tag {
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
    fn judge(&self) -> Success {
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

/// Output `()`: nothing to tell the caller.
#[derive(Clone, Copy)]
pub struct Contained;

impl Ending<()> for Contained {
    fn hold(self, _: impl FnOnce() -> Failure) -> Option<()> {
        Some(())
    }
}

#[doc(hidden)]
pub trait EndsContained {
    fn ending(&self) -> Contained {
        Contained
    }
}

impl EndsContained for &&Probe<()> {}

/// Output `Result<_, E>` where `E` can be made from a [`Failure`].
#[derive(Clone, Copy)]
pub struct Returned;

impl<T, E: From<Failure>> Ending<Result<T, E>> for Returned {
    fn hold(self, failure: impl FnOnce() -> Failure) -> Option<Result<T, E>> {
        Some(Err(E::from(failure())))
    }
}

#[doc(hidden)]
pub trait EndsReturned {
    fn ending(&self) -> Returned {
        Returned
    }
}

impl<T, E: From<Failure>> EndsReturned for &Probe<Result<T, E>> {}

/// Any other output cannot hold a panic, which goes on as without the
/// attribute.
#[derive(Clone, Copy)]
pub struct Resumed;

impl<T> Ending<T> for Resumed {
    fn hold(self, _: impl FnOnce() -> Failure) -> Option<T> {
        None
    }
}

#[doc(hidden)]
pub trait EndsResumed {
    fn ending(&self) -> Resumed {
        Resumed
    }
}

impl<T> EndsResumed for Probe<T> {}
