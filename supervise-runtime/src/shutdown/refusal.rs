//! How a thread ends that may not begin any more, and has nothing to return: it
//! unwinds, and that is no panic.

use std::panic::resume_unwind;

use crate::capture;
use crate::contain::Payload;

/// Why.
pub(crate) const TEXT: &str = "not started: the shutdown was requested before";

/// Unwinds without the hook, and nobody reports it.
pub(crate) fn unwind() -> ! {
    let payload: Payload = Box::new(TEXT);
    capture::hand_on(&payload, None);
    resume_unwind(payload)
}

/// Whether that is what unwinds.
pub(crate) fn is_one(payload: &Payload) -> bool {
    payload.downcast_ref() == Some(&TEXT)
}
