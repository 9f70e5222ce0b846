//! What each run gets of the arguments.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{FnArg, Pat, PatIdent, PatType, Receiver, ReceiverKind, Signature, Token, Type};

/// How the runs get at the arguments; the signature is adapted to it.
///
/// A run owns its arguments as the plain function would, and drops them in the
/// same order, the last one first. Ones with a name are owned by being
/// mentioned, which costs no room in the future. A pattern has to be bound in
/// the body, and so has all that comes after it, to be dropped before it.
#[derive(Default)]
pub struct Arguments {
    /// Before the first run.
    pub once: TokenStream,
    /// One expression for each copied argument: the copy.
    pub copies: Vec<TokenStream>,
    /// The places that the copies go to, in the same order.
    pub places: Vec<TokenStream>,
    /// Declares those places.
    pub declarations: TokenStream,
    /// For each run, before its body: reborrows.
    pub reborrows: TokenStream,
    /// What the body mentions, in the order in which it is to be dropped.
    pub owned: Vec<TokenStream>,
    /// What the body binds, in the order of the parameters.
    pub bindings: TokenStream,
    /// Names that the body never uses.
    pub unused: Vec<Ident>,
    /// Whether the body must borrow `self` instead of owning it: `&mut self`
    /// can be neither copied nor shadowed.
    pub borrows_self: bool,
    binds: bool,
}

impl Arguments {
    /// For one run, which takes the arguments themselves, or for `many`, each
    /// with copies.
    pub fn of(sig: &mut Signature, body: &TokenStream, many: bool) -> Self {
        let mut arguments = Self::default();
        for (index, input) in sig.inputs.iter_mut().enumerate() {
            match input {
                FnArg::Receiver(receiver) if is_owned(receiver) => {
                    if many {
                        arguments.copy_receiver(receiver);
                    }
                    arguments.own(receiver.self_token.to_token_stream());
                }
                FnArg::Receiver(receiver) => arguments.borrows_self = many && is_mutable(receiver),
                FnArg::Typed(argument) => arguments.add(argument, index, body, many),
            }
        }
        arguments
    }

    fn copy_receiver(&mut self, receiver: &mut Receiver) {
        let this = receiver.self_token;
        let here = at(this.span);
        // `self` can't be shadowed, but it can be given a new value.
        receiver.mutability.get_or_insert(Token![mut](here));
        self.once
            .extend(quote_spanned!(mixed()=> let __self = #this;));
        let copy = if let ReceiverKind::Typed(_, ty) = &receiver.kind {
            copy(ty, &quote_spanned!(mixed()=> __self), here)
        } else {
            quote_spanned!(here=> <Self as __supervise::PerRun>::per_run(&__self))
        };
        self.copies.push(copy);
        self.places.push(this.to_token_stream());
    }

    fn add(&mut self, argument: &mut PatType, index: usize, body: &TokenStream, many: bool) {
        let (mutability, name) = plain(&argument.pat)
            .unwrap_or_else(|| (None, format_ident!("__arg{index}", span = mixed())));
        let is_pattern = plain(&argument.pat).is_none();
        self.binds |= is_pattern;
        let here = at(name.span());
        // `mut` goes where the variable of the run is made.
        let (outside, inside) = if self.binds {
            (None, mutability)
        } else {
            (mutability, None)
        };
        let reference = reference(&argument.ty);
        if many {
            match reference {
                None => {
                    let original = name.to_token_stream();
                    self.copies.push(copy(&argument.ty, &original, here));
                    self.declarations
                        .extend(quote_spanned!(mixed()=> let #outside #name;));
                    self.places.push(original);
                }
                Some(Mutable(true)) => self
                    .reborrows
                    .extend(quote_spanned!(here=> let #outside #name = &mut *#name;)),
                Some(Mutable(false)) => self
                    .reborrows
                    .extend(outside.map(|_| quote_spanned!(here=> let #outside #name = #name;))),
            }
        }
        let pattern = if many || self.binds {
            std::mem::replace(&mut *argument.pat, plain_pattern(name.clone()))
        } else {
            plain_pattern(name.clone())
        };
        if self.binds {
            self.bindings
                .extend(quote_spanned!(mixed()=> let #inside #name = #name;));
            let pattern = is_pattern.then(|| quote_spanned!(mixed()=> let #pattern = #name;));
            self.bindings.extend(pattern);
        } else if reference != Some(Mutable(false)) {
            self.own(name.to_token_stream());
            let text = name.to_string();
            if !text.starts_with('_') && !mentions(body.clone(), &text) {
                self.unused.push(name);
            }
        }
    }

    /// Parameters are dropped in the reverse of their order.
    fn own(&mut self, name: TokenStream) {
        self.owned.insert(0, name);
    }
}

/// A reference, to something `mut` or not.
#[derive(PartialEq, Eq)]
struct Mutable(bool);

/// What kind of reference `ty` is. Types from a `macro_rules!` matcher come in
/// groups without delimiters.
fn reference(ty: &Type) -> Option<Mutable> {
    match ty {
        Type::Group(group) => reference(&group.elem),
        Type::Paren(paren) => reference(&paren.elem),
        Type::Reference(reference) => Some(Mutable(reference.mutability.is_some())),
        _ => None,
    }
}

fn is_owned(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Value => true,
        ReceiverKind::Typed(_, ty) => reference(ty).is_none(),
        _ => false,
    }
}

fn is_mutable(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
        ReceiverKind::Typed(_, ty) => reference(ty) == Some(Mutable(true)),
        _ => false,
    }
}

/// The `mut` and the name of an argument that is no pattern.
fn plain(pattern: &Pat) -> Option<(Option<Token![mut]>, Ident)> {
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

fn plain_pattern(ident: Ident) -> Pat {
    Pat::Ident(PatIdent {
        attrs: Vec::new(),
        by_ref: None,
        mutability: None,
        ident,
        subpat: None,
    })
}

/// A clone of `original`. The error for a type that has none is to be at the
/// type; one that can't be named has it at the argument.
fn copy(ty: &Type, original: &TokenStream, argument: Span) -> TokenStream {
    if names_impl(ty) {
        return quote_spanned!(argument=> __supervise::PerRun::per_run(&#original));
    }
    let first = ty.to_token_stream().into_iter().next();
    let here = at(first.map_or(argument, |token| token.span()));
    quote_spanned!(here=> <#ty as __supervise::PerRun>::per_run(&#original))
}

/// Whether `ty` has an `impl Trait` in it, which only a signature may.
pub fn names_impl(ty: &Type) -> bool {
    mentions(ty.to_token_stream(), "impl")
}

/// Whether `name` is in `tokens`, as a word or in a format string.
fn mentions(tokens: TokenStream, name: &str) -> bool {
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

/// Names that the user's code can't see.
pub fn mixed() -> Span {
    Span::mixed_site()
}

/// The same, told to be at the user's token.
pub fn at(token: Span) -> Span {
    mixed().located_at(token)
}

/// Several of them as a tuple.
pub fn tuple(parts: &[TokenStream]) -> TokenStream {
    quote!((#(#parts,)*))
}
