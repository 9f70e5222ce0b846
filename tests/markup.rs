//! A reader of HTML that forgives nothing: what it refuses, a browser would guess
//! at.

use std::collections::{BTreeMap, BTreeSet};

/// An element, with what is in it.
#[derive(Debug)]
pub struct Element {
    /// Such as `table`.
    pub name: String,
    /// Its attributes by their names, without entities.
    pub attributes: BTreeMap<String, String>,
    children: Vec<Node>,
}

#[derive(Debug)]
enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// The whole text in it, without entities.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.add_text(&mut text);
        text
    }

    fn add_text(&self, text: &mut String) {
        for child in &self.children {
            match child {
                Node::Element(element) => element.add_text(text),
                Node::Text(more) => text.push_str(more),
            }
        }
    }

    /// Those right in it.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// All in it that are called so, at any depth, in their order.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&Element> {
        let mut found = Vec::new();
        self.add_all(&|element| element.name == name, &mut found);
        found
    }

    /// All in it, at any depth, in their order.
    #[must_use]
    pub fn everything(&self) -> Vec<&Element> {
        let mut found = Vec::new();
        self.add_all(&|_| true, &mut found);
        found
    }

    fn add_all<'e>(&'e self, is_meant: &impl Fn(&Element) -> bool, found: &mut Vec<&'e Element>) {
        for element in self.elements() {
            if is_meant(element) {
                found.push(element);
            }
            element.add_all(is_meant, found);
        }
    }

    /// The only one in it that is called so.
    ///
    /// # Panics
    ///
    /// If there is none, or more than one.
    #[must_use]
    #[track_caller]
    pub fn one(&self, name: &str) -> &Element {
        let all = self.all(name);
        assert_eq!(all.len(), 1, "<{name}> in <{}>", self.name);
        all[0]
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

/// The element `html` of a page.
///
/// # Panics
///
/// If anything in it is not exactly as it is to be.
#[must_use]
pub fn read(page: &str) -> Element {
    let rest = page.strip_prefix("<!doctype html>\n").expect("a doctype");
    let mut reader = Reader {
        page: rest,
        rest,
        ids: BTreeSet::new(),
    };
    let html = reader.element();
    reader.check(html.name == "html", "the first element is html");
    reader.check(reader.rest == "\n", "nothing comes after it");
    html
}

struct Reader<'p> {
    page: &'p str,
    rest: &'p str,
    ids: BTreeSet<String>,
}

impl<'p> Reader<'p> {
    fn element(&mut self) -> Element {
        self.expect("<");
        let name = self.while_(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        self.check(!name.is_empty(), "an element has a name, or `<` is escaped");
        let mut element = Element {
            name: name.to_owned(),
            attributes: BTreeMap::new(),
            children: Vec::new(),
        };
        while self.skip(" ") {
            let (name, value) = self.attribute();
            if name == "id" {
                let is_new = self.ids.insert(value.clone());
                self.check(is_new, "an id is there once");
            }
            let before = element.attributes.insert(name, value);
            self.check(before.is_none(), "an attribute is there once");
        }
        self.expect(">");
        if !matches!(name, "meta" | "link" | "br") {
            self.content(&mut element);
        }
        element
    }

    fn content(&mut self, element: &mut Element) {
        let end = format!("</{}>", element.name);
        if element.name == "style" {
            let (style, rest) = self.rest.split_once(&*end).expect("the end of the style");
            self.check(!style.contains('<'), "no markup in the style");
            element.children.push(Node::Text(style.to_owned()));
            self.rest = rest;
            return;
        }
        while !self.skip(&end) {
            let child = if self.rest.starts_with('<') {
                Node::Element(self.element())
            } else {
                let text = self.while_(|c| c != '<');
                self.check(!text.is_empty(), "the page does not end here");
                Node::Text(self.decoded(text))
            };
            element.children.push(child);
        }
    }

    fn attribute(&mut self) -> (String, String) {
        let name = self.while_(|c| c.is_ascii_lowercase() || c == '-');
        self.check(!name.is_empty(), "an attribute has a name");
        if name == "open" {
            return (name.to_owned(), String::new());
        }
        self.expect("=\"");
        let value = self.while_(|c| !matches!(c, '"' | '<' | '>'));
        let value = self.decoded(value);
        self.expect("\"");
        (name.to_owned(), value)
    }

    fn decoded(&self, text: &str) -> String {
        let mut pieces = text.split('&');
        let mut decoded = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (entity, more) = piece.split_once(';').unwrap_or_default();
            decoded.push(match entity {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "#39" => '\'',
                _ => self.refuse("`&` is escaped, or begins an entity"),
            });
            decoded.push_str(more);
        }
        let is_seen = |c: char| matches!(c, '\n' | '\t') || !c.is_control();
        self.check(text.chars().all(is_seen), "no control characters");
        let turns = |c: char| matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        self.check(!text.contains(turns), "nothing turns the direction");
        decoded
    }

    fn while_(&mut self, is_part: impl Fn(char) -> bool) -> &'p str {
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (part, rest) = self.rest.split_at(end);
        self.rest = rest;
        part
    }

    fn skip(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, text: &str) {
        let is_there = self.skip(text);
        self.check(is_there, text);
    }

    fn check(&self, holds: bool, rule: &str) {
        if !holds {
            self.refuse(rule);
        }
    }

    fn refuse(&self, rule: &str) -> ! {
        let at = self.page.len() - self.rest.len();
        let before = self.page[..at].chars().rev().take(80).collect::<Vec<_>>();
        let before: String = before.into_iter().rev().collect();
        let after: String = self.rest.chars().take(80).collect();
        panic!("{rule}, but after `{before}` comes `{after}`");
    }
}
