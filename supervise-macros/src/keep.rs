//! `#[keep]`: an argument that outlives its runs and is lent to each.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::{Attribute, Error, FnArg, ReceiverKind, Signature};

use crate::kinds::{is_owned, reference};
use crate::patterns::plain;

/// Takes `#[keep]` off an argument; whether it was there.
pub fn take(attrs: &mut Vec<Attribute>) -> bool {
    let before = attrs.len();
    attrs.retain(|attr| !is_keep(attr));
    attrs.len() < before
}

fn is_keep(attr: &Attribute) -> bool {
    attr.path().is_ident("keep")
}

/// What `#[keep]` is no good for.
pub fn check(sig: &Signature) -> Vec<Error> {
    sig.inputs.iter().filter_map(objection).collect()
}

fn objection(input: &FnArg) -> Option<Error> {
    let (attrs, message) = match input {
        FnArg::Receiver(receiver) if is_owned(receiver) => (&receiver.attrs, None),
        FnArg::Receiver(receiver) => {
            let form = match &receiver.kind {
                ReceiverKind::Reference(_, _, Some(_)) => "`&mut self`",
                _ => "`&self`",
            };
            let message = format!("{form} is lent to each run as it is; leave `#[keep]` out");
            (&receiver.attrs, Some(message))
        }
        FnArg::Typed(argument) => {
            let message = if reference(&argument.ty).is_some() {
                Some("a reference is lent to each run as it is; leave `#[keep]` out")
            } else if plain(&argument.pat).is_none() {
                Some("`#[keep]` lends an argument by its name; take it apart in the body")
            } else {
                None
            };
            (&argument.attrs, message.map(str::to_owned))
        }
    };
    let keep = attrs.iter().find(|attr| is_keep(attr))?;
    match (keep.meta.require_path_only(), message) {
        (Err(_), _) => Some(Error::new_spanned(keep, "`#[keep]` takes no options")),
        (Ok(_), Some(message)) => Some(Error::new_spanned(keep, message)),
        (Ok(_), None) => None,
    }
}

/// A function as it was but for `#[keep]`, which only this crate knows: for
/// when there is another mistake in it.
pub fn strip(item: TokenStream) -> TokenStream {
    let strip_group = |token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
            let mut stripped = Group::new(Delimiter::Parenthesis, strip_arguments(group.stream()));
            stripped.set_span(group.span());
            TokenTree::Group(stripped)
        }
        token => token,
    };
    item.into_iter().map(strip_group).collect()
}

/// The body takes what is kept for a `&mut`: in place of `#[keep]` it is `mut`.
fn strip_arguments(arguments: TokenStream) -> TokenStream {
    let mut tokens = arguments.into_iter().peekable();
    let mut stripped = TokenStream::new();
    while let Some(token) = tokens.next() {
        let is_hash = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        if !is_hash || tokens.next_if(is_keep_group).is_none() {
            stripped.extend([token]);
        } else if let Some(TokenTree::Ident(name)) = tokens.peek() {
            let mutable = (name != "mut").then(|| quote!(mut));
            stripped.extend(quote!(#[allow(unused_mut)] #mutable));
        }
    }
    stripped
}

fn is_keep_group(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => {
            let first = group.stream().into_iter().next();
            matches!(first, Some(TokenTree::Ident(name)) if name == "keep")
                && group.delimiter() == Delimiter::Bracket
        }
        _ => false,
    }
}
