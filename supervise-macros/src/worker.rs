//! The `static` that a worker is, and the beginning of a call of it.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Signature;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use crate::options::{MaxRestarts, Options, Restart};
use crate::words::{at, mixed};

/// The beginning of a call. The `static` has a scope of its own: items have no hygiene.
pub fn call(options: &Options, sig: &Signature) -> TokenStream {
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
    let settings = settings(options);
    let worker = quote_spanned! {mixed()=>
        static WORKER: __supervise::Worker =
            __supervise::worker(__supervise::Name::#name)#settings;
    };
    let call = if options.policy.is_some() {
        quote_spanned!(mixed()=> __supervise::call_by(&WORKER, #of, __policy))
    } else {
        quote_spanned!(mixed()=> __supervise::call(&WORKER, #of))
    };
    quote_spanned! {mixed()=>
        let mut __call = {
            #worker
            #call
        };
    }
}

/// The value of the option `policy`, outside the scope of the `static`, whose
/// name the expression may mean something else by.
pub fn policy(options: &Options) -> Option<TokenStream> {
    options.policy.as_ref().map(|policy| {
        let (expression, here) = (&policy.value, at(policy.value.span()));
        let expected = quote_spanned!(here=> __supervise::Policy);
        quote_spanned!(mixed()=> let __policy: #expected = #expression;)
    })
}

fn settings(options: &Options) -> TokenStream {
    let mut policy = TokenStream::new();
    let restart = match options.restart() {
        // The default, and that of a policy that the call is given.
        None | Some(Restart::Never) => None,
        Some(Restart::OnPanic) => Some(quote!(OnPanic)),
        Some(Restart::OnFailure) => Some(quote!(OnFailure)),
        Some(Restart::Always) => Some(quote!(Always)),
    };
    if let Some(restart) = restart {
        policy.extend(quote_spanned!(mixed()=> .restart(__supervise::Restart::#restart)));
    }
    if let Some(backoff) = &options.backoff {
        let (first, longest) = (time(backoff.value.first), time(backoff.value.longest));
        policy.extend(quote_spanned! {mixed()=>
            .backoff(__supervise::Backoff::doubling(#first, #longest))
        });
    }
    if let Some(healthy_after) = &options.healthy_after {
        let uptime = time(healthy_after.value);
        policy.extend(quote_spanned!(mixed()=> .healthy_after(#uptime)));
    }
    if let Some(limit) = &options.max_restarts {
        let MaxRestarts { restarts, window } = limit.value;
        let limit = match window.map(time) {
            None => quote_spanned!(mixed()=> since_healthy(#restarts)),
            Some(window) => quote_spanned!(mixed()=> within(#restarts, #window)),
        };
        policy.extend(quote_spanned!(mixed()=> .max_restarts(__supervise::MaxRestarts::#limit)));
    }
    if let Some(timeout) = &options.timeout {
        let timeout = time(timeout.value);
        policy.extend(quote_spanned!(mixed()=> .timeout(#timeout)));
    }
    let mut settings = TokenStream::new();
    if !policy.is_empty() {
        settings.extend(quote_spanned!(mixed()=> .policy(__supervise::Policy::new()#policy)));
    }
    if let Some(every) = &options.every {
        let period = time(every.value);
        settings.extend(quote_spanned!(mixed()=> .every(#period)));
    }
    if options.critical {
        settings.extend(quote_spanned!(mixed()=> .critical(true)));
    }
    settings
}

fn time(time: Duration) -> TokenStream {
    let (secs, nanos) = (time.as_secs(), time.subsec_nanos());
    quote_spanned!(mixed()=> __supervise::Duration::new(#secs, #nanos))
}
