//! Everything that is rejected after parsing.

use syn::spanned::Spanned;
use syn::{Error, Signature, Stmt};

use crate::function::Function;
use crate::options::{Options, Restart};
use crate::{borrow, keep};

/// All objections, together.
pub fn check(options: &Options, function: &Function) -> Option<Error> {
    let mut errors = qualifiers(&function.sig);
    errors.extend(future(options, function));
    errors.extend(contradictions(options));
    errors.extend(keep::check(&function.sig));
    if options.restarts() {
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
            options.restarts().then(|| {
                Error::new(
                    once.span(),
                    "this would be run once, and not again in a restart; move it into the \
                     `async move` block",
                )
            })
        }
    }
}

fn contradictions(options: &Options) -> Vec<Error> {
    let mut errors = Vec::new();
    if let (Some(backoff), false) = (&options.backoff, options.restarts()) {
        errors.push(Error::new(
            backoff.option,
            "without a restart there is nothing to wait for; add `restart = true`, or leave \
             `backoff` out",
        ));
    }
    if let Some(give_up_if) = &options.give_up_if {
        let message = match options.restart {
            Some(Restart::OnFailure | Restart::Always) => return errors,
            Some(Restart::OnPanic) => {
                "under `restart = \"on_panic\"` any `Err` ends the worker; write `restart = true`, \
                 or leave `give_up_if` out"
            }
            Some(Restart::Never) | None => {
                "without a restart any `Err` ends the worker; add `restart = true`, or leave \
                 `give_up_if` out"
            }
        };
        errors.push(Error::new(give_up_if.option, message));
    }
    errors
}
