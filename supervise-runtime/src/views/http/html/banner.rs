//! The top of the page: what it all comes down to, of which process, and when.

use std::fmt::{self, Display, Write};
use std::time::Duration;

use super::asked::Asked;
use super::text;
use super::time::Full;
use crate::views::http::snapshot::Snapshot;
use crate::views::http::utc::{Rough, Seen};

/// How many names of workers are told for one reason of not being ready.
const MOST_NAMES: usize = 10;

pub(super) fn write(out: &mut String, snapshot: &Snapshot, asked: &Asked) -> fmt::Result {
    write!(out, "<header>\n<h1>{}", text::name(snapshot.name()))?;
    if let Some(version) = snapshot.service.version {
        write!(out, " <small>{}</small>", text::name(version))?;
    }
    out.push_str("</h1>\n<div class=\"verdicts\">\n");
    write_trouble(out, snapshot)?;
    write_readiness(out, snapshot)?;
    out.push_str("</div>\n");
    write_process(out, snapshot)?;
    write_links(out, asked)?;
    out.push_str("</header>\n");
    write_stale(out, asked)
}

fn write_trouble(out: &mut String, snapshot: &Snapshot) -> fmt::Result {
    let (all, in_trouble) = (snapshot.workers.len(), snapshot.in_trouble().len());
    let (class, told) = match (in_trouble, all) {
        (_, 0) => ("idle", "No workers yet".into()),
        (0, _) => ("up", "None in trouble".into()),
        (count, _) => ("bad", format!("{count} in trouble")),
    };
    write!(out, "<p class=\"{class}\"><strong>{told}</strong>")?;
    if all > 0 {
        write!(out, " of {all}<br>{}", tally(snapshot))?;
    }
    out.push_str("</p>\n");
    Ok(())
}

/// How many there are in each state, pools with all their members.
fn tally(snapshot: &Snapshot) -> String {
    let statuses = || snapshot.workers.iter().map(|worker| &worker.status);
    let states: [(u64, &str); 4] = [
        (statuses().map(|status| status.gave_up).sum(), "gave up"),
        (statuses().map(|status| status.waiting).sum(), "waiting"),
        (statuses().map(|status| status.running).sum(), "running"),
        (statuses().map(|status| status.scheduled).sum(), "scheduled"),
    ];
    let present = states.iter().filter(|(count, _)| *count > 0);
    let present: Vec<_> = present
        .map(|(count, state)| format!("{count} {state}"))
        .collect();
    if present.is_empty() {
        "none up".into()
    } else {
        present.join(", ")
    }
}

fn write_readiness(out: &mut String, snapshot: &Snapshot) -> fmt::Result {
    let readiness = &snapshot.readiness;
    if readiness.is_ready() {
        out.push_str("<p class=\"up\"><strong>Ready</strong> for requests</p>\n");
        return Ok(());
    }
    out.push_str("<div class=\"warn\"><p><strong>Not ready</strong> for requests</p>\n<ul>\n");
    if readiness.shutting_down {
        out.push_str("<li>it is shutting down</li>\n");
    }
    for (names, why) in [
        (&readiness.gave_up, "gave up"),
        (&readiness.starting, "is starting"),
    ] {
        for name in names.iter().take(MOST_NAMES) {
            let name = text::name(name);
            writeln!(out, "<li>critical worker <b>{name}</b> {why}</li>")?;
        }
        if let Some(more @ 1..) = names.len().checked_sub(MOST_NAMES) {
            writeln!(out, "<li>{more} more of which each {why}</li>")?;
        }
    }
    out.push_str("</ul></div>\n");
    Ok(())
}

fn write_process(out: &mut String, snapshot: &Snapshot) -> fmt::Result {
    let process = snapshot.process;
    out.push_str("<dl>\n");
    write_fact(out, "Rendered at", Full(snapshot.rendered))?;
    match process.started {
        Some(at) => {
            let from = snapshot.rendered;
            let ago = Seen { at, from };
            write_fact(out, "Process started", format_args!("{}, {ago}", Full(at)))?;
        }
        None => write_fact(out, "Process started", "unknown")?,
    }
    write_fact(out, "Process id", process.pid)?;
    let host = process.host.as_deref().unwrap_or("unknown");
    write_fact(out, "Host", text::name(host))?;
    out.push_str("</dl>\n");
    Ok(())
}

fn write_fact(out: &mut String, name: &str, value: impl Display) -> fmt::Result {
    writeln!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>")
}

/// All are relative: the page may be anywhere.
fn write_links(out: &mut String, asked: &Asked) -> fmt::Result {
    out.push_str("<nav aria-label=\"Refreshing\">\n<span>Refresh:</span>\n");
    let mut periods = vec![0, 5, 30, 300];
    if let Err(place) = periods.binary_search(&asked.refresh) {
        periods.insert(place, asked.refresh);
    }
    for period in periods {
        let link = asked.link(period);
        write!(out, "<a href=\"{link}\"")?;
        if period == asked.refresh {
            out.push_str(" aria-current=\"true\"");
        }
        match period {
            0 => out.push_str(">off</a>\n"),
            seconds => {
                let period = Rough(Duration::from_secs(seconds.into()));
                writeln!(out, ">{period}</a>")?;
            }
        }
    }
    out.push_str("</nav>\n<nav aria-label=\"Other forms\">\n<span>Also as:</span>\n");
    for (link, told) in [("?format=json", "JSON"), ("?format=text", "text")] {
        writeln!(out, "<a href=\"{link}\">{told}</a>")?;
    }
    if cfg!(feature = "prometheus") {
        out.push_str("<a href=\"metrics\">metrics</a>\n");
    }
    out.push_str("<a href=\"readyz\">readiness</a>\n</nav>\n");
    Ok(())
}

/// A browser that has lost its server, or was asleep, shows the page for ever.
/// The style shows this a minute after it was loaded.
fn write_stale(out: &mut String, asked: &Asked) -> fmt::Result {
    let again = asked.link(asked.refresh);
    writeln!(
        out,
        "<p class=\"stale\" role=\"status\">This page was loaded more than a minute ago, \
         and tells of then. <a href=\"{again}\">Load it again</a></p>"
    )
}
