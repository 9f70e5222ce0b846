//! The patterns of arguments.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{Index, Pat, PatIdent, Token};

use crate::words::mixed;

/// The `mut` and the name of an argument that is no pattern.
pub fn plain(pattern: &Pat) -> Option<(Option<Token![mut]>, Ident)> {
    match pattern {
        Pat::Ident(PatIdent {
            by_ref: None,
            subpat: None,
            mutability,
            ident,
            ..
        }) => Some((*mutability, ident.clone())),
        _ => None,
    }
}

/// The pattern that is but a name.
pub fn plain_pattern(ident: Ident, mutability: Option<Token![mut]>) -> Pat {
    Pat::Ident(PatIdent {
        attrs: Vec::new(),
        by_ref: None,
        mutability,
        ident,
        subpat: None,
    })
}

/// Whether there is a `ref mut` in it.
pub fn borrows_mutably(pattern: &Pat) -> bool {
    fn in_tokens(tokens: TokenStream) -> bool {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let is = |token: &TokenTree, word| matches!(token, TokenTree::Ident(name) if name == word);
        tokens
            .windows(2)
            .any(|pair| is(&pair[0], "ref") && is(&pair[1], "mut"))
            || tokens.into_iter().any(|token| match token {
                TokenTree::Group(group) => in_tokens(group.stream()),
                _ => false,
            })
    }
    in_tokens(pattern.to_token_stream())
}

pub fn make_mut(mutability: &mut Option<Token![mut]>, here: Span) {
    mutability.get_or_insert(Token![mut](here));
}

/// `slot.0` in the place of `mut name`, and as the user's: there the compiler
/// tells of a first value that is never read.
pub fn first_of(slot: &Ident, mutability: Token![mut], name: &Ident) -> TokenStream {
    let mut slot = Group::new(Delimiter::Parenthesis, slot.to_token_stream());
    slot.set_span(name.span().located_at(mutability.span));
    let field = Index {
        index: 0,
        span: name.span(),
    };
    quote_spanned!(mixed()=> #slot.#field)
}

/// Whether a name says of itself that it is not used.
pub fn is_underscored(name: &Ident) -> bool {
    name.to_string().starts_with('_')
}
