//! The workers as a table for terminals.

use std::fmt::{Display, Write};

use super::snapshot::{Snapshot, Worker};
use super::state;
use super::unseen::is_unseen;
use super::utc::{Seen, Utc};
use crate::status::LastFailure;

const HEAD: [&str; 8] = [
    "WORKER",
    "STATE",
    "SINCE",
    "RUNS",
    "RESTARTS",
    "PANICS",
    "NEXT START",
    "LAST FAILURE",
];

/// Of what is longer, the rest is cut off: a line is to stay one.
const WIDEST: usize = 60;

pub(super) fn page(snapshot: &Snapshot) -> String {
    let mut out = String::new();
    write_head(&mut out, snapshot);
    let rows = snapshot.workers.iter().map(|worker| row(worker, snapshot));
    let mut table = vec![HEAD.map(String::from)];
    table.extend(rows);
    write_table(&mut out, &table);
    out
}

fn write_head(out: &mut String, snapshot: &Snapshot) {
    let process = snapshot.process;
    let version = snapshot
        .service
        .version
        .map(|version| format!(" {version}"));
    let version = version.unwrap_or_default();
    let started = process
        .started
        .map_or("at an unknown time".into(), |started| {
            let seen = Seen {
                at: started,
                from: snapshot.rendered,
            };
            format!("{} ({seen})", Utc(started))
        });
    let host = process.host.as_deref().unwrap_or("unknown");
    // Writing to a string does not fail, here and below.
    let _ = writeln!(
        out,
        "{}{version}\npid {} on {}, started {started}\n{}{} of {} in trouble, rendered at {}\n",
        shown(snapshot.name(), WIDEST),
        process.pid,
        shown(host, WIDEST),
        snapshot.readiness.told(),
        snapshot.in_trouble().len(),
        snapshot.workers.len(),
        Utc(snapshot.rendered),
    );
}

fn row(worker: &Worker, snapshot: &Snapshot) -> [String; 8] {
    let status = &worker.status;
    let seen = |at| Seen {
        at,
        from: snapshot.rendered,
    };
    let next = status
        .next_start
        .map(|next| format!("{} {}", Utc(next), seen(next)));
    [
        shown(status.name, WIDEST),
        state::told(worker),
        or_dash(status.since.map(seen)),
        status.starts.to_string(),
        status.restarts.total().to_string(),
        status.panics.to_string(),
        or_dash(next),
        or_dash(
            status
                .last_failure()
                .map(|failure| told(failure, seen(failure.at))),
        ),
    ]
}

fn told(failure: &LastFailure, seen: Seen) -> String {
    let mut text = format!("{} {seen}", failure.reason.as_str());
    if let Some(place) = &failure.place {
        let _ = write!(text, " at {}", shown(&place.to_string(), WIDEST));
    }
    let _ = write!(text, ": {}", shown(&failure.message, WIDEST));
    text
}

/// In one line, with nothing that a terminal would obey.
fn shown(text: &str, widest: usize) -> String {
    let mut chars = text.chars().flat_map(|c| {
        let escaped = is_unseen(c).then(|| c.escape_default());
        let plain = escaped.is_none().then_some(c);
        escaped.into_iter().flatten().chain(plain)
    });
    let mut shown: String = chars.by_ref().take(widest).collect();
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}

fn or_dash(value: Option<impl Display>) -> String {
    value.map_or("-".into(), |value| value.to_string())
}

fn write_table(out: &mut String, table: &[[String; 8]]) {
    let mut widths = [0; 8];
    for row in table {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    for row in table {
        let cells = row.iter().zip(widths);
        let cells: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_text_is_shown_in_one_line_and_cut_with_a_mark() {
        assert_eq!(shown(r#"it's "C:\dir""#, 60), r#"it's "C:\dir""#);
        assert_eq!(
            shown("a\nb\t\x1b[2J\u{202e}", 60),
            r"a\nb\t\u{1b}[2J\u{202e}"
        );
        assert_eq!(shown("exact", 5), "exact");
        assert_eq!(shown("too long", 5), "too l…");
    }
}
