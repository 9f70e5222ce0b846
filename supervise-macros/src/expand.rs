//! What the attribute makes of the function.
//!
//! ```text
//! // Input:
//! #[supervised(name = "n", restart = true)]
//! async fn f(&self, x: &X, y: &mut Y, z: Z) -> R { BODY }
//!
//! // Output:
//! async fn f(&self, x: &X, y: &mut Y, z: Z) -> R {
//!     let mut __originals = (z, y);
//!     let mut __call = { static WORKER: Worker = …; call(&WORKER, "") };
//!     loop {
//!         let __lent = AssertUnwindSafe(&mut __originals);
//!         if let Break(__value) = {
//!             Call::begin(&mut __call);
//!             let __body = async move {
//!                 let __lent = __lent;
//!                 let y = &mut *__lent.0.1;
//!                 let z = Z::per_run(&__lent.0.0);
//!                 BODY
//!             };
//!             Call::attempt(&mut __call, __body, …)
//!         }.await { return __value; }
//!     }
//! }
//! ```
//!
//! The names are unlikely ones, and methods are called by path: a `const` of the
//! user's has no hygiene, and a trait of theirs may have a method of any name.
//!
//! With `blocking` the body is a closure, `move || BODY`, and `Call::run` calls it
//! and waits on the thread: there is nothing to await, and the function stays a
//! plain one.
//!
//! Else it stays an `async fn`: its future is `Send` exactly when it was, captures
//! what it captured, and is as large, but for one more copy of the by-value
//! arguments and the state of the call. The copies are made in the body, where a
//! panic is contained like any other; but for that of a `self`, which only the
//! function can bind. The body is built in a scope that ends before the await,
//! or the future would hold it twice.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Error, Type};

use crate::arguments::Arguments;
use crate::check::check;
use crate::elsewhere::Elsewhere;
use crate::function::Function;
use crate::options::{OnGiveUp, Options};
use crate::tail::Tail;
use crate::words::{at, mixed};
use crate::{keep, run, worker};

/// The expansion; on a mistake the errors and the function as it was, so that
/// no second wave of errors follows and editors keep knowing it.
pub fn supervised(options: TokenStream, item: TokenStream) -> TokenStream {
    parse(options, item.clone()).map_or_else(
        |error| {
            let mut tokens = error.into_compile_error();
            tokens.extend(keep::strip(item));
            tokens
        },
        |(options, function)| expand(&options, function),
    )
}

