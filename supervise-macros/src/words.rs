//! Small questions about tokens, and spans for new ones.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;

/// Names that the user's code can't see.
pub fn mixed() -> Span {
    Span::mixed_site()
}

/// The same, told to be at the user's token.
pub fn at(token: Span) -> Span {
    mixed().located_at(token)
}

/// Whether `ty` has an `impl Trait` in it, which only a signature may.
pub fn names_impl(ty: &Type) -> bool {
    mentions(ty.to_token_stream(), "impl")
}

/// Whether `name` is in `tokens`, as a word or in a format string.
pub fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Literal(literal) => {
            let text = literal.to_string();
            text.starts_with(['"', 'r']) && text.contains(name.trim_start_matches("r#"))
        }
        TokenTree::Punct(_) => false,
    })
}
