//! An expected line, as people see it: read apart, to be compared with a text and
//! with JSON.

use super::json::Json;

/// ` WARN worker{worker="a" run=1}: supervise: worker failed worker="a" run=1`
pub(super) struct Pattern<'p> {
    line: &'p str,
    level: &'p str,
    target: &'p str,
    message: &'p str,
    fields: Fields<'p>,
    /// The outermost first.
    spans: Vec<(&'p str, Fields<'p>)>,
}

type Fields<'p> = Vec<(&'p str, &'p str)>;

/// Where the lines of these tests come from.
const TARGETS: [&str; 3] = ["supervise", "supervise::panic", "mine"];

/// What is beside the fields of an event, or may be.
const BESIDE: [&str; 9] = [
    "timestamp",
    "level",
    "target",
    "span",
    "spans",
    "filename",
    "line_number",
    "threadName",
    "threadId",
];

impl<'p> Pattern<'p> {
    pub(super) fn read(line: &'p str) -> Self {
        let parts = TARGETS.into_iter().find_map(|target| {
            let (before, after) = line.split_once(&format!(" {target}: "))?;
            let target = &line[before.len() + 1..][..target.len()];
            Some((before.trim_start(), target, after))
        });
        let (before, target, after) = parts.expect("a target");
        let (level, spans) = before.split_once(' ').unwrap_or((before, ""));
        let (message, fields) = match next_field(after) {
            Some(at) => (after[..at].trim_end(), fields(&after[at..])),
            None => (after, Vec::new()),
        };
        Self {
            line,
            level,
            target,
            message,
            fields,
            spans: read_spans(spans),
        }
    }

    pub(super) fn is_text(&self, entry: &str) -> bool {
        entry
            .strip_suffix('\n')
            .is_some_and(|line| is(self.line.trim_start(), line.trim_start()))
    }

    /// Whether it says the same; its fields may be flattened.
    pub(super) fn is_json(&self, json: &Json) -> bool {
        let mut fields = match json.get("fields") {
            Json::Null => {
                let all = json.fields().iter();
                all.filter(|(key, _)| !BESIDE.contains(&&**key)).collect()
            }
            fields => fields.fields().iter().collect::<Vec<_>>(),
        };
        // Wherever it is put.
        let message = fields.iter().position(|(key, _)| key == "message");
        let message = message.map(|at| &fields.remove(at).1);
        let spans = json.get("spans").list();
        is_value(self.level, json.get("level"))
            && is_value(self.target, json.get("target"))
            && message.is_some_and(|message| is_value(self.message, message))
            && are_fields(&self.fields, &fields)
            && spans.len() == self.spans.len()
            && self.spans.iter().zip(spans).all(is_span)
            && spans.last().is_none_or(|last| {
                let innermost = json.get("span");
                innermost.fields().len() == last.fields().len()
            })
    }
}

fn is_span(((name, fields), json): (&(&str, Fields<'_>), &Json)) -> bool {
    let told: Vec<_> = json
        .fields()
        .iter()
        .filter(|(key, _)| key != "name")
        .collect();
    is_value(name, json.get("name")) && are_fields(fields, &told)
}

/// In any order: JSON has none.
fn are_fields(fields: &Fields<'_>, json: &[&(String, Json)]) -> bool {
    let is = |(name, value): &(&str, &str)| {
        let told = json.iter().find(|(key, _)| key == name);
        told.is_some_and(|(_, json)| is_value(value, json))
    };
    fields.len() == json.len() && fields.iter().all(is)
}

/// A text is in quotes in a line, unless it is one that is only shown: a time.
fn is_value(pattern: &str, json: &Json) -> bool {
    match json {
        Json::Text(text) => is(pattern, text) || is(pattern, &format!("{text:?}")),
        Json::Number(number) => is(pattern, &number.to_string()),
        Json::Bool(value) => is(pattern, &value.to_string()),
        _ => false,
    }
}

/// `worker{worker="a" run=1}:job{id=7}:`
fn read_spans(mut text: &str) -> Vec<(&str, Fields<'_>)> {
    let mut spans = Vec::new();
    while let Some(end) = text.find(['{', ':']) {
        let name = &text[..end];
        let (inside, rest) = match text[end..].strip_prefix('{') {
            Some(rest) => rest.split_once("}:").expect("the end of a span"),
            None => ("", &text[end + 1..]),
        };
        spans.push((name, fields(inside)));
        text = rest;
    }
    spans
}

/// `worker="a" run=1`
fn fields(text: &str) -> Fields<'_> {
    let mut fields = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let end = next_field(after).unwrap_or(after.len());
        fields.push((name, after[..end].trim_end()));
        rest = &after[end..];
    }
    fields
}

/// Where the next `name=` begins that is outside of quotes and after a space.
fn next_field(text: &str) -> Option<usize> {
    let mut quoted = false;
    let mut previous = ' ';
    let mut word = 0;
    for (at, c) in text.char_indices() {
        match c {
            '"' if previous != '\\' => quoted = !quoted,
            ' ' if !quoted => word = at + 1,
            '=' if !quoted && at > word && !text[at + 1..].starts_with(' ') => return Some(word),
            _ => {}
        }
        previous = c;
    }
    None
}

/// Whether `text` is as `pattern` says, where `*` stands for anything.
fn is(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    text.strip_prefix(start).is_some_and(|text| {
        let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        rest.is_empty() || ends.into_iter().any(|at| is(rest, &text[at..]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_apart() {
        let line = r#" WARN worker{worker="a b" run=1}:job: supervise: it failed: `x = 1` worker="a \" b=2" run=*"#;
        let pattern = Pattern::read(line);
        assert_eq!((pattern.level, pattern.target), ("WARN", "supervise"));
        assert_eq!(pattern.message, "it failed: `x = 1`");
        assert_eq!(pattern.fields, [("worker", r#""a \" b=2""#), ("run", "*")]);
        let [(worker, fields), (job, none)] = &*pattern.spans else {
            panic!("{:?}", pattern.spans);
        };
        assert_eq!((*worker, *job), ("worker", "job"));
        assert_eq!(*fields, [("worker", r#""a b""#), ("run", "1")]);
        assert!(none.is_empty());
    }

    #[test]
    fn a_star_is_anything_and_all_else_is_itself() {
        for (pattern, text, expected) in [
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "abd", false),
            ("*b*", "abc", true),
            ("abc", "abcd", false),
        ] {
            assert_eq!(is(pattern, text), expected, "{pattern} {text}");
        }
    }
}
