//! The patterns of arguments.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Pat, PatIdent, Token};

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