fn parse(options: TokenStream, item: TokenStream) -> syn::Result<(Options, Function)> {
    let (options, mistakes) = Options::parse(options);
    let function = syn::parse2::<Function>(item);
    let objections = function.as_ref().ok().and_then(|function| {
        if mistakes.is_none() {
            return check(&options, function);
        }
        let known = Options {
            blocking: options.blocking,
            ..Options::default()
        };
        check(&known, function)
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
    let call = worker::call(options, &function.sig);
    let policy = worker::policy(options);
    let many = options.runs_again();
    let tail = function.tail.as_ref().map(Tail::tokens);
    let elsewhere = Elsewhere::of(policy.clone(), &function);
    let arguments = Arguments::of(&mut function.sig, tail.as_ref(), &elsewhere, many);
    let body = run::body(&function, &arguments);
    let handed = Handed::of(&function, &arguments);
    let ends = ends(options, &function, handed);
    let runs = if many {
        many_runs(&function, &arguments, handed, &body, &ends)
    } else {
        one_run(&function, &arguments, handed, &body, &ends)
    };
    let once = &arguments.once;
    let krate = match &options.krate {
        None => quote!(::supervise),
        Some(krate) => krate.to_token_stream(),
    };
    let supervise = quote!(use #krate::__private as __supervise;);
    let loops = quote_spanned! {mixed()=>
        #policy
        #once
        #call
        #runs
    };
    let wrapper = match &function.tail {
        None => quote!(#supervise #loops),
        Some(tail) => {
            let (before, pin) = (&tail.before, &tail.pin);
            let here = at(tail.asyncness);
            let mut future = quote_spanned!(here=> async move);
            // In the user's braces: clippy takes this block for the user's.
            let block = quote!(#supervise #loops);
            tail.brace
                .surround(&mut future, |tokens| tokens.extend(block));
            match pin {
                None => quote!(#(#before)* #future),
                Some(pin) => quote!(#(#before)* #pin(#future)),
            }
        }
    };

    let Function {
        attrs,
        inner,
        vis,
        defaultness,
        sig,
        brace,
        ..
    } = function;
    let mut tokens = quote!(#(#attrs)* #vis #defaultness #sig);
    brace.surround(&mut tokens, |tokens| {
        tokens.extend(quote!(#(#inner)* #wrapper));
    });
    tokens
}

fn one_run(
    function: &Function,
    arguments: &Arguments,
    handed: Handed,
    body: &TokenStream,
    ends: &TokenStream,
) -> TokenStream {
    let lent = &arguments.lent;
    let run = run_and_return(function, &attempt(handed, &handed.body(body), ends));
    quote_spanned! {mixed()=>
        #lent
        #run
        __supervise::never_again();
    }
}

/// A run, after which the function returns unless there is to be another.
fn run_and_return(function: &Function, attempt: &TokenStream) -> TokenStream {
    // The compiler would find the `return` of a `!` unreachable.
    let never_ends = matches!(function.output(), Some(Type::Never(_)));
    let end = if never_ends {
        quote_spanned!(mixed()=> __value)
    } else {
        quote_spanned!(mixed()=> return __value;)
    };
    quote_spanned! {mixed()=>
        if let __supervise::ControlFlow::Break(__value) = #attempt {
            #end
        }
    }
}

fn many_runs(
    function: &Function,
    arguments: &Arguments,
    handed: Handed,
    body: &TokenStream,
    ends: &TokenStream,
) -> TokenStream {
    let body = handed.body(body);
    let body = match &arguments.copied_self {
        None => body,
        Some((this, copy)) => quote_spanned! {mixed()=>
            match __supervise::Call::prepare(&mut __call, || #copy) {
                __supervise::Ok(__copy) => {
                    #this = __copy;
                    #body
                }
                __supervise::Err(__stillborn) => __supervise::Err(__stillborn),
            }
        },
    };
    let lent = &arguments.lent;
    let run = run_and_return(function, &attempt(handed, &body, ends));
    quote_spanned! {mixed()=>
        loop {
            #lent
            #run
        }
    }
}

/// How the runtime is handed the body of a run.
#[derive(Clone, Copy)]
enum Handed {
    /// As the future that it is: a `Result` around it would be one more copy, whose
    /// remains the compiler keeps through each poll.
    Alone,
    /// As what became of it, the copy of `self` in it being made by `Call::prepare`.
    Prepared,
    /// As a closure, to be called here.
    Blocking,
}

impl Handed {
    fn of(function: &Function, arguments: &Arguments) -> Self {
        if function.is_blocking() {
            Self::Blocking
        } else if arguments.copied_self.is_some() {
            Self::Prepared
        } else {
            Self::Alone
        }
    }

    fn body(self, body: &TokenStream) -> TokenStream {
        match self {
            Self::Alone => body.clone(),
            Self::Prepared | Self::Blocking => quote_spanned!(mixed()=> __supervise::Ok(#body)),
        }
    }

    /// The probe for such a body.
    fn probe(self) -> TokenStream {
        match self {
            Self::Alone => quote!(of),
            Self::Prepared => quote!(of_prepared),
            Self::Blocking => quote!(of_call),
        }
    }

    /// The method that takes it.
    fn run(self) -> TokenStream {
        match self {
            Self::Alone => quote!(attempt),
            Self::Prepared => quote!(attempt_prepared),
            Self::Blocking => quote!(run),
        }
    }
}

/// A run of `body`, with what the compiler can find out about its output.
fn attempt(handed: Handed, body: &TokenStream, ends: &TokenStream) -> TokenStream {
    let of = handed.probe();
    let awaited = match handed {
        Handed::Blocking => None,
        Handed::Alone | Handed::Prepared => Some(quote_spanned!(mixed()=> .await)),
    };
    let begin = match handed {
        Handed::Alone => Some(quote_spanned!(mixed()=> __supervise::Call::begin(&mut __call);)),
        Handed::Prepared | Handed::Blocking => None,
    };
    quote_spanned! {mixed()=> {
        use __supervise::{
            EndsHeld as _, EndsResumed as _, ViaDebug as _, ViaDisplay as _, ViaError as _,
            ViaLocalError as _, ViaSendError as _, ViaSuccess as _, ViaType as _,
        };
        #begin
        let __body = #body;
        let __probe = __supervise::Probe::#of(&__body);
        let __judge = (&&&&&&&__probe).supervise_judge();
        #ends
    } #awaited}
}

/// How an end is judged, and what the caller gets of a last panic.
fn ends(options: &Options, function: &Function, handed: Handed) -> TokenStream {
    let judge = options.give_up_if.as_ref().map(|give_up_if| {
        let (option, is_final) = (at(give_up_if.option), &give_up_if.value);
        quote_spanned! {option=>
            use __supervise::{GivesUpIf as _, NeverGivesUpIf as _};
            let __judge = (&&__probe).supervise_give_up_if(__judge, #is_final);
        }
    });
    let here = || {
        let first = function.output().into_token_stream().into_iter().next();
        at(first.map_or_else(Span::call_site, |token| token.span()))
    };
    let tick = options.every.as_ref().map(|_| {
        let here = here();
        quote_spanned!(here=> __supervise::must_tick(&__probe);)
    });
    let ending = match options.on_give_up {
        None => quote_spanned!(mixed()=> (&&__probe).supervise_ending()),
        Some(OnGiveUp::Panic) => quote_spanned!(mixed()=> __supervise::Resumed),
        Some(OnGiveUp::Return) => {
            let here = here();
            quote_spanned!(here=> __supervise::must_hold(&__probe))
        }
    };
    let run = handed.run();
    quote_spanned! {mixed()=>
        #tick
        #judge
        __supervise::Call::#run(&mut __call, __body, __judge, #ending)
    }
}
