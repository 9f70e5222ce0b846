//! What the attribute makes of the function.
//!
//! ```text
//! // Input:
//! #[supervised(name = "n", restart = true)]
//! async fn f(&self, x: &X, y: &mut Y, z: Z) -> R { BODY }
//!
//! // Output:
//! async fn f(&self, x: &X, y: &mut Y, z: Z) -> R {
//!     let mut call = { static WORKER: Worker = …; WORKER.call("") };
//!     loop {
//!         let copy = || (Z::per_run(&z),);
//!         let z;
//!         let y = &mut *y;
//!         if let Break(value) = {
//!             let body = match call.prepare(copy) {
//!                 Ok(copies) => { (z,) = copies; Ok(async move { BODY }) }
//!                 Err(stillborn) => Err(stillborn),
//!             };
//!             call.attempt(body, …)
//!         }.await { return value; }
//!     }
//! }
//! ```
//!
//! It stays an `async fn`: its future is `Send` exactly when it was, captures
//! what it captured, and is as large, but for one more copy of the by-value
//! arguments and the state of the call. The copies are made outside the body,
//! which would otherwise have to share the originals (`Sync`), and inside a
//! catch. The body is built in a scope that ends before the await, or the
//! future would hold it twice.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Error, ReturnType, Signature, Type};

use crate::arguments::{Arguments, at, mixed, names_impl, tuple};
use crate::check::check;
use crate::function::Function;
use crate::options::{Options, Restart};

/// The expansion; on a mistake the errors and the function as it was, so that
/// no second wave of errors follows and editors keep knowing it.
pub fn supervised(options: TokenStream, item: TokenStream) -> TokenStream {
    parse(options, item.clone()).map_or_else(
        |error| {
            let mut tokens = error.into_compile_error();
            tokens.extend(item);
            tokens
        },
        |(options, function)| expand(&options, function),
    )
}

fn parse(options: TokenStream, item: TokenStream) -> syn::Result<(Options, Function)> {
    let (options, mistakes) = Options::parse(options);
    let function = syn::parse2::<Function>(item);
    let objections = function.as_ref().ok().and_then(|function| {
        let options = if mistakes.is_some() {
            &Options::default()
        } else {
            &options
        };
        check(options, &function.sig)
    });
    match (
        function,
        mistakes.into_iter().chain(objections).reduce(combined),
    ) {
        (Ok(function), None) => Ok((options, function)),
        (Ok(_), Some(errors)) => Err(errors),
        (Err(error), errors) => Err(errors.into_iter().fold(error, combined)),
    }
}

fn combined(mut errors: Error, error: Error) -> Error {
    errors.combine(error);
    errors
}

