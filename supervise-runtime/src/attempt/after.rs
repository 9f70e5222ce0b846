//! What follows the end of a run, in a future as on a thread.

use std::ops::ControlFlow;

use crate::call::Call;
use crate::capture::{self, Panicked};
use crate::contain;
use crate::outcome::{Ending, Judge};
use crate::policy::Next;
use crate::shutdown::refusal;

/// After a return. If another run is to follow, `goes_on` says whether it will:
/// whoever waits in it still has the value, and only then lets go of it.
pub(super) fn after_return<T, J: Judge<T>>(
    call: &mut Call,
    value: T,
    judge: J,
    goes_on: impl FnOnce(&mut Call) -> bool,
) -> ControlFlow<T> {
    let next = match judge.error_type(&value) {
        None => call.finished(),
        Some(error) => call.failed(
            error,
            |text| judge.describe(&value, text),
            J::ASKS.then_some(|| judge.is_final(&value)),
        ),
    };
    if matches!(next, Next::Wait(_)) && goes_on(call) {
        call.clean_up_at_once(|| drop(value));
        ControlFlow::Continue(())
    } else {
        ControlFlow::Break(value)
    }
}

/// After a panic; `goes_on` as in [`after_return`].
pub(super) fn after_panic<T, E: Ending<T>>(
    call: &mut Call,
    panicked: Panicked,
    ending: E,
    goes_on: impl FnOnce(&mut Call) -> bool,
) -> ControlFlow<T> {
    let is_refusal = refusal::is_one(&panicked.payload);
    let (next, stack) = if is_refusal {
        call.stopped_by_refusal();
        (Next::Done, None)
    } else {
        call.panicked(&panicked)
    };
    let failure = |call: &Call| {
        if is_refusal {
            call.stop_by_refusal()
        } else {
            panicked.failure(call, stack)
        }
    };
    let value = if matches!(next, Next::Wait(_)) && goes_on(call) {
        ControlFlow::Continue(())
    } else {
        match ending.hold(|| failure(call)) {
            Some(value) => ControlFlow::Break(value),
            None => panicked.resume(),
        }
    };
    capture::let_go(panicked.captured);
    // A text has no destructor of the user's.
    if !contain::is_text(&*panicked.payload) {
        let mut payload = Some(panicked.payload);
        call.clean_up(&mut || payload = None);
    }
    value
}
