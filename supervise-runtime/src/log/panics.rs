//! The lines about panics: each is told in the span that it happened in.

use tracing::{Span, error};

use super::{Subject, write};
use crate::capture::Captured;
use crate::excerpt;
use crate::failure::Failed;
use crate::place::Place;
use crate::rounded::Rounded;

const PANIC: &str = "supervise::panic";

/// A run panicked: told in the span that it panicked in.
pub(crate) fn panicked(
    Subject { worker, run, span }: Subject<'_>,
    captured: Option<&Captured>,
    stack: Option<&str>,
    failed: &Failed<'_>,
) {
    write(captured.map_or(span, |captured| &captured.span), || {
        let place = captured.and_then(|captured| captured.place.as_ref());
        error!(
            target: PANIC,
            worker,
            run,
            failures = failed.failures,
            restart_in = failed.restart_in.map(|wait| debug(Rounded(wait))),
            uptime = debug(Rounded(failed.uptime)),
            exception.type = "panic",
            exception.message = &*excerpt::of(failed.message),
            code.file.path = place.map(Place::file),
            code.line.number = place.map(Place::line),
            exception.stacktrace = stack.map(excerpt::of_stack).map(display),
            "worker panicked"
        );
    });
}

/// The destructor of something that a run left behind panicked, or the
/// formatting of its error.
pub(crate) fn clean_up_panicked(
    Subject { worker, run, span }: Subject<'_>,
    captured: Option<&Captured>,
    stack: Option<&str>,
    message: &str,
) {
    let subject = (worker, Some(run), span);
    panicked_outside(Outside::RunCleanUp, subject, None, captured, stack, message);
}

/// What is of no run and panicked: it is over. Of a request the method and the path
/// are known, unless the service was not even ready for it.
pub(crate) fn nobodys_panicked(
    what: Outside,
    worker: &str,
    request: Option<(&str, &str)>,
    captured: Option<&Captured>,
    stack: Option<&str>,
    message: &str,
) {
    let nobodys = (worker, None, &Span::none());
    panicked_outside(what, nobodys, request, captured, stack, message);
}

/// What can panic outside of a run.
#[derive(Clone, Copy)]
pub(crate) enum Outside {
    RunCleanUp,
    Task,
    TaskDrop,
    #[cfg(feature = "tower")]
    Request,
    #[cfg(feature = "tower")]
    RequestCleanUp,
}

impl Outside {
    const fn text(self) -> &'static str {
        match self {
            Self::RunCleanUp => "panic in the clean-up after a run",
            Self::Task => "task panicked",
            Self::TaskDrop => "panic in dropping a task",
            #[cfg(feature = "tower")]
            Self::Request => "request panicked",
            #[cfg(feature = "tower")]
            Self::RequestCleanUp => "panic in the clean-up after a request",
        }
    }
}

fn panicked_outside(
    what: Outside,
    (worker, run, span): (&str, Option<u64>, &Span),
    request: Option<(&str, &str)>,
    captured: Option<&Captured>,
    stack: Option<&str>,
    message: &str,
) {
    let text = what.text();
    write(captured.map_or(span, |captured| &captured.span), || {
        let place = captured.and_then(|captured| captured.place.as_ref());
        error!(
            target: PANIC,
            worker,
            run,
            http.request.method = request.map(|(method, _)| excerpt::of(method)).as_deref(),
            url.path = request.map(|(_, path)| excerpt::of(path)).as_deref(),
            exception.type = "panic",
            exception.message = &*excerpt::of(message),
            code.file.path = place.map(Place::file),
            code.line.number = place.map(Place::line),
            exception.stacktrace = stack.map(excerpt::of_stack).map(display),
            "{text}"
        );
    });
}
