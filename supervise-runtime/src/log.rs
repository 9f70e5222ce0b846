//! Every line this crate logs.
//!
//! A subscriber is the user's code and may panic: each line is written in a
//! catch of its own, after the catch of the run.
//!
//! What others have written, messages, names and paths, is a value of type `str`:
//! what formats a line knows to escape those, so that no text makes a second line
//! or moves the cursor of a terminal. Only an excerpt is told of a long one.

mod once;
mod panics;
mod shutdown;

use std::mem;
use std::time::Duration;

use tracing::field::debug;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Span, debug, error, info, info_span, warn};

use crate::contain::{contain, contain_in, discard};
use crate::excerpt;
use crate::failure::Failed;
use crate::rounded::Rounded;

pub(crate) use self::once::*;
pub(crate) use self::panics::*;
pub(crate) use self::shutdown::*;

const TARGET: &str = "supervise";

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
    write_debug(
        span,
        || debug!(target: TARGET, worker, run, "worker started"),
    );
}

#[inline]
pub(crate) fn finished(
    Subject { worker, run, span }: Subject<'_>,
    uptime: impl FnOnce() -> Duration,
) {
    let uptime = || debug(Rounded(uptime()));
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
    let uptime = || debug(Rounded(uptime()));
    write_debug(
        span,
        || debug!(target: TARGET, worker, run, uptime = uptime(), "tick finished"),
    );
}

pub(crate) fn cancelled(Subject { worker, run, span }: Subject<'_>, uptime: Duration) {
    let uptime = debug(Rounded(uptime));
    write_debug(
        span,
        || debug!(target: TARGET, worker, run, uptime, "worker cancelled"),
    );
}

pub(crate) fn recovered(
    Subject { worker, run, span }: Subject<'_>,
    failures: u64,
    uptime: Duration,
) {
    let uptime = debug(Rounded(uptime));
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
                                restart_in = $failed.restart_in.map(|wait| debug(Rounded(wait))),
                                uptime = debug(Rounded($failed.uptime)),
                                exception.type = &*excerpt::of($type),
                                exception.message = &*excerpt::of($failed.message),
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

/// A run has ended, its children were dropped, and some are still there.
pub(crate) fn children_stay(
    Subject { worker, run, span }: Subject<'_>,
    children: &str,
    since: Duration,
) {
    let since = debug(Rounded(since));
    write(span, || {
        warn!(
            target: TARGET,
            worker,
            run,
            children = &*excerpt::of(children),
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
            exception.message = &*excerpt::of(failed.message),
            "worker gave up: it will not be restarted"
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

/// The same of a line that hardly anybody listens to: only then is the span entered
/// for it.
#[inline]
fn write_debug(span: &Span, line: impl FnOnce()) {
    if Level::DEBUG <= LevelFilter::current() {
        write(span, line);
    }
}
