//! What stands in the parentheses of the attribute.

use proc_macro2::{Ident, Span, TokenStream};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Error, ExprPath, Lit, Path, Result, Token};

use crate::duration::{self, Backoff};

/// The options, each checked by itself.
#[derive(Default)]
pub struct Options {
    pub name: Option<String>,
    pub restart: Option<Restart>,
    pub backoff: Option<Spanned<Backoff>>,
    pub give_up_if: Option<Spanned<ExprPath>>,
    pub on_give_up: Option<OnGiveUp>,
    pub krate: Option<Path>,
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

/// What the caller gets after a last panic.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OnGiveUp {
    Return,
    Panic,
}

const KNOWN: [&str; 6] = [
    "name",
    "restart",
    "backoff",
    "give_up_if",
    "on_give_up",
    "crate",
];

/// Known by the design, to be built.
const PLANNED: [&str; 7] = [
    "healthy_after",
    "max_restarts",
    "timeout",
    "every",
    "critical",
    "policy",
    "blocking",
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
        match name.as_str() {
            "give_up_if" => {
                let value = parse(input, &name)?;
                let option = option.span();
                self.give_up_if = Some(Spanned { value, option });
            }
            "crate" => {
                let expected = |error: Error| Error::new(error.span(), expected(&name));
                self.krate = Some(Path::parse_mod_style(input).map_err(expected)?);
            }
            _ => self.set(&option, &parse(input, &name)?)?,
        }
        if input.is_empty() || input.peek(Token![,]) {
            Ok(())
        } else {
            Err(Error::new(input.span(), "expected `,` and another option"))
        }
    }

    fn set(&mut self, option: &Ident, value: &Lit) -> Result<()> {
        let name = option.to_string();
        let wrong = |message: String| Error::new(value.span(), message);
        match (name.as_str(), value) {
            ("name", Lit::Str(text)) if text.value().trim().is_empty() => {
                return Err(wrong(
                    "a worker needs a name to be found by; write one, or leave `name` out".into(),
                ));
            }
            ("name", Lit::Str(text)) => self.name = Some(text.value()),
            ("restart", value) => {
                self.restart = Some(restart(value).ok_or_else(|| wrong(expected("restart")))?);
            }
            ("backoff", Lit::Str(text)) => {
                let value = duration::backoff(&text.value()).map_err(wrong)?;
                let option = option.span();
                self.backoff = Some(Spanned { value, option });
            }
            ("on_give_up", Lit::Str(text)) if text.value() == "return" => {
                self.on_give_up = Some(OnGiveUp::Return);
            }
            ("on_give_up", Lit::Str(text)) if text.value() == "panic" => {
                self.on_give_up = Some(OnGiveUp::Panic);
            }
            _ => return Err(wrong(expected(&name))),
        }
        Ok(())
    }
}

fn parse<T: Parse>(input: ParseStream, option: &str) -> Result<T> {
    input
        .parse()
        .map_err(|error| Error::new(error.span(), expected(option)))
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
        "backoff" => "backoff = \"1s..1m\"",
        "give_up_if" => "give_up_if = MyError::is_fatal",
        "on_give_up" => "on_give_up = \"panic\"",
        _ => "crate = my_crate::supervise",
    }
}

fn expected(option: &str) -> String {
    let kind = match option {
        "name" => "a string",
        "restart" => {
            return "`restart` is `true`, `false`, \"never\", \"on_panic\", \"on_failure\" or \
                    \"always\""
                .into();
        }
        "backoff" => {
            return "`backoff` is a string: \"1s..1m\" (doubling from 1 s to 1 m) or \"5s\"".into();
        }
        "give_up_if" => "the path of a function of the error",
        "on_give_up" => return "`on_give_up` is \"return\" or \"panic\"".into(),
        _ => "the path of `supervise`",
    };
    format!("`{option}` is {kind}: `{}`", example(option))
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
