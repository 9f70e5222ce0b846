//! What stands in the parentheses of the attribute.

mod texts;
mod values;

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Error, Expr, ExprPath, Lit, Path, Result, Token};

use self::texts::{example, expected, list, nearest, unknown};
use self::values::Read;
pub use self::values::{Backoff, MaxRestarts, OnGiveUp, Restart};

/// The options, each checked by itself.
#[derive(Default)]
pub struct Options {
    pub name: Option<String>,
    pub restart: Option<Spanned<Restart>>,
    pub give_up_if: Option<Spanned<ExprPath>>,
    pub backoff: Option<Spanned<Backoff>>,
    pub healthy_after: Option<Spanned<Duration>>,
    pub max_restarts: Option<Spanned<MaxRestarts>>,
    pub timeout: Option<Spanned<Duration>>,
    pub every: Option<Spanned<Duration>>,
    pub critical: bool,
    pub on_give_up: Option<OnGiveUp>,
    pub policy: Option<Spanned<Expr>>,
    /// Where the word stands, if only in error.
    pub blocking: Option<Span>,
    pub krate: Option<Path>,
}

/// A value and the option that gave it.
pub struct Spanned<T> {
    pub value: T,
    pub option: Span,
}

const KNOWN: [&str; 13] = [
    "name",
    "restart",
    "give_up_if",
    "backoff",
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

    /// After which ends there is another run; `None` if only the policy knows,
    /// when it is evaluated.
    pub fn restart(&self) -> Option<Restart> {
        match (&self.restart, &self.every, &self.policy) {
            (_, _, Some(_)) => None,
            (Some(restart), ..) => Some(restart.value),
            (None, Some(_), None) => Some(Restart::OnFailure),
            (None, None, None) => Some(Restart::Never),
        }
    }

    /// Whether there can be a second run.
    pub fn runs_again(&self) -> bool {
        self.every.is_some() || self.restart() != Some(Restart::Never)
    }

    fn parse_one(&mut self, input: ParseStream, seen: &mut Vec<Ident>) -> Result<()> {
        let option: Ident = input.call(Ident::parse_any).map_err(|error| {
            Error::new(
                error.span(),
                format!("expected an option: {}", list(&KNOWN)),
            )
        })?;
        let name = option.to_string();
        if !KNOWN.contains(&name.as_str()) {
            if nearest(&name) == Some("blocking") {
                self.blocking = Some(option.span());
            }
            return Err(Error::new(option.span(), unknown(&name)));
        }
        if seen.contains(&option) {
            return Err(Error::new(
                option.span(),
                format!("`{option}` is given twice"),
            ));
        }
        seen.push(option.clone());
        if name == "blocking" {
            self.blocking = Some(option.span());
            return if ends(input) {
                Ok(())
            } else {
                Err(Error::new(option.span(), expected(&name)))
            };
        }
        if !input.peek(Token![=]) {
            let example = example(&name);
            return Err(Error::new(
                option.span(),
                format!("`{name}` needs a value: `{example}`"),
            ));
        }
        input.parse::<Token![=]>()?;
        match name.as_str() {
            "give_up_if" => self.give_up_if = Some(parse(input, &option)?),
            "policy" => self.policy = Some(parse(input, &option)?),
            "crate" => {
                let expected = |error: Error| Error::new(error.span(), expected(&name));
                self.krate = Some(Path::parse_mod_style(input).map_err(expected)?);
            }
            _ => self.set(&option, &parse::<Lit>(input, &option)?.value)?,
        }
        if ends(input) {
            Ok(())
        } else {
            Err(Error::new(input.span(), "expected `,` and another option"))
        }
    }

    fn set(&mut self, option: &Ident, value: &Lit) -> Result<()> {
        let name = option.to_string();
        let set = match name.as_str() {
            "name" => values::name(value).map(|it| self.name = Some(it)),
            "restart" => given(option, values::restart(value)).map(|it| self.restart = it),
            "backoff" => given(option, values::backoff(value)).map(|it| self.backoff = it),
            "healthy_after" => {
                given(option, values::healthy_after(value)).map(|it| self.healthy_after = it)
            }
            "max_restarts" => {
                given(option, values::max_restarts(value)).map(|it| self.max_restarts = it)
            }
            "timeout" => given(option, values::timeout(value)).map(|it| self.timeout = it),
            "every" => given(option, values::every(value)).map(|it| self.every = it),
            "critical" => values::critical(value).map(|it| self.critical = it),
            _ => values::on_give_up(value).map(|it| self.on_give_up = Some(it)),
        };
        set.map_err(|problem| Error::new(value.span(), problem.unwrap_or_else(|| expected(&name))))
    }
}

impl<T> Spanned<T> {
    fn new(value: T, option: &Ident) -> Self {
        let option = option.span();
        Self { value, option }
    }
}

fn given<T>(option: &Ident, value: Read<T>) -> Read<Option<Spanned<T>>> {
    value.map(|value| Some(Spanned::new(value, option)))
}

fn parse<T: Parse>(input: ParseStream, option: &Ident) -> Result<Spanned<T>> {
    input
        .parse()
        .map(|value| Spanned::new(value, option))
        .map_err(|error| Error::new(error.span(), expected(&option.to_string())))
}

/// Whether the option ends here.
fn ends(input: ParseStream) -> bool {
    input.is_empty() || input.peek(Token![,])
}

fn skip_to_comma(input: ParseStream) {
    while !input.is_empty() && !input.peek(Token![,]) {
        // Any token tree parses.
        let _ = input.parse::<proc_macro2::TokenTree>();
    }
}