fn expand(options: &Options, mut function: Function) -> TokenStream {
    let worker = worker(options, &function.sig);
    let many = options.restarts();
    let arguments = Arguments::of(&mut function.sig, &function.body, many);
    let body = body(&function, &arguments);
    let runs = if many {
        many_runs(&arguments, &body)
    } else {
        one_run(&body)
    };
    let once = &arguments.once;
    let wrapper = quote_spanned! {mixed()=>
        use ::supervise::__private as __supervise;
        #once
        let mut call = #worker;
        #runs
    };

    let Function {
        attrs,
        vis,
        defaultness,
        sig,
        brace,
        ..
    } = function;
    let mut tokens = quote!(#(#attrs)* #vis #defaultness #sig);
    brace.surround(&mut tokens, |tokens| tokens.extend(wrapper));
    tokens
}

/// The call of the worker, whose `static` has a scope of its own: items have
/// no hygiene.
fn worker(options: &Options, sig: &Signature) -> TokenStream {
    let function = sig.ident.unraw().to_string();
    let (name, of) = match (&options.name, sig.receiver()) {
        (Some(name), _) => (quote!(Given(#name)), quote!("")),
        (None, Some(_)) => (
            quote!(Method(#function)),
            quote!(::core::any::type_name::<Self>()),
        ),
        (None, None) => (
            quote!(Function { module: ::core::module_path!(), function: #function }),
            quote!(""),
        ),
    };
    let policy = policy(options);
    quote_spanned! {mixed()=> {
        static WORKER: __supervise::Worker =
            __supervise::Worker::new(__supervise::Name::#name, #policy);
        WORKER.call(#of)
    }}
}

fn policy(options: &Options) -> TokenStream {
    let mut policy = quote_spanned!(mixed()=> __supervise::Policy::new());
    if let Some(restart) = options.restart {
        let restart = match restart {
            Restart::Never => quote!(Never),
            Restart::OnPanic => quote!(OnPanic),
            Restart::OnFailure => quote!(OnFailure),
            Restart::Always => quote!(Always),
        };
        policy.extend(quote_spanned!(mixed()=> .restart(__supervise::Restart::#restart)));
    }
    if let Some(backoff) = &options.backoff {
        let [first, longest] = [backoff.value.first, backoff.value.longest].map(|wait| {
            let (secs, nanos) = (wait.as_secs(), wait.subsec_nanos());
            quote_spanned!(mixed()=> __supervise::Duration::new(#secs, #nanos))
        });
        policy.extend(quote_spanned! {mixed()=>
            .backoff(__supervise::Backoff::doubling(#first, #longest))
        });
    }
    policy
}

fn one_run(body: &TokenStream) -> TokenStream {
    let attempt = attempt(&quote_spanned!(mixed()=> __supervise::Ok(#body)));
    quote_spanned! {mixed()=>
        match #attempt.await {
            __supervise::ControlFlow::Break(value) => value,
            __supervise::ControlFlow::Continue(()) => __supervise::never_again(),
        }
    }
}

fn many_runs(arguments: &Arguments, body: &TokenStream) -> TokenStream {
    let Arguments {
        declarations,
        reborrows,
        ..
    } = arguments;
    let (copy, body) = if arguments.copies.is_empty() {
        (None, quote_spanned!(mixed()=> __supervise::Ok(#body)))
    } else {
        let (copies, places) = (tuple(&arguments.copies), tuple(&arguments.places));
        let body = quote_spanned! {mixed()=>
            match call.prepare(copy) {
                __supervise::Ok(copies) => {
                    #places = copies;
                    __supervise::Ok(#body)
                }
                __supervise::Err(stillborn) => __supervise::Err(stillborn),
            }
        };
        let copy = quote_spanned! {mixed()=>
            #[allow(clippy::used_underscore_binding)]
            let copy = || #copies;
        };
        (Some(copy), body)
    };
    let attempt = attempt(&body);
    quote_spanned! {mixed()=>
        loop {
            #copy
            #declarations
            #reborrows
            if let __supervise::ControlFlow::Break(value) = #attempt.await {
                #[allow(unreachable_code)]
                return value;
            }
        }
    }
}

/// `body`, and what the compiler can find out about its output.
fn attempt(body: &TokenStream) -> TokenStream {
    quote_spanned! {mixed()=> {
        use __supervise::{
            EndsContained as _, EndsReturned as _, EndsResumed as _, ViaDebug as _,
            ViaDisplay as _, ViaError as _, ViaLocalError as _, ViaSendError as _,
            ViaSuccess as _, ViaType as _,
        };
        let body = #body;
        let probe = __supervise::Probe::of(&body);
        call.attempt(body, (&&&&&&&probe).judge(), (&&&probe).ending())
    }}
}

/// The body of one run.
///
/// It begins with a return that is never reached: it tells `?` and `return`
/// their type, makes the block own the arguments, used or not, as the function
/// does, and lets the compiler warn of those that are not. The user's braces around the user's code keep the edition's
/// drop order and the place of type errors; the empty attribute keeps
/// `unused_braces` quiet about them.
fn body(function: &Function, arguments: &Arguments) -> TokenStream {
    let Function {
        sig, brace, body, ..
    } = function;
    let output = output(sig);
    let mut block = never_returns(sig, output.as_ref(), arguments);
    block.extend(arguments.bindings.clone());
    block.extend(quote!(#[allow()]));
    brace.surround(&mut block, |tokens| tokens.extend(body.clone()));

    let here = at(sig
        .asyncness
        .map_or_else(Span::call_site, |token| token.span));
    let capture = (!arguments.borrows_self).then(|| quote_spanned!(here=> move));
    let block = quote_spanned!(here=> async #capture { #block });
    let output = output.unwrap_or_else(|| quote!(_));
    quote_spanned!(mixed()=> __supervise::typed::<#output, _>(#block))
}

fn never_returns(
    sig: &Signature,
    output: Option<&TokenStream>,
    Arguments { owned, unused, .. }: &Arguments,
) -> TokenStream {
    let here = match &sig.output {
        ReturnType::Default => at(sig.ident.span()),
        ReturnType::Type(arrow, ty) => {
            let first = ty.to_token_stream().into_iter().next();
            at(first.map_or(arrow.spans[0], |token| token.span()))
        }
    };
    // An owned argument that is never read has a lint of its own, which would
    // say "captured": it is read here, in its turn, and reported as a variable.
    let unused = (!unused.is_empty()).then(|| {
        quote_spanned! {here=>
            #(let _ = &#owned;)*
            #(let #unused = ();)*
        }
    });
    let value = output.map(|output| quote_spanned!(here=> let value: #output = loop {};));
    let returns = output.map(|_| quote_spanned!(here=> return value;));
    quote_spanned! {here=>
        #[allow(
            unreachable_code,
            clippy::diverging_sub_expression,
            clippy::empty_loop,
            clippy::let_unit_value,
            clippy::needless_return,
            clippy::unreachable,
            clippy::used_underscore_binding
        )]
        if false {
            { #unused }
            #value
            #(__supervise::own(#owned);)*
            #returns
        }
    }
}

/// The output as an expression can name it, if one can.
fn output(sig: &Signature) -> Option<TokenStream> {
    match &sig.output {
        ReturnType::Default => Some(quote!(())),
        ReturnType::Type(_, ty) if names_impl(ty) => None,
        ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)) => {
            Some(quote_spanned!(mixed()=> <fn() -> ! as __supervise::Output>::Of))
        }
        ReturnType::Type(_, ty) => Some(ty.to_token_stream()),
    }
}
