//! The workers: those in trouble first, then the others.

use std::fmt::{self, Write};

use super::row;
use crate::views::http::snapshot::{Snapshot, Worker};

const COLUMNS: [&str; row::COLUMNS] = [
    "Worker",
    "State",
    "Since",
    "Next start",
    "Runs",
    "Restarts",
    "Panics",
];

pub(super) fn write(out: &mut String, snapshot: &Snapshot) -> fmt::Result {
    out.push_str("<main>\n");
    let in_trouble = snapshot.in_trouble();
    let others = &snapshot.workers[in_trouble.len()..];
    if !in_trouble.is_empty() {
        let title = format!("{} in trouble", in_trouble.len());
        let caption = "Workers in trouble, the worst first";
        write_section(out, snapshot, ("trouble", &title, caption), in_trouble)?;
    }
    if !others.is_empty() {
        let title = format!("{} not in trouble", others.len());
        let caption = "Workers that are not in trouble, by name";
        write_section(out, snapshot, ("others", &title, caption), others)?;
    }
    if snapshot.workers.is_empty() {
        out.push_str("<p>No worker was started in this process so far.</p>\n");
    }
    out.push_str("</main>\n");
    Ok(())
}

fn write_section(
    out: &mut String,
    snapshot: &Snapshot,
    (id, title, caption): (&str, &str, &str),
    workers: &[Worker],
) -> fmt::Result {
    writeln!(out, "<section aria-labelledby=\"{id}\">")?;
    writeln!(out, "<h2 id=\"{id}\">{title}</h2>")?;
    writeln!(out, "<table>\n<caption>{caption}</caption>\n<thead><tr>")?;
    for column in COLUMNS {
        writeln!(out, "<th scope=\"col\">{column}</th>")?;
    }
    out.push_str("</tr></thead>\n");
    for worker in workers {
        row::write(out, worker, snapshot.rendered)?;
    }
    out.push_str("</table>\n</section>\n");
    Ok(())
}
