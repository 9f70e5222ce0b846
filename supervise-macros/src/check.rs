//! Everything that is rejected after parsing.

use syn::spanned::Spanned;
use syn::{Error, Signature, Stmt};

use crate::function::Function;
use crate::options::Options;
use crate::{borrow, contradictions, keep};

/// All objections, together.
pub fn check(options: &Options, function: &Function) -> Option<Error> {
    let mut errors = qualifiers(&function.sig);
    errors.extend(future(options, function));
    errors.extend(contradictions::check(options));
    errors.extend(keep::check(&function.sig));
    if options.runs_again() {
        errors.extend(borrow::check(function));
    }
    errors.into_iter().reduce(|mut errors, error| {
        errors.combine(error);
        errors
    })
}

fn qualifiers(sig: &Signature) -> Vec<Error> {
    let mut errors = Vec::new();
    if let Some(constness) = &sig.constness {
        errors.push(Error::new(constness.span, "a worker can't be `const`"));
    }
    if let syn::Safety::Unsafe(unsafety) = &sig.safety {
        errors.push(Error::new(
            unsafety.span,
            "a worker can't be `unsafe`: nothing vouches for the runs after a panic; \
             call the `unsafe fn` from a safe worker",
        ));
    }
    if let Some(abi) = &sig.abi {
        errors.push(Error::new(
            abi.extern_token.span,
            "a worker can't be `extern`: a panic would not unwind out of it",
        ));
    }
    if let Some(variadic) = &sig.variadic {
        errors.push(Error::new_spanned(variadic, "a worker can't be variadic"));
    }
    errors
}

fn future(options: &Options, function: &Function) -> Option<Error> {
    match (options.blocking, &function.sig.asyncness, &function.tail) {
        (None, Some(_), _) | (Some(_), None, None) => None,
        (Some(blocking), Some(_), _) => Some(Error::new(
            blocking,
            "`blocking` is for a plain `fn`, and this one is `async`; leave `blocking` out, or \
             `async`",
        )),
        (Some(blocking), None, Some(_)) => Some(Error::new(
            blocking,
            "this function returns a future, and with `blocking` no more would be supervised than \
             making it; leave `blocking` out",
        )),
        (None, None, None) => Some(Error::new(
            function.sig.fn_token.span,
            "`#[supervised]` needs an `async fn`; for a plain `fn`, which blocks its thread, write \
             the option `blocking` (if another attribute took the `async` away, put \
             `#[supervised]` above it)",
        )),
        (None, None, Some(tail)) => {
            let once = tail
                .before
                .iter()
                .find(|stmt| !matches!(stmt, Stmt::Item(_)))?;
            options.runs_again().then(|| {
                Error::new(
                    once.span(),
                    "this would be run once, and not again in a restart; move it into the \
                     `async move` block",
                )
            })
        }
    }
}
