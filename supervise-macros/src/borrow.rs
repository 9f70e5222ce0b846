//! What Rust cannot express of a body that is run again: it would take away,
//! or hand out, what the next run needs.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Error, FnArg, Lifetime, Pat, ReceiverKind, Signature, Type};

use crate::function::Function;
use crate::kinds::is_mutable;

pub fn check(function: &Function) -> Vec<Error> {
    let moved = match function.sig.receiver() {
        // `#[async_trait]` has given `self` a name that can be moved.
        Some(receiver) if is_mutable(receiver) && function.tail.is_none() => {
            moves_self(&function.body)
        }
        _ => None,
    };
    let moved = moved.map(|place| {
        Error::new(
            place,
            "`&mut self` can't be moved, as the next run needs it; begin the body with \
             `let this = &mut *self;` and move that (if another attribute moved it, put \
             `#[supervised]` above that one)",
        )
    });
    moved.into_iter().chain(returned(function)).collect()
}

/// Where `self` itself is moved, as far as that can be told from the tokens:
/// into a `move` block or closure, a `let`, or one of the usual wrappers.
fn moves_self(body: &TokenStream) -> Option<Span> {
    let tokens: Vec<TokenTree> = body.clone().into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        let rest = &tokens[index + 1..];
        let moved = match token {
            TokenTree::Ident(word) if word == "move" => moved_block(rest),
            TokenTree::Ident(word) if word == "let" => moved_let(rest),
            TokenTree::Ident(word) if word == "drop" || word == "Some" || word == "Ok" => {
                moved_argument(rest)
            }
            TokenTree::Group(group) => moves_self(&group.stream()),
            _ => None,
        };
        if moved.is_some() {
            return moved;
        }
    }
    None
}

/// After `move`: a block; or a closure, which goes on to the end of its
/// expression if it has no block.
fn moved_block(rest: &[TokenTree]) -> Option<Span> {
    let is_bar = |token: &TokenTree| matches!(token, TokenTree::Punct(bar) if bar.as_char() == '|');
    let body = if rest.first().is_some_and(is_bar) {
        let end = rest[1..].iter().position(is_bar)?;
        &rest[end + 2..]
    } else {
        rest.get(..1)?
    };
    let is_end = |token: &&TokenTree| match token {
        TokenTree::Punct(punct) => matches!(punct.as_char(), ';' | ','),
        _ => false,
    };
    let is_block = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    let body = match body.iter().position(is_block) {
        Some(0) => &body[..1],
        _ => body,
    };
    find_self(
        &body
            .iter()
            .take_while(|token| !is_end(token))
            .cloned()
            .collect(),
    )
}

/// After `let`: `this = self;`.
fn moved_let(rest: &[TokenTree]) -> Option<Span> {
    let name = rest.iter().position(|token| match token {
        TokenTree::Ident(word) => word != "mut",
        _ => true,
    })?;
    match &rest[name..] {
        [
            TokenTree::Ident(_),
            TokenTree::Punct(equals),
            TokenTree::Ident(value),
            TokenTree::Punct(end),
            ..,
        ] if equals.as_char() == '=' && value == "self" && end.as_char() == ';' => {
            Some(value.span())
        }
        _ => None,
    }
}

/// After `drop`: `(self)`.
fn moved_argument(rest: &[TokenTree]) -> Option<Span> {
    let TokenTree::Group(arguments) = rest.first()? else {
        return None;
    };
    let mut arguments = arguments.stream().into_iter();
    match (arguments.next(), arguments.next()) {
        (Some(TokenTree::Ident(word)), None) if word == "self" => Some(word.span()),
        _ => None,
    }
}

fn find_self(tokens: &TokenStream) -> Option<Span> {
    tokens.clone().into_iter().find_map(|token| match token {
        TokenTree::Ident(word) if word == "self" => Some(word.span()),
        TokenTree::Group(group) => find_self(&group.stream()),
        _ => None,
    })
}

/// An output that borrows from something `&mut`.
fn returned(function: &Function) -> Option<Error> {
    let output = function.output()?.to_token_stream();
    let (source, lifetime) = mutable_sources(&function.sig)
        .into_iter()
        .find(|(_, lifetime)| match lifetime {
            Some(lifetime) => mentions_lifetime(&output, &lifetime.ident.to_string()),
            None => elides_lifetime(&output) && is_elision_source(&function.sig),
        })?;
    let through = lifetime.map(|lifetime| format!(" by `{lifetime}`"));
    let through = through.unwrap_or_default();
    Some(Error::new_spanned(
        output,
        format!(
            "this borrows from `{source}`{through}, which the next run needs again; return an owned \
             value, or write `restart = false`"
        ),
    ))
}

