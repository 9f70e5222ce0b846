//! The lines that are said once, of a process or of a name: something is not as
//! it was meant.

use std::panic::Location;
use std::sync::Once;

use tracing::{Span, warn};

use super::{Subject, TARGET, write};
#[cfg(feature = "prometheus")]
use crate::excerpt;

/// Said once: without our hook, all that is left of a panic is its message.
pub(crate) fn hook_not_called(Subject { worker, run, span }: Subject<'_>) {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        write(span, || {
            warn!(
                target: TARGET,
                worker,
                run,
                "a panic without a place: another panic hook was set over supervise's \
                 and does not call it, or `resume_unwind` raised it"
            );
        });
    });
}

/// Said once for a name.
pub(crate) fn no_timeout(Subject { worker, span, .. }: Subject<'_>) {
    write(span, || {
        warn!(
            target: TARGET,
            worker,
            "the policy's timeout has no effect: a run on a thread can't be ended; bound the calls \
             that block it"
        );
    });
}

/// Said once for a name: two workers have it, and one set of numbers.
pub(crate) fn two_of_one_name(worker: &str, first: &Location<'_>, second: &Location<'_>) {
    write(&Span::none(), || {
        warn!(
            target: TARGET,
            worker,
            %first,
            %second,
            "two different workers have one name, and are counted as one"
        );
    });
}

/// Said once: this process was built to die of its first panic.
#[cfg(panic = "abort")]
pub(crate) fn aborts_on_panic() {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        write(&Span::none(), || {
            warn!(
                target: TARGET,
                "built with `panic = \"abort\"`: the first panic will end the process, and only an \
                 `Err` is supervised"
            );
        });
    });
}

/// Said once: the metrics are missing from the default Prometheus registry.
#[cfg(feature = "prometheus")]
pub(crate) fn not_registered(error: &prometheus::Error) {
    write(&Span::none(), || {
        warn!(
            target: TARGET,
            error = &*excerpt::of(&error.to_string()),
            "the metrics are not in the default Prometheus registry"
        );
    });
}
