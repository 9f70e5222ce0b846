//! The lines about a shutdown, and about tasks that are no workers.

use std::time::Duration;

use tracing::field::debug;
use tracing::{Span, debug, error, info, warn};

use super::{Subject, TARGET, write};
use crate::policy::Reason;
use crate::rounded::Rounded;
use crate::shutdown::task::Stopped;

pub(crate) fn shutting_down(cause: &str, tasks: usize) {
    write(&Span::none(), || {
        info!(target: TARGET, cause, tasks, "shutting down");
    });
}

/// Said for each worker that is dropped in the middle of a run at a shutdown.
pub(crate) fn stopped(
    Subject { worker, run, span }: Subject<'_>,
    uptime: Duration,
    stopped: Stopped,
) {
    let uptime = debug(Rounded(uptime));
    write(span, || match stopped {
        Stopped::ByItself => info!(target: TARGET, worker, run, uptime, "worker stopped"),
        Stopped::NeverAsked => info!(
            target: TARGET,
            worker,
            run,
            uptime,
            "worker stopped: dropped at its await, as nothing in its task had asked for the \
             shutdown (`shutdown_requested`)"
        ),
        Stopped::Overran => warn!(
            target: TARGET,
            worker,
            run,
            uptime,
            "worker dropped: it did not stop within the grace period"
        ),
    });
}

pub(crate) fn stopped_between_runs(Subject { worker, run, span }: Subject<'_>) {
    write(span, || {
        info!(target: TARGET, worker, run, "worker stopped: it waited for its next run");
    });
}

/// A worker was called after the shutdown was requested.
pub(crate) fn not_started(worker: &str) {
    write(&Span::none(), || {
        warn!(target: TARGET, worker, "worker not started: the shutdown was requested before");
    });
}

/// It blocks its thread, and so can't be dropped.
pub(crate) fn did_not_stop(worker: &str) {
    write(&Span::none(), || {
        error!(
            target: TARGET,
            worker,
            "worker did not stop, and could not be dropped: it blocks its thread"
        );
    });
}

pub(crate) fn restart_ordered(Subject { worker, run, span }: Subject<'_>) {
    write(
        span,
        || info!(target: TARGET, worker, run, "worker restarted by hand"),
    );
}

pub(crate) fn critical_ended(Subject { worker, run, span }: Subject<'_>, reason: Reason) {
    let reason = reason.as_str();
    write(span, || {
        error!(target: TARGET, worker, run, reason, "critical worker ended");
    });
}

/// Said once for a name.
pub(crate) fn critical_alone(Subject { worker, span, .. }: Subject<'_>) {
    write(span, || {
        error!(
            target: TARGET,
            worker,
            "a critical worker outside of any supervisor: nothing will shut down when it ends"
        );
    });
}

/// The last `Supervisor` is gone, but not its workers.
pub(crate) fn supervisor_dropped(tasks: usize) {
    write(&Span::none(), || {
        warn!(
            target: TARGET,
            tasks,
            "supervisor dropped while its workers run: they run on, and nobody waits for them"
        );
    });
}

#[cfg(feature = "signal")]
pub(crate) fn no_signals(error: &str) {
    write(&Span::none(), || {
        error!(target: TARGET, error, "no signal will shut down: they can't be received");
    });
}

#[cfg(feature = "signal")]
pub(crate) fn grace_ended() {
    write(&Span::none(), || {
        warn!(target: TARGET, "Ctrl-C during the shutdown: the grace period is over");
    });
}

/// A task that is no worker ended by itself.
pub(crate) fn task_finished(worker: &str) {
    write(
        &Span::none(),
        || debug!(target: TARGET, worker, "task finished"),
    );
}

/// A task that is no worker was dropped.
pub(crate) fn task_stopped(worker: &str, stopped: Option<Stopped>) {
    write(&Span::none(), || match stopped {
        None => debug!(target: TARGET, worker, "task cancelled"),
        Some(Stopped::ByItself) => info!(target: TARGET, worker, "task stopped"),
        Some(Stopped::NeverAsked) => info!(
            target: TARGET,
            worker,
            "task stopped: dropped at its await, as nothing in it had asked for the shutdown \
             (`shutdown_requested`)"
        ),
        Some(Stopped::Overran) => warn!(
            target: TARGET,
            worker,
            "task dropped: it did not stop within the grace period"
        ),
    });
}
