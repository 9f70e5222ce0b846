//! The copies of arguments that each run gets.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Type;

use crate::cfg::Cfg;
use crate::words::{at, mixed, names_impl};

/// All of them. They are made together, in one catch, and then put in place.
#[derive(Default)]
pub struct Copies(Vec<Copied>);

struct Copied {
    cfg: Cfg,
    /// Between its making and its place.
    slot: Ident,
    copy: TokenStream,
    place: TokenStream,
    declaration: TokenStream,
}

impl Copies {
    /// Adds the expression `copy`, which goes to `place`.
    pub fn add(
        &mut self,
        cfg: Cfg,
        copy: TokenStream,
        place: TokenStream,
        declaration: TokenStream,
    ) {
        let slot = format_ident!("__copy{}", self.0.len(), span = mixed());
        self.0.push(Copied {
            cfg,
            slot,
            copy,
            place,
            declaration,
        });
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The variables that they go to.
    pub fn places(&self) -> impl Iterator<Item = &TokenStream> {
        self.0.iter().map(|copied| &copied.place)
    }

    /// Makes them, as a tuple.
    pub fn make(&self) -> TokenStream {
        let made = self.0.iter().map(|copied| {
            let Copied {
                cfg, slot, copy, ..
            } = copied;
            let made = quote_spanned!(mixed()=> let #slot = #copy;);
            let blank = quote_spanned!(mixed()=> let #slot = (););
            cfg.choose(&made, &blank)
        });
        let slots = self.slots();
        quote_spanned!(mixed()=> #(#made)* #slots)
    }

    /// The tuple, taken apart.
    pub fn slots(&self) -> TokenStream {
        let slots = self.0.iter().map(|copied| &copied.slot);
        quote!((#(#slots,)*))
    }

    /// Declares the variables.
    pub fn declare(&self) -> TokenStream {
        let declared = self.0.iter().map(|copied| {
            let Copied {
                cfg, declaration, ..
            } = copied;
            let if_there = cfg.attribute();
            (!declaration.is_empty()).then(|| quote!(#if_there #declaration))
        });
        declared.flatten().collect()
    }

    /// Puts the copies into them.
    pub fn place(&self) -> TokenStream {
        let placed = self.0.iter().map(|copied| {
            let Copied {
                cfg, slot, place, ..
            } = copied;
            let placed = quote_spanned!(mixed()=> #place = #slot;);
            // Only a block may have a condition.
            let block = cfg.attribute().map(|_| quote!({ #placed }));
            let blank = quote_spanned!(mixed()=> let () = #slot;);
            cfg.choose(&block.unwrap_or(placed), &blank)
        });
        placed.collect()
    }
}

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
