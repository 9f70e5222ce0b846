//! JSON, written by hand: a page is no reason to compile a serializer.

use std::fmt::{self, Write};
use std::time::SystemTime;

use crate::views::http::utc::Utc;

/// An object that is being written.
pub(super) struct Object<'o> {
    out: &'o mut String,
    is_empty: bool,
}

/// Writes an object, member by member.
pub(super) fn object(out: &mut String, members: impl FnOnce(&mut Object<'_>)) {
    out.push('{');
    let is_empty = true;
    let mut object = Object { out, is_empty };
    members(&mut object);
    object.out.push('}');
}

impl Object<'_> {
    /// A number, `true` or `false`.
    pub(super) fn plain(&mut self, name: &str, value: impl fmt::Display) {
        // Writing to a string does not fail, here and below.
        let _ = write!(self.member(name), "{value}");
    }

    pub(super) fn text(&mut self, name: &str, value: &str) {
        text(self.member(name), value);
    }

    pub(super) fn time(&mut self, name: &str, value: SystemTime) {
        let _ = write!(self.member(name), "\"{}\"", Utc(value));
    }

    /// What `write` makes of the value, or `null`.
    pub(super) fn maybe<T>(
        &mut self,
        name: &str,
        value: Option<T>,
        write: impl FnOnce(&mut Self, &str, T),
    ) {
        match value {
            Some(value) => write(self, name, value),
            None => self.plain(name, "null"),
        }
    }

    pub(super) fn object(&mut self, name: &str, members: impl FnOnce(&mut Object<'_>)) {
        object(self.member(name), members);
    }

    pub(super) fn array<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut String, T),
    ) {
        let out = self.member(name);
        out.push('[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            write(out, item);
        }
        out.push(']');
    }

    fn member(&mut self, name: &str) -> &mut String {
        if !self.is_empty {
            self.out.push(',');
        }
        self.is_empty = false;
        text(self.out, name);
        self.out.push(':');
        self.out
    }
}

/// A string with all escapes that RFC 8259 demands. `<` and its like are escaped,
/// too: whoever pastes the answer into a page is safe.
pub(super) fn text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '<' | '>' | '&' | '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_leaves_a_string_that_a_terminal_or_a_page_would_obey() {
        let mut out = String::new();
        super::text(&mut out, "\"\\\n\t\r\0\x1b\x7f\u{9b}\u{2028}<>&é€🦀");
        let escaped = r#""\"\\\n\t\r\u0000\u001b\u007f\u009b\u2028\u003c\u003e\u0026é€🦀""#;
        assert_eq!(out, escaped);
    }
}
