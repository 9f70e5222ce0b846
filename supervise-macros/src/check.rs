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
    match (&function.sig.asyncness, &function.tail) {
        (Some(_), _) => None,
        (None, None) => Some(Error::new(
            function.sig.fn_token.span,
            "`#[supervised]` needs an `async fn`; a plain `fn` needs the option `blocking`, which \
             is not supported yet (if another attribute took the `async` away, put \
             `#[supervised]` above it)",
        )),
        (None, Some(tail)) => {
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
