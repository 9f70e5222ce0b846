//! The workers for people: one page that needs no script, asks for nothing more,
//! and changes nothing.

mod asked;
mod banner;
mod failures;
mod foot;
mod head;
mod row;
mod table;
mod text;
mod time;

use std::fmt;

use self::asked::Asked;
use super::snapshot::Snapshot;

/// What a browser may do with the page: show it, in its own style, and its icon.
/// Were a message ever to get into it unescaped, nothing of it would run, load or
/// send anything.
///
/// The style is known by its hash, that of `html/style.css`:
/// `openssl dgst -sha256 -binary style.css | openssl base64`.
pub(super) const POLICY: &str = "default-src 'none'; \
    style-src 'sha256-n6iu3FQuBOWfraITvo+zDFPExBIcr5/fQv7YS3VD75w='; \
    img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn page(snapshot: &Snapshot, query: &str) -> String {
    let asked = Asked::of(query, snapshot.workers.len());
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut out, snapshot, &asked);
    out
}

fn write(out: &mut String, snapshot: &Snapshot, asked: &Asked) -> fmt::Result {
    out.push_str("<!doctype html>\n<html lang=\"en\">\n");
    head::write(out, snapshot, asked)?;
    out.push_str("<body>\n");
    banner::write(out, snapshot, asked)?;
    table::write(out, snapshot)?;
    foot::write(out);
    out.push_str("</body>\n</html>\n");
    Ok(())
}
