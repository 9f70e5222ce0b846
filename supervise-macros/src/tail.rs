//! Functions that return a future instead of being `async`: by hand, or
//! because `#[async_trait]` has rewritten them.

use std::iter;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Block, Expr, ExprAsync, ExprCall, GenericArgument, Local, Pat, PathArguments,
    ReturnType, Stmt, Token, Type, TypeParamBound, token,
};

/// The `async move` block at the end of a plain function.
pub struct Tail {
    /// The statements before it.
    pub before: Vec<Stmt>,
    /// `Box::pin`, if it is the argument of that.
    pub pin: Option<Expr>,
    /// The word `async`, where errors about the block belong.
    pub asyncness: Span,
    pub brace: token::Brace,
    /// `#![…]` at the head of the block.
    pub inner: TokenStream,
    pub stmts: Vec<Stmt>,
}

impl Tail {
    /// The tail of a function with this body, if it has one.
    pub fn of(body: &TokenStream) -> Option<Self> {
        let (body, inner) = split_inner(body.clone());
        let mut before = Block::parse_within.parse2(body).ok()?;
        let Some(Stmt::Expr(last, None)) = before.pop() else {
            return None;
        };
        let (pin, block) = match last {
            Expr::Async(block) => (None, block),
            Expr::Call(call) => pinned(call)?,
            _ => return None,
        };
        block.capture?;
        Some(Self {
            before,
            pin,
            asyncness: block.async_token.span,
            brace: block.block.brace_token,
            inner,
            stmts: block.block.stmts,
        })
    }

    pub fn tokens(&self) -> TokenStream {
        self.stmts.iter().map(ToTokens::to_token_stream).collect()
    }

    /// The body of a run. `#[async_trait]` begins it with `let __self = self;`,
    /// where a `self` that outlives the run has to be lent instead, and with
    /// `let mut x = x;`, where what is lent already needs no `mut`.
    pub fn body(&self, lent_self: Option<&TokenStream>, kept: &[Ident]) -> TokenStream {
        let mut stmts = self.stmts.clone();
        for stmt in &mut stmts {
            if let Stmt::Local(local) = stmt {
                lend(local, lent_self, kept);
            }
        }
        let stmts = stmts.iter().map(ToTokens::to_token_stream);
        iter::once(self.inner.clone()).chain(stmts).collect()
    }
}

/// Takes the `#![…]` off the head of the block at the end, where syn knows none.
fn split_inner(body: TokenStream) -> (TokenStream, TokenStream) {
    let mut tokens: Vec<TokenTree> = body.into_iter().collect();
    let mut inner = TokenStream::new();
    if let Some(TokenTree::Group(last)) = tokens.last_mut() {
        let stream = last.stream();
        let split = match last.delimiter() {
            Delimiter::Brace => inner_attributes.parse2(stream.clone()),
            _ => Ok(split_inner(stream.clone())),
        };
        let rest;
        (rest, inner) = split.unwrap_or((stream, inner));
        if !inner.is_empty() {
            let span = last.span();
            *last = Group::new(last.delimiter(), rest);
            last.set_span(span);
        }
    }
    (tokens.into_iter().collect(), inner)
}

fn inner_attributes(input: ParseStream) -> syn::Result<(TokenStream, TokenStream)> {
    let attributes = input.call(Attribute::parse_inner)?;
    Ok((input.parse()?, quote!(#(#attributes)*)))
}

fn pinned(call: ExprCall) -> Option<(Option<Expr>, ExprAsync)> {
    let is_pin = match &*call.func {
        Expr::Path(function) => {
            let mut names = function.path.segments.iter().rev();
            let mut is = |name| names.next().is_some_and(|segment| segment.ident == name);
            is("pin") && is("Box")
        }
        _ => false,
    };
    let mut arguments = call.args.into_iter();
    match (is_pin, arguments.next(), arguments.next()) {
        (true, Some(Expr::Async(block)), None) => Some((Some(*call.func), block)),
        _ => None,
    }
}

fn lend(local: &mut Local, lent_self: Option<&TokenStream>, kept: &[Ident]) {
    let (Pat::Ident(pattern), Some(init)) = (&mut local.pat, &mut local.init) else {
        return;
    };
    let Expr::Path(value) = &*init.expr else {
        return;
    };
    if let (true, Some(lent)) = (value.path.is_ident("self"), lent_self) {
        *init.expr = Expr::Verbatim(lent.clone());
    } else if value.path.is_ident(&pattern.ident) && kept.contains(&pattern.ident) {
        pattern.mutability = None;
    }
}

/// The `T` of `Future<Output = T>` in the return type.
pub fn output(returned: &ReturnType) -> Option<&Type> {
    match returned {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => in_type(ty),
    }
}

fn in_type(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Group(group) => in_type(&group.elem),
        Type::Paren(paren) => in_type(&paren.elem),
        Type::ImplTrait(opaque) => in_bounds(&opaque.bounds),
        Type::TraitObject(object) => in_bounds(&object.bounds),
        Type::Path(path) => in_arguments(&path.path.segments.last()?.arguments),
        _ => None,
    }
}

fn in_bounds(bounds: &Punctuated<TypeParamBound, Token![+]>) -> Option<&Type> {
    bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => in_arguments(&bound.path.segments.last()?.arguments),
        _ => None,
    })
}

fn in_arguments(arguments: &PathArguments) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => in_type(ty),
        GenericArgument::AssocType(assoc) if assoc.ident == "Output" => Some(&assoc.ty),
        _ => None,
    })
}
