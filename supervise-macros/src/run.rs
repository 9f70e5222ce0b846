//! The body of one run.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{GenericArgument, Lifetime, PathArguments, Type};

use crate::arguments::Arguments;
use crate::function::Function;
use crate::words::{at, mixed};

/// The future of one run, or the closure.
///
/// It begins with a return that is never reached: it tells `?` and `return`
/// their type, and makes the block own `self`, used or not, as the function
/// does. The user's braces around the user's code keep the edition's drop order
/// and the place of type errors; the empty attribute keeps `unused_braces` quiet
/// about them.
pub fn body(function: &Function, arguments: &Arguments) -> TokenStream {
    let output = output(function);
    let mut block = never_returns(function, output.as_ref(), arguments);
    block.extend(arguments.bindings.clone());
    let mentioned = &arguments.mentioned;
    if !mentioned.is_empty() {
        block.extend(quote_spanned!(mixed()=> if false { #mentioned }));
    }
    let mut value = quote!(#[allow()]);
    match &function.tail {
        // As it came: a half-typed body is then told of once, the compiler's
        // second error about it being at the same place as the first.
        None if function.inner.is_empty() => function.block.to_tokens(&mut value),
        None => function
            .brace
            .surround(&mut value, |tokens| tokens.extend(function.body.clone())),
        Some(tail) => {
            let body = tail.body(arguments.borrowed_self.as_ref(), &arguments.kept);
            tail.brace
                .surround(&mut value, |tokens| tokens.extend(body));
        }
    }
    // In a block of this edition, whatever the user's: what the value borrows
    // from is dropped after it.
    let value = quote_spanned!(mixed()=> { #value });
    let ty = function.output().map(ToTokens::to_token_stream);
    block.extend(if ty.is_some_and(may_be_future) {
        // Or clippy finds that a block whose tail is a future lacks an `.await`.
        quote_spanned!(mixed()=> return #value;)
    } else {
        value
    });

    let here = function.asyncness();
    let capture = match arguments.borrowed_self {
        Some(_) => None,
        None => Some(quote_spanned!(here=> move)),
    };
    let output = output.unwrap_or_else(|| quote!(_));
    if function.is_blocking() {
        // Or clippy finds that it should say so.
        let never = match function.output() {
            Some(never @ Type::Never(_)) => Some(quote_spanned!(here=> -> #never)),
            _ => None,
        };
        let closure = quote_spanned!(here=> #capture || #never { #block });
        quote_spanned!(mixed()=> __supervise::typed_call::<#output, _>(#closure))
    } else {
        let block = quote_spanned!(here=> async #capture { #block });
        quote_spanned!(mixed()=> __supervise::typed::<#output, _>(#block))
    }
}

fn never_returns(
    function: &Function,
    output: Option<&TokenStream>,
    arguments: &Arguments,
) -> TokenStream {
    let first = function.output().into_token_stream().into_iter().next();
    let here = at(first.map_or(function.sig.ident.span(), |token| token.span()));
    let borrowed_self = arguments.borrowed_self.iter();
    let owned_self = arguments.owned_self.iter();
    let never = match (output, function.output()) {
        (None, _) | (_, Some(Type::Never(_))) => quote_spanned!(here=> loop {}),
        (Some(output), _) => quote_spanned!(here=> return __supervise::never::<#output>();),
    };
    quote_spanned! {here=>
        if false {
            #(let _ = #borrowed_self;)*
            #(__supervise::own(#owned_self);)*
            #never
        }
    }
}

/// The output as an expression can name it; `None` if the whole of it can't be.
fn output(function: &Function) -> Option<TokenStream> {
    match function.output() {
        None if function.tail.is_some() => None,
        None => Some(quote!(())),
        Some(Type::ImplTrait(_)) => None,
        Some(Type::Never(_)) => {
            Some(quote_spanned!(mixed()=> <fn() -> ! as __supervise::Output>::Of))
        }
        Some(ty) => {
            let mut ty = ty.clone();
            infer(&mut ty);
            Some(ty.to_token_stream())
        }
    }
}

/// Whether a type is called like a future.
fn may_be_future(ty: TokenStream) -> bool {
    ty.into_iter().any(|token| match token {
        TokenTree::Ident(name) => {
            let name = name.to_string();
            name.ends_with("Future") || name.ends_with("JoinHandle")
        }
        TokenTree::Group(group) => may_be_future(group.stream()),
        _ => false,
    })
}

/// Leaves to inference each `impl Trait` in `ty`, which only a signature may name,
/// and each lifetime, which is not to count as named in the body.
fn infer(ty: &mut Type) {
    match ty {
        Type::ImplTrait(_) => *ty = Type::Verbatim(quote!(_)),
        Type::Array(array) => infer(&mut array.elem),
        Type::Group(group) => infer(&mut group.elem),
        Type::Paren(paren) => infer(&mut paren.elem),
        Type::Reference(reference) => {
            reference.lifetime.take_if(|lifetime| is_named(lifetime));
            infer(&mut reference.elem);
        }
        Type::Slice(slice) => infer(&mut slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(infer),
        Type::Path(path) => {
            for segment in &mut path.path.segments {
                if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                    for argument in &mut arguments.args {
                        match argument {
                            GenericArgument::Type(ty) => infer(ty),
                            GenericArgument::Lifetime(lifetime) if is_named(lifetime) => {
                                lifetime.ident = Ident::new("_", lifetime.ident.span());
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
        _ => {}
    }
}

fn is_named(lifetime: &Lifetime) -> bool {
    lifetime.ident != "static"
}
