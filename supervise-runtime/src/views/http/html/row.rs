//! A worker: a group of two rows, its numbers and its failures.

use std::fmt::{self, Write};
use std::time::{Duration, SystemTime};

use super::failures;
use super::text::{self, Line};
use super::time::Exact;
use crate::policy::Restart;
use crate::status::{Kind, PeriodicStatus, WorkerStatus};
use crate::views::http::snapshot::Worker;
use crate::views::http::state;
use crate::views::http::trouble::Trouble;
use crate::views::http::utc::{Rough, Seen};

pub(super) const COLUMNS: usize = 7;

pub(super) fn write(out: &mut String, worker: &Worker, from: SystemTime) -> fmt::Result {
    let status = &worker.status;
    writeln!(out, "<tbody class=\"{}\"><tr>", class(worker))?;
    write_name(out, status)?;
    write_state(out, worker, from)?;
    write_time(out, "", status.since, from)?;
    // Of a runtime that is too busy for its timers, or blocked.
    let is_overdue = status.next_start.is_some_and(|at| at < from);
    let due = if is_overdue { "due " } else { "" };
    write_time(out, due, status.next_start, from)?;
    if status.kind == Kind::Request {
        // Neither their starts nor their ends are counted.
        out.push_str("<td>–</td><td>–</td>");
    } else {
        let restarts = status.restarts.total();
        write!(out, "<td>{}</td><td>{restarts}</td>", status.starts)?;
    }
    writeln!(out, "<td>{}</td></tr>", status.panics)?;
    if !status.last_failures.is_empty() {
        write!(out, "<tr><td colspan=\"{COLUMNS}\">")?;
        failures::write(out, worker, from)?;
        out.push_str("</td></tr>\n");
    }
    out.push_str("</tbody>\n");
    Ok(())
}

/// The colour of what the words say.
fn class(Worker { status, trouble }: &Worker) -> &'static str {
    match trouble {
        Some(Trouble::GaveUp) => "gave-up",
        Some(Trouble::Failing) => "failing",
        Some(Trouble::Late) => "late",
        None if status.running + status.waiting + status.scheduled > 0 => "up",
        None => "idle",
    }
}

fn write_name(out: &mut String, status: &WorkerStatus) -> fmt::Result {
    // Of the group: the failures are its, too.
    let name = text::name(status.name);
    write!(out, "<th scope=\"rowgroup\"><b>{name}</b>")?;
    if status.kind == Kind::Task {
        out.push_str(" <i>task</i>");
    }
    if status.critical {
        out.push_str(" <i class=\"critical\">critical</i>");
        if !status.ready && status.gave_up == 0 {
            out.push_str(" <i>not ready yet</i>");
        }
    }
    let (file, line) = (status.location.file(), status.location.line());
    write!(out, " <small><code>{}:{line}</code>", Line(file))?;
    if status.kind == Kind::Worker {
        let restarts = match status.restart {
            Restart::Never => "never restarted",
            Restart::OnFailure => "restarted on failure",
            Restart::OnPanic => "restarted on panic",
            Restart::Always => "always restarted",
        };
        write!(out, ", {restarts}")?;
    }
    out.push_str("</small></th>\n");
    Ok(())
}

fn write_state(out: &mut String, worker: &Worker, from: SystemTime) -> fmt::Result {
    let status = &worker.status;
    write!(out, "<td><strong>{}</strong>", state::told(worker))?;
    write_streak(out, status)?;
    if let Some(periodic) = &status.periodic {
        write_periodic(out, periodic, from)?;
    }
    out.push_str("</td>");
    Ok(())
}

/// The failures that nothing has forgiven yet.
fn write_streak(out: &mut String, status: &WorkerStatus) -> fmt::Result {
    let failures = status.consecutive_failures;
    if failures == 0 {
        return Ok(());
    }
    let up_to = if is_pool(status) { "up to " } else { "" };
    match failures {
        1 => out.push_str(" <small>after a failure"),
        _ => write!(out, " <small>after {up_to}{failures} failures in a row")?,
    }
    if status.running > 0 {
        out.push_str(", not healthy yet");
    }
    out.push_str("</small>");
    Ok(())
}

fn is_pool(status: &WorkerStatus) -> bool {
    status.running + status.waiting + status.scheduled + status.gave_up > 1
}

fn write_periodic(out: &mut String, periodic: &PeriodicStatus, from: SystemTime) -> fmt::Result {
    out.push_str(" <small>every ");
    if periodic.period < Duration::from_secs(1) {
        write!(out, "{:?}", periodic.period)?;
    } else {
        write!(out, "{}", Rough(periodic.period))?;
    }
    let (at, what) = match periodic.last_success {
        Some(at) => (at, "last success"),
        None => (periodic.first_start, "no success since its start"),
    };
    write!(out, ", {what} {}</small>", Seen { at, from })
}

fn write_time(
    out: &mut String,
    what: &str,
    at: Option<SystemTime>,
    from: SystemTime,
) -> fmt::Result {
    let Some(at) = at else {
        out.push_str("<td>–</td>");
        return Ok(());
    };
    let seen = Seen { at, from };
    write!(out, "<td>{what}{seen} <small>{}</small></td>", Exact(seen))
}
