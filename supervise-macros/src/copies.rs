//! The copies of arguments that each run gets.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Type;

use crate::words::{at, names_impl};

/// A clone of `original`. The error for a type that has none is to be at the
/// type; one that can't be named has it at the argument.
pub fn of(ty: &Type, original: &TokenStream, argument: Span) -> TokenStream {
    if names_impl(ty) {
        return quote_spanned!(argument=> __supervise::PerRun::per_run(&#original));
    }
    let first = ty.to_token_stream().into_iter().next();
    let here = at(first.map_or(argument, |token| token.span()));
    quote_spanned!(here=> <#ty as __supervise::PerRun>::per_run(&#original))
}
