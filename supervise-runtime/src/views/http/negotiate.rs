//! Which form of a page a client wants.

use http::{HeaderMap, header};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Html,
    Json,
    Text,
}

impl Form {
    /// That of the query, `format=json`, or else the one that the header `Accept`
    /// likes best. Who accepts anything, as `curl` does, gets text.
    pub(super) fn wanted(query: &str, headers: &HeaderMap) -> Self {
        let asked = parameter(query, "format").and_then(Self::named);
        asked.unwrap_or_else(|| {
            let values = headers.get_all(header::ACCEPT).iter();
            let ranges = values
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(','));
            let mut best = (0, Self::Text);
            for (quality, form) in ranges.filter_map(accepted) {
                if quality > best.0 {
                    best = (quality, form);
                }
            }
            best.1
        })
    }

    fn named(name: &str) -> Option<Self> {
        match name {
            "html" => Some(Self::Html),
            "json" => Some(Self::Json),
            "text" => Some(Self::Text),
            _ => None,
        }
    }
}

/// The value of a parameter of a query; ours need no decoding.
pub(super) fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// A range of media types, `text/html;q=0.8`: how much it is liked, in
/// thousandths, and what we have of it.
fn accepted(range: &str) -> Option<(u16, Form)> {
    let mut parts = range.split(';').map(str::trim);
    let form = match parts.next()?.to_ascii_lowercase().as_str() {
        "text/html" | "application/xhtml+xml" => Form::Html,
        "application/json" | "application/*" => Form::Json,
        "text/plain" | "text/*" | "*/*" => Form::Text,
        _ => return None,
    };
    let quality = parts
        .filter_map(|part| part.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .map_or(Some(1_000), |(_, value)| thousandths(value.trim()))?;
    Some((quality, form))
}

/// `0.85` as 850; nothing else than what RFC 9110 allows, from 0 to 1 with at most
/// three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let is_number = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let decimals: u16 = format!("{decimals:0<3}")
        .parse()
        .ok()
        .filter(|_| is_number)?;
    match (whole, decimals) {
        ("0", _) => Some(decimals),
        ("1", 0) => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(query: &str, accept: &[&'static str]) -> Form {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(header::ACCEPT, value.parse().unwrap());
        }
        Form::wanted(query, &headers)
    }

    #[test]
    fn a_browser_gets_html_a_program_json_and_curl_text() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(wanted("", &[browser]), Form::Html);
        assert_eq!(wanted("", &["application/json"]), Form::Json);
        assert_eq!(
            wanted("", &["application/json, text/plain, */*"]),
            Form::Json
        );
        assert_eq!(wanted("", &["*/*"]), Form::Text);
        assert_eq!(wanted("", &[]), Form::Text);
    }

    #[test]
    fn the_form_that_is_liked_best_counts() {
        assert_eq!(
            wanted("", &["text/html;q=0.5, application/json;q=0.9"]),
            Form::Json
        );
        assert_eq!(
            wanted("", &["TEXT/HTML; Q=0.51", "text/plain;q=0.5"]),
            Form::Html
        );
        assert_eq!(wanted("", &["text/html;q=0, */*;q=0.1"]), Form::Text);
        assert_eq!(
            wanted("", &["text/html;level=1;q=0.2, application/json;q=0.1"]),
            Form::Html
        );
    }

    #[test]
    fn what_is_no_quality_is_not_accepted() {
        for quality in ["2", "1.5", "-1", "0.1234", "", ".5", "0,5", "+1", "0.+1"] {
            let accept: &'static str = format!("text/html;q={quality}").leak();
            assert_eq!(wanted("", &[accept]), Form::Text, "{quality}");
        }
    }

    #[test]
    fn the_query_overrules_the_header() {
        assert_eq!(wanted("format=json", &["text/html"]), Form::Json);
        assert_eq!(wanted("refresh=0&format=html", &["*/*"]), Form::Html);
        assert_eq!(wanted("format=yaml", &["text/html"]), Form::Html);
        assert_eq!(wanted("myformat=json", &[]), Form::Text);
    }
}
