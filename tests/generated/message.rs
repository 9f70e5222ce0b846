//! What the compiler says.

use serde_json::Value;

/// An error or a warning.
pub struct Message {
    /// The program that it is about.
    pub program: String,
    pub level: String,
    /// `E0277`, `unused_variables`.
    pub code: Option<String>,
    pub text: String,
    pub line: Option<u64>,
    /// The source that it points at.
    pub place: String,
    pub rendered: String,
}

/// All messages in what cargo printed.
pub fn messages(printed: &str) -> Vec<Message> {
    printed
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|line: &Value| line["reason"] == "compiler-message")
        .map(|line| message(&line))
        .filter(|message| !is_summary(message))
        .collect()
}

/// How many there were.
fn is_summary(message: &Message) -> bool {
    let is_count = message.text.ends_with("emitted") || message.text.starts_with("aborting due");
    message.line.is_none() && (is_count || message.level == "failure-note")
}

fn message(line: &Value) -> Message {
    let message = &line["message"];
    let spans = message["spans"].as_array();
    let primary = spans.and_then(|spans| spans.iter().find(|span| span["is_primary"] == true));
    Message {
        program: text(&line["target"]["name"]),
        level: text(&message["level"]),
        code: message["code"]["code"].as_str().map(String::from),
        text: text(&message["message"]),
        line: primary.and_then(|span| span["line_start"].as_u64()),
        place: primary.map(place).unwrap_or_default(),
        rendered: text(&message["rendered"]),
    }
}

fn place(span: &Value) -> String {
    let line = &span["text"][0];
    let column = |name: &str| {
        line[name]
            .as_u64()
            .and_then(|column| usize::try_from(column).ok())
    };
    let (start, end) = (column("highlight_start"), column("highlight_end"));
    let (start, end) = (start.unwrap_or(1), end.unwrap_or(1));
    let text = line["text"].as_str().unwrap_or_default();
    text.chars()
        .skip(start - 1)
        .take(end.saturating_sub(start))
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().into()
}
