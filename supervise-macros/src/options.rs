//! What stands in the parentheses of the attribute.

use proc_macro2::{Ident, Span, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{Error, Lit, Result, Token};

use crate::duration::{self, Backoff};

/// The options, each checked by itself.
#[derive(Default)]
pub struct Options {
    pub name: Option<String>,
    pub restart: Option<Restart>,
    pub backoff: Option<Spanned<Backoff>>,
}

/// A value and the option that gave it.
pub struct Spanned<T> {
    pub value: T,
    pub option: Span,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    Never,
    OnPanic,
    OnFailure,
    Always,
}

const KNOWN: [&str; 3] = ["name", "restart", "backoff"];

/// Known by the design, to be built.
const PLANNED: [&str; 10] = [
    "give_up_if",
    "healthy_after",
    "max_restarts",
    "timeout",
    "every",
    "critical",
    "on_give_up",
    "policy",
    "blocking",
    "crate",
];

impl Options {
    /// The options as far as they can be read, and all mistakes in them.
    pub fn parse(tokens: TokenStream) -> (Self, Option<Error>) {
        let mut options = Self::default();
        let mut errors: Option<Error> = None;
        let mut fail = |error: Error| match &mut errors {
            Some(errors) => errors.combine(error),
            None => errors = Some(error),
        };
        let read = |input: ParseStream| {
            let mut seen = Vec::new();
            while !input.is_empty() {
                if let Err(error) = options.parse_one(input, &mut seen) {
                    fail(error);
                    skip_to_comma(input);
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = read.parse2(tokens) {
            fail(error);
        }
        (options, errors)
    }

    /// Whether there can be a second run.
    pub fn restarts(&self) -> bool {
        self.restart
            .is_some_and(|restart| restart != Restart::Never)
    }

    fn parse_one(&mut self, input: ParseStream, seen: &mut Vec<Ident>) -> Result<()> {
        let option: Ident = input.call(syn::ext::IdentExt::parse_any).map_err(|error| {
            Error::new(
                error.span(),
                format!("expected an option: {}", list(&KNOWN)),
            )
        })?;
        let name = option.to_string();
        if !KNOWN.contains(&name.as_str()) {
            return Err(Error::new(option.span(), unknown(&name)));
        }
        if seen.contains(&option) {
            return Err(Error::new(
                option.span(),
                format!("`{option}` is given twice"),
            ));
        }
        seen.push(option.clone());
        if !input.peek(Token![=]) {
            let example = example(&name);
            return Err(Error::new(
                option.span(),
                format!("`{name}` needs a value: `{example}`"),
            ));
        }
        input.parse::<Token![=]>()?;
        let value: Lit = input
            .parse()
            .map_err(|error| Error::new(error.span(), expected(&name)))?;
        if !(input.is_empty() || input.peek(Token![,])) {
            return Err(Error::new(input.span(), "expected `,` and another option"));
        }
        let wrong = |message: String| Error::new(value.span(), message);
        match (name.as_str(), &value) {
            ("name", Lit::Str(text)) if text.value().trim().is_empty() => Err(wrong(
                "a worker needs a name to be found by; write one, or leave `name` out".into(),
            )),
            ("name", Lit::Str(text)) => {
                self.name = Some(text.value());
                Ok(())
            }
            ("restart", value) => {
                self.restart = Some(restart(value).ok_or_else(|| wrong(expected("restart")))?);
                Ok(())
            }
            ("backoff", Lit::Str(text)) => {
                let value = duration::backoff(&text.value()).map_err(wrong)?;
                self.backoff = Some(Spanned {
                    value,
                    option: option.span(),
                });
                Ok(())
            }
            _ => Err(wrong(expected(&name))),
        }
    }
}

fn restart(value: &Lit) -> Option<Restart> {
    match value {
        Lit::Bool(restart) if restart.value => Some(Restart::OnFailure),
        Lit::Bool(_) => Some(Restart::Never),
        Lit::Str(word) => match word.value().as_str() {
            "never" => Some(Restart::Never),
            "on_panic" => Some(Restart::OnPanic),
            "on_failure" => Some(Restart::OnFailure),
            "always" => Some(Restart::Always),
            _ => None,
        },
        _ => None,
    }
}

fn example(option: &str) -> &'static str {
    match option {
        "name" => "name = \"cleanup\"",
        "restart" => "restart = true",
        _ => "backoff = \"1s..1m\"",
    }
}

fn expected(option: &str) -> String {
    match option {
        "name" => "`name` is a string: `name = \"cleanup\"`".into(),
        "restart" => {
            "`restart` is `true`, `false`, \"never\", \"on_panic\", \"on_failure\" or \"always\""
                .into()
        }
        _ => "`backoff` is a string: \"1s..1m\" (doubling from 1 s to 1 m) or \"5s\"".into(),
    }
}

fn unknown(name: &str) -> String {
    if PLANNED.contains(&name) {
        return format!(
            "`{name}` is not supported yet; this version has {}",
            list(&KNOWN)
        );
    }
    let nearest = KNOWN.iter().min_by_key(|known| distance(name, known));
    match nearest {
        Some(known) if distance(name, known) <= 2 => {
            format!("unknown option `{name}`; did you mean `{known}`?")
        }
        _ => format!("unknown option `{name}`; the options are {}", list(&KNOWN)),
    }
}

fn list(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// How many letters to insert, delete or replace to make `a` of `b`
/// (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

fn skip_to_comma(input: ParseStream) {
    while !input.is_empty() && !input.peek(Token![,]) {
        // Any token tree parses.
        let _ = input.parse::<proc_macro2::TokenTree>();
    }
}
