//! How runs are told to end, and what is possible for which worker.

use self::Fate::{
    ArgumentUndroppable, Error, ErrorUndroppable, ErrorUnreadable, Finish, Hang, HangUndroppable,
    PanicEarly, PanicFormatted, PanicText, PanicUndroppable, PanicValue,
};

/// How a run is told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Finish,
    /// Returns an `Err`.
    Error,
    /// Returns an `Err` whose `Display` panics.
    ErrorUnreadable,
    /// Returns an `Err` whose destructor panics.
    ErrorUndroppable,
    /// Panics with a `&'static str`.
    PanicText,
    /// Panics with a `String`.
    PanicFormatted,
    /// Panics with a value that is no text.
    PanicValue,
    /// Panics with a value whose destructor panics.
    PanicUndroppable,
    /// Panics before its first await: where the argument is cloned for the run,
    /// there.
    PanicEarly,
    /// Finishes, but the destructor of the argument panics.
    ArgumentUndroppable,
    /// Never ends: the timeout does it.
    Hang,
    /// The same, and when it is dropped the destructor of the argument panics.
    HangUndroppable,
}

impl Fate {
    pub const ALL: [Self; 12] = [
        Self::Finish,
        Self::Error,
        Self::ErrorUnreadable,
        Self::ErrorUndroppable,
        Self::PanicText,
        Self::PanicFormatted,
        Self::PanicValue,
        Self::PanicUndroppable,
        Self::PanicEarly,
        Self::ArgumentUndroppable,
        Self::Hang,
        Self::HangUndroppable,
    ];
}

/// A restart follows each.
pub const ALL: &[Fate] = &[
    Error,
    ErrorUnreadable,
    ErrorUndroppable,
    PanicText,
    PanicFormatted,
    PanicValue,
    PanicUndroppable,
    PanicEarly,
    ArgumentUndroppable,
];
/// The caller may get the error, so that it is the caller who drops it.
pub const RETURNED: &[Fate] = &[
    Error,
    ErrorUnreadable,
    PanicText,
    PanicFormatted,
    PanicUndroppable,
    PanicEarly,
    ArgumentUndroppable,
];
/// The worker returns nothing.
pub const SILENT: &[Fate] = &[
    PanicText,
    PanicValue,
    PanicUndroppable,
    ArgumentUndroppable,
    Finish,
];
/// Nobody drops the argument after a run.
pub const KEEPING: &[Fate] = &[
    Error,
    ErrorUndroppable,
    PanicText,
    PanicValue,
    PanicUndroppable,
    PanicEarly,
];
/// The worker is periodic.
pub const TICKS: &[Fate] = &[
    Error,
    ErrorUndroppable,
    PanicText,
    PanicEarly,
    Finish,
    Finish,
];
/// The worker has a timeout.
pub const TIMED: &[Fate] = &[
    Error,
    Hang,
    HangUndroppable,
    PanicText,
    ArgumentUndroppable,
    Finish,
];