/// The `&mut` arguments, each with its lifetime if that has a name.
fn mutable_sources(sig: &Signature) -> Vec<(String, Option<Lifetime>)> {
    let source = |input: &FnArg| match input {
        FnArg::Receiver(receiver) if is_mutable(receiver) => {
            let lifetime = match &receiver.kind {
                ReceiverKind::Reference(_, lifetime, _) => lifetime.clone(),
                ReceiverKind::Typed(_, ty) => lifetime_of(ty),
                _ => None,
            };
            Some(("&mut self".to_owned(), lifetime))
        }
        FnArg::Typed(argument) => match &*argument.ty {
            Type::Reference(reference) if reference.mutability.is_some() => {
                let name = match &*argument.pat {
                    Pat::Ident(pattern) => pattern.ident.to_string(),
                    _ => "an argument".to_owned(),
                };
                Some((name, reference.lifetime.clone()))
            }
            _ => None,
        },
        FnArg::Receiver(_) => None,
    };
    sig.inputs.iter().filter_map(source).collect()
}

fn lifetime_of(ty: &Type) -> Option<Lifetime> {
    match ty {
        Type::Reference(reference) => reference.lifetime.clone(),
        _ => None,
    }
}

/// Whether what is elided in the output is the lifetime of a `&mut`: of the
/// receiver, or of the only argument that has one.
fn is_elision_source(sig: &Signature) -> bool {
    match sig.receiver() {
        Some(receiver) => is_mutable(receiver),
        None => {
            sig.inputs
                .iter()
                .filter(|input| has_lifetime(input))
                .count()
                == 1
        }
    }
}

fn has_lifetime(input: &FnArg) -> bool {
    fn in_tokens(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Punct(punct) => matches!(punct.as_char(), '&' | '\''),
            TokenTree::Group(group) => in_tokens(group.stream()),
            _ => false,
        })
    }
    match input {
        FnArg::Typed(argument) => in_tokens(argument.ty.to_token_stream()),
        FnArg::Receiver(_) => true,
    }
}

/// Whether a lifetime is left out in `output`, or written `'_`. What is left
/// out in a `Fn(&T) -> &U` is that function's own.
fn elides_lifetime(output: &TokenStream) -> bool {
    let tokens: Vec<_> = output.clone().into_iter().collect();
    let function = tokens.windows(2).position(|pair| match pair {
        [TokenTree::Ident(name), TokenTree::Group(arguments)] => {
            arguments.delimiter() == Delimiter::Parenthesis
                && ["Fn", "FnMut", "FnOnce", "fn"]
                    .iter()
                    .any(|function| name == function)
        }
        _ => false,
    });
    let tokens = &tokens[..function.unwrap_or(tokens.len())];
    tokens.iter().enumerate().any(|(index, token)| match token {
        TokenTree::Punct(punct) if punct.as_char() == '&' => {
            let next = tokens.get(index + 1);
            !matches!(next, Some(TokenTree::Punct(next)) if next.as_char() == '\'')
        }
        TokenTree::Punct(punct) if punct.as_char() == '\'' => {
            matches!(tokens.get(index + 1), Some(TokenTree::Ident(name)) if name == "_")
        }
        TokenTree::Group(group) => elides_lifetime(&group.stream()),
        _ => false,
    })
}

fn mentions_lifetime(tokens: &TokenStream, name: &str) -> bool {
    let tokens: Vec<_> = tokens.clone().into_iter().collect();
    tokens.iter().enumerate().any(|(index, token)| match token {
        TokenTree::Punct(punct) if punct.as_char() == '\'' => {
            matches!(tokens.get(index + 1), Some(TokenTree::Ident(ident)) if ident == name)
        }
        TokenTree::Group(group) => mentions_lifetime(&group.stream(), name),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::{elides_lifetime, moves_self};

    #[test]
    fn lifetimes_that_are_left_out_are_found() {
        for elided in [
            "&u8",
            "&mut u8",
            "Option<&str>",
            "Iter<'_, u8>",
            "(u8, [&u8; 2])",
        ] {
            assert!(elides_lifetime(&elided.parse().unwrap()), "{elided}");
        }
        for owned in [
            "u8",
            "&'a u8",
            "Box<dyn Fn(&u8) -> &u8>",
            "fn(&str)",
            "impl FnMut(&u8)",
        ] {
            assert!(!elides_lifetime(&owned.parse().unwrap()), "{owned}");
        }
    }

    #[test]
    fn moves_of_self_are_found_and_uses_are_not() {
        for moved in [
            "let this = self;",
            "let mut this = self;",
            "if a { drop(self) }",
            "let job = async move { self.0 += 1 };",
            "spawn(move || { self.run() })",
            "Some(self)",
            "let add = move |n| self.n + n;",
        ] {
            assert!(moves_self(&moved.parse().unwrap()).is_some(), "{moved}");
        }
        for used in [
            "let n = self.n;",
            "let this = &mut *self;",
            "let this: &mut Self = self;",
            "drop(self.x.take())",
            "run(self)",
            "async move { other }",
            "async { self.n }",
            "let add = move |n: u32| n + 1; if add(1) == 2 { self.n += 1; }",
            "run(move || 1, self.n)",
        ] {
            assert!(moves_self(&used.parse().unwrap()).is_none(), "{used}");
        }
    }
}
