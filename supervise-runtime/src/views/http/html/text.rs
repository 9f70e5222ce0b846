//! The texts of others: nobody but them knows what is in them.

use std::fmt::{self, Write};

use crate::views::http::unseen::is_unseen;

/// A text on one line of the page, or in an attribute. What is not to be seen,
/// such as what ends a line or turns the direction of what follows, is shown as an
/// escape.
#[derive(Clone, Copy)]
pub(super) struct Line<'t>(pub(super) &'t str);

/// The same over as many lines as it has.
#[derive(Clone, Copy)]
pub(super) struct Lines<'t>(pub(super) &'t str);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_escaped(f, self.0, is_unseen)
    }
}

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_escaped(f, self.0, |c| is_unseen(c) && !matches!(c, '\n' | '\t'))
    }
}

fn write_escaped(
    f: &mut fmt::Formatter<'_>,
    text: &str,
    is_unseen: impl Fn(char) -> bool,
) -> fmt::Result {
    let mut plain = 0;
    for (index, c) in text.char_indices() {
        let entity = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&#39;",
            c if is_unseen(c) => "",
            _ => continue,
        };
        f.write_str(&text[plain..index])?;
        plain = index + c.len_utf8();
        match entity {
            "" => write!(f, "{}", c.escape_default())?,
            entity => f.write_str(entity)?,
        }
    }
    f.write_str(&text[plain..])
}

/// The beginning of a text, if it has more than so many characters or lines.
pub(super) fn beginning(text: &str, most: usize, most_lines: usize) -> Option<&str> {
    let by_length = text.char_indices().nth(most).map(|(end, _)| end);
    let mut ends = text.match_indices('\n').map(|(end, _)| end);
    let by_lines = ends.nth(most_lines - 1);
    let end = match (by_length, by_lines) {
        (Some(one), Some(other)) => one.min(other),
        (one, other) => one.or(other)?,
    };
    Some(&text[..end])
}

/// A text on one line, its end cut off if it is too long for that.
pub(super) struct Short<'t> {
    pub(super) text: &'t str,
    pub(super) most: usize,
}

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match beginning(self.text, self.most, usize::MAX) {
            Some(beginning) => {
                Line(beginning).fmt(f)?;
                f.write_char('…')
            }
            None => Line(self.text).fmt(f),
        }
    }
}

/// A name, of whatever its length is.
pub(super) fn name(name: &str) -> Short<'_> {
    Short {
        text: name,
        most: 120,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(
            Line("<b a='1' c=\"2\">&amp;</b>").to_string(),
            "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;&lt;/b&gt;"
        );
        assert_eq!(Line("größer als 🦀").to_string(), "größer als 🦀");
    }

    #[test]
    fn what_would_not_be_seen_is_shown() {
        let text = "a\0b\u{7}c\u{1b}[31m\u{202e}d\u{2069}\u{85}\u{feff}";
        let shown = r"a\u{0}b\u{7}c\u{1b}[31m\u{202e}d\u{2069}\u{85}\u{feff}";
        assert_eq!(Line(text).to_string(), shown);
        assert_eq!(Lines(text).to_string(), shown);
        assert_eq!(Line("a\r\n\tb").to_string(), r"a\r\n\tb");
        assert_eq!(Lines("a\r\n\tb").to_string(), "a\\r\n\tb");
    }

    #[test]
    fn a_text_is_cut_at_the_first_of_the_limits() {
        assert_eq!(beginning("abc", 3, 1), None);
        assert_eq!(beginning("abcd", 3, 1), Some("abc"));
        assert_eq!(beginning("ü\nö\nä", 9, 2), Some("ü\nö"));
        assert_eq!(beginning("ü\nö", 9, 2), None);
        assert_eq!(beginning("abcd\nef", 3, 1), Some("abc"));
        assert_eq!(beginning("ab\ncdef", 5, 1), Some("ab"));
        let short = Short {
            text: "a<b",
            most: 2,
        };
        assert_eq!(short.to_string(), "a&lt;…");
    }
}
