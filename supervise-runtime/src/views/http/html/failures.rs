//! The last failures of a worker, by place.

use std::fmt::{self, Write};
use std::time::SystemTime;

use super::text::{Line, Lines, Short, beginning};
use super::time::Exact;
use crate::status::LastFailure;
use crate::views::http::snapshot::Worker;
use crate::views::http::utc::Seen;

/// From this length of the page on, of each worker only the last failure is told.
/// A few hundred workers that fail in all ways fit into it.
const ROOMY: usize = 1 << 20;

/// What is shown of a message that has more, in characters and in lines.
const MOST: usize = 300;
const MOST_LINES: usize = 4;

/// What is shown of a message in one line with other things.
const MOST_OF_LINE: usize = 100;

/// Open if the worker is in trouble.
pub(super) fn write(out: &mut String, worker: &Worker, from: SystemTime) -> fmt::Result {
    let failures = &worker.status.last_failures;
    let Some(last) = failures.first() else {
        return Ok(());
    };
    if out.len() >= ROOMY {
        write_last(out, last, from)?;
        if failures.len() > 1 {
            let more = failures.len() - 1;
            write!(out, " <a href=\"?format=json\">{more} more as JSON</a>")?;
        }
        return Ok(());
    }
    if worker.trouble.is_some() {
        out.push_str("<details open><summary>Last failures, by place</summary>");
    } else {
        out.push_str("<details><summary>");
        write_last(out, last, from)?;
        out.push_str("</summary>");
    }
    out.push_str("<ol>\n");
    for failure in failures {
        write_failure(out, failure, from)?;
    }
    out.push_str("</ol></details>");
    Ok(())
}

/// In one line.
fn write_last(out: &mut String, last: &LastFailure, from: SystemTime) -> fmt::Result {
    let at = last.at;
    let ago = Seen { at, from };
    write!(out, "Last failure {ago}: {}", last.reason.as_str())?;
    write_place(out, last)?;
    let message = Short {
        text: &last.message,
        most: MOST_OF_LINE,
    };
    write!(out, ": <q>{message}</q>")
}

fn write_failure(out: &mut String, failure: &LastFailure, from: SystemTime) -> fmt::Result {
    let LastFailure { count, at, .. } = *failure;
    write!(out, "<li><p><b>{count} × {}</b>", failure.reason.as_str())?;
    write_place(out, failure)?;
    let seen = Seen { at, from };
    let latest = if count > 1 { "latest " } else { "" };
    write!(out, ", {latest}{seen} <small>{}</small></p>", Exact(seen))?;
    write_message(out, &failure.message)?;
    out.push_str("</li>\n");
    Ok(())
}

fn write_place(out: &mut String, failure: &LastFailure) -> fmt::Result {
    match &failure.place {
        Some(place) => write!(out, " at <code>{}</code>", Line(&place.to_string())),
        None => Ok(()),
    }
}

/// A line break right after `<pre>` is none of the text's.
fn write_message(out: &mut String, message: &str) -> fmt::Result {
    let Some(beginning) = beginning(message, MOST, MOST_LINES) else {
        return write!(out, "<pre>\n{}</pre>", Lines(message));
    };
    write!(
        out,
        "<div><pre>\n{}…</pre><details><summary>All of it</summary>\
         <pre>\n{}</pre></details></div>",
        Lines(beginning),
        Lines(message),
    )
}
