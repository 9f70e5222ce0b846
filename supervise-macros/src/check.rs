//! Everything that is rejected after parsing.

use syn::{Error, Signature};

use crate::options::Options;

/// All objections, together.
pub fn check(options: &Options, sig: &Signature) -> Option<Error> {
    function(sig)
        .into_iter()
        .chain(contradictions(options))
        .reduce(|mut errors, error| {
            errors.combine(error);
            errors
        })
}

fn function(sig: &Signature) -> Vec<Error> {
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
    if sig.asyncness.is_none() {
        errors.push(Error::new(
            sig.fn_token.span,
            "`#[supervised]` needs an `async fn`; a plain `fn` needs the option `blocking`, which \
             is not supported yet (if another attribute took the `async` away, put \
             `#[supervised]` above it)",
        ));
    }
    errors
}

fn contradictions(options: &Options) -> Option<Error> {
    let backoff = options.backoff.as_ref()?;
    (!options.restarts()).then(|| {
        Error::new(
            backoff.option,
            "without a restart there is nothing to wait for; add `restart = true`, or leave \
             `backoff` out",
        )
    })
}
