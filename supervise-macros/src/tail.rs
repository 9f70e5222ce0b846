//! Functions that return a future instead of being `async`: by hand, or
//! because `#[async_trait]` has rewritten them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{
    Block, Expr, ExprAsync, ExprCall, GenericArgument, Local, Pat, PathArguments, ReturnType, Stmt,
    Token, Type, TypeParamBound, token,
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
    pub stmts: Vec<Stmt>,
}

impl Tail {
    /// The tail of a function with this body, if it has one.
    pub fn of(body: &TokenStream) -> Option<Self> {
        let mut before = Block::parse_within.parse2(body.clone()).ok()?;
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
        stmts.iter().map(ToTokens::to_token_stream).collect()
    }
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
