//! What the query asks of the page.

use crate::views::http::negotiate::parameter;

/// How often the page is to load itself again, and how it is asked for again.
pub(super) struct Asked {
    /// In seconds; never, if 0.
    pub(super) refresh: u32,
    /// Whether the query says that it is to be HTML: then so do the links.
    by_format: bool,
}

impl Asked {
    /// Of a day that is a time for the clock, not for a browser.
    const LONGEST: u32 = 86_400;

    /// As asked by `refresh=30`, in seconds; `refresh=0` is never. What is no such
    /// number is not asked: then it is 5 s, or 30 s if the page is a long one.
    pub(super) fn of(query: &str, workers: usize) -> Self {
        let asked = parameter(query, "refresh").and_then(|seconds| seconds.parse().ok());
        let asked = asked.filter(|seconds| *seconds <= Self::LONGEST);
        let usual = if workers > 500 { 30 } else { 5 };
        Self {
            refresh: asked.unwrap_or(usual),
            by_format: parameter(query, "format") == Some("html"),
        }
    }

    /// Of a link to this page that refreshes itself so often.
    pub(super) fn link(&self, refresh: u32) -> String {
        let format = if self.by_format {
            "&amp;format=html"
        } else {
            ""
        };
        format!("?refresh={refresh}{format}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_refreshes_itself_as_asked() {
        for (query, seconds) in [
            ("refresh=0", 0),
            ("refresh=30", 30),
            ("a=b&refresh=86400&refresh=1", 86_400),
        ] {
            assert_eq!(Asked::of(query, 1).refresh, seconds, "{query}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_not_asked() {
        for query in [
            "",
            "refresh",
            "refresh=",
            "refresh=-1",
            "refresh=1.5",
            "refresh=86401",
            "refresh=99999999999999999999",
            "refresh=5;url=https://example.com",
            "refresh=0%22%3E%3Cscript%3E",
            "Refresh=0",
            "myrefresh=0",
        ] {
            assert_eq!(Asked::of(query, 1).refresh, 5, "{query}");
            assert_eq!(Asked::of(query, 5_000).refresh, 30, "{query}");
        }
    }

    #[test]
    fn links_ask_for_the_form_that_was_asked_for() {
        let link = |query| Asked::of(query, 1).link(0);
        assert_eq!(link("refresh=7"), "?refresh=0");
        assert_eq!(link("format=html"), "?refresh=0&amp;format=html");
        assert_eq!(link("format=yaml"), "?refresh=0");
    }
}
