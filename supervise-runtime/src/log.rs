//! Every line this crate logs.
//!
//! A subscriber is the user's code and may panic: each line is written in a
//! catch of its own, after the catch of the run.

mod shutdown;

use std::mem;
use std::panic::Location;
use std::sync::Once;
use std::time::Duration;

use tracing::field::debug;
use tracing::{Level, Span, debug, error, info, info_span, warn};

use crate::capture::Captured;
use crate::contain::{contain, contain_in, discard};
use crate::failure::Failed;
use crate::place::Place;

pub(crate) use self::shutdown::*;

const TARGET: &str = "supervise";
const PANIC: &str = "supervise::panic";

/// Consecutive failures from which on an `Err` is no longer a mere warning.
const SEVERE: u64 = 5;

/// Which run of which worker a line is about, and the span that it is in.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) worker: &'static str,
    pub(crate) run: u64,
    pub(crate) span: &'a Span,
}

/// The span around a run: the user's own lines are inside it as well. Its
/// target lets a filter drop it alone, for exporters that keep every event of a
/// span until it closes.
pub(crate) fn span(worker: &'static str, run: u64) -> Span {
    let span = || info_span!(target: "supervise::run", "worker", worker, run);
    contain(span).unwrap_or_else(|payload| {
        discard(payload);
        Span::none()
    })
}

/// The span is over, of which the subscriber is told.
#[inline]
pub(crate) fn close(span: &mut Span) {
    if !span.is_disabled() {
        close_one(mem::replace(span, Span::none()));
    }
}

#[inline(never)]
fn close_one(span: Span) {
    if let Err(payload) = contain(|| drop(span)) {
        discard(payload);
    }
}

#[inline]
pub(crate) fn started(Subject { worker, run, span }: Subject<'_>) {
    write(
        span,
        || debug!(target: TARGET, worker, run, "worker started"),
    );
}

#[inline]
pub(crate) fn finished(
    Subject { worker, run, span }: Subject<'_>,
    uptime: impl FnOnce() -> Duration,
) {
    let uptime = || debug(rounded(uptime()));
    write(
        span,
        || info!(target: TARGET, worker, run, uptime = uptime(), "worker finished"),
    );
}

/// A periodic worker does this all the time.
pub(crate) fn ticked(
    Subject { worker, run, span }: Subject<'_>,
    uptime: impl FnOnce() -> Duration,
) {
    let uptime = || debug(rounded(uptime()));
    write(
        span,
        || debug!(target: TARGET, worker, run, uptime = uptime(), "tick finished"),
    );
}

pub(crate) fn cancelled(Subject { worker, run, span }: Subject<'_>, uptime: Duration) {
    let uptime = debug(rounded(uptime));
    write(
        span,
        || debug!(target: TARGET, worker, run, uptime, "worker cancelled"),
    );
}

pub(crate) fn recovered(
    Subject { worker, run, span }: Subject<'_>,
    failures: u64,
    uptime: Duration,
) {
    let uptime = debug(rounded(uptime));
    write(
        span,
        || info!(target: TARGET, worker, run, failures, uptime, "worker recovered"),
    );
}

/// A run failed without a panic: a warning if it is restarted, or would not be
/// anyway, as the shutdown was requested; an error if it has failed too often
/// or is not.
macro_rules! write_failed {
    ($subject:expr, $failed:expr, $type:expr, $text:literal) => {{
        macro_rules! line {
                        ($level:expr) => {
                            tracing::event!(
                                target: TARGET,
                                $level,
                                worker = $subject.worker,
                                run = $subject.run,
                                failures = $failed.failures,
                                restart_in = $failed.restart_in.map(|wait| debug(rounded(wait))),
                                uptime = debug(rounded($failed.uptime)),
                                exception.type = $type,
                                exception.message = $failed.message,
                                $text
                            )
                        };
                    }
        let is_severe = $failed.restart_in.is_none() || $failed.failures >= SEVERE;
        if is_severe && !$failed.at_shutdown {
            write($subject.span, || line!(Level::ERROR));
        } else {
            write($subject.span, || line!(Level::WARN));
        }
    }};
}

/// A run returned an `Err`.
pub(crate) fn failed(subject: Subject<'_>, error_type: &str, failed: &Failed<'_>) {
    write_failed!(subject, failed, error_type, "worker failed");
}

/// A run took longer than it may.
pub(crate) fn timed_out(subject: Subject<'_>, failed: &Failed<'_>) {
    write_failed!(subject, failed, "timeout", "worker timed out");
}

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
            restart_in = failed.restart_in.map(|wait| debug(rounded(wait))),
            uptime = debug(rounded(failed.uptime)),
            exception.type = "panic",
            exception.message = failed.message,
            code.file.path = place.map(Place::file),
            code.line.number = place.map(Place::line),
            exception.stacktrace = stack.map(display),
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
    let text = "panic in the clean-up after a run";
    let subject = (worker, Some(run), span);
    panicked_outside(subject, None, captured, stack, message, text);
}

/// A request panicked, of which the method and the path are known unless the
/// service was not even ready for it.
#[cfg(feature = "tower")]
pub(crate) fn request_panicked(
    worker: &str,
    request: Option<(&str, &str)>,
    captured: Option<&Captured>,
    stack: Option<&str>,
    message: &str,
    text: &str,
) {
    let nobodys = (worker, None, &Span::none());
    panicked_outside(nobodys, request, captured, stack, message, text);
}

/// What panicked is no run.
fn panicked_outside(
    (worker, run, span): (&str, Option<u64>, &Span),
    request: Option<(&str, &str)>,
    captured: Option<&Captured>,
    stack: Option<&str>,
    message: &str,
    text: &str,
) {
    write(captured.map_or(span, |captured| &captured.span), || {
        let place = captured.and_then(|captured| captured.place.as_ref());
        error!(
            target: PANIC,
            worker,
            run,
            http.request.method = request.map(|(method, _)| method),
            url.path = request.map(|(_, path)| path),
            exception.type = "panic",
            exception.message = message,
            code.file.path = place.map(Place::file),
            code.line.number = place.map(Place::line),
            exception.stacktrace = stack.map(display),
            "{text}"
        );
    });
}

/// A run has ended, its children were dropped, and some are still there.
pub(crate) fn children_stay(
    Subject { worker, run, span }: Subject<'_>,
    children: &str,
    since: Duration,
) {
    let since = debug(rounded(since));
    write(span, || {
        warn!(
            target: TARGET,
            worker,
            run,
            children,
            since,
            "children of the run were dropped and are not gone, as they block their thread: the \
             worker runs again when they are"
        );
    });
}

pub(crate) fn gave_up(Subject { worker, run, span }: Subject<'_>, failed: &Failed<'_>) {
    write(span, || {
        error!(
            target: TARGET,
            worker,
            run,
            failures = failed.failures,
            exception.message = failed.message,
            "worker gave up: it will not be restarted"
        );
    });
}

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
            %error,
            "the metrics are not in the default Prometheus registry"
        );
    });
}

/// A line that its subscriber panics over is lost; the hook told that panic.
#[inline]
fn write(span: &Span, line: impl FnOnce()) {
    if let Err(payload) = contain_in(span, line) {
        discard(payload);
    }
}

/// What people read as a time: 1.234 s, not 1.234567891 s.
fn rounded(time: Duration) -> Duration {
    let nanos = match time.as_secs() {
        0 => time.subsec_micros() * 1_000,
        _ => time.subsec_millis() * 1_000_000,
    };
    Duration::new(time.as_secs(), nanos)
}
