//! What the browser shows in the tab, and what it is told of the page.

use std::fmt::{self, Write};

use super::asked::Asked;
use super::text;
use crate::views::http::snapshot::Snapshot;

pub(super) fn write(out: &mut String, snapshot: &Snapshot, asked: &Asked) -> fmt::Result {
    out.push_str(concat!(
        "<head>\n<meta charset=\"utf-8\">\n",
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
        "<meta name=\"color-scheme\" content=\"light dark\">\n",
    ));
    if asked.refresh > 0 {
        let refresh = asked.refresh;
        writeln!(out, "<meta http-equiv=\"refresh\" content=\"{refresh}\">")?;
    }
    let name = text::name(snapshot.name());
    writeln!(out, "<title>{} · {name}</title>", in_short(snapshot))?;
    let icon = icon(snapshot);
    writeln!(
        out,
        "<link rel=\"icon\" href=\"data:image/svg+xml,{icon}\">"
    )?;
    let style = include_str!("style.css");
    writeln!(out, "<style>{style}</style>\n</head>")
}

/// What is to be read of a tab among many.
fn in_short(snapshot: &Snapshot) -> String {
    let not_ready = (!snapshot.readiness.is_ready()).then(|| "not ready".into());
    let in_trouble = match snapshot.in_trouble().len() {
        0 => None,
        count => Some(format!("{count} in trouble")),
    };
    let bad: Vec<_> = in_trouble.into_iter().chain(not_ready).collect();
    match &bad[..] {
        [] if snapshot.workers.is_empty() => "no workers".into(),
        [] => "all well".into(),
        bad => bad.join(" · "),
    }
}

/// A mark in a shape and a colour. In a `data:` address `#` would be the end.
fn icon(snapshot: &Snapshot) -> String {
    let is_ready = snapshot.readiness.is_ready();
    let (shape, mark, colour) = match (snapshot.in_trouble().len(), is_ready) {
        (0, true) => ("<circle cx='8' cy='8' r='8'", "M4 8l3 3 5-6", "seagreen"),
        (0, false) => ("<circle cx='8' cy='8' r='8'", "M4 8h8", "chocolate"),
        _ => ("<path d='M8 0l8 16H0z'", "M8 5v5m0 2v2", "firebrick"),
    };
    let icon = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>{shape} fill='{colour}'/>\
         <path d='{mark}' fill='none' stroke='white' stroke-width='2'/></svg>"
    );
    icon.replace('<', "%3C").replace('>', "%3E")
}
