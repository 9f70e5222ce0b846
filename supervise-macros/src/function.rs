//! The annotated function: its signature is parsed, its body stays tokens.
//!
//! A body that is not parsed cannot fail to: half-typed code keeps its
//! completions in editors, and the compiler reports its own errors in it.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, Result, Signature, Token, Visibility, braced, token};

pub struct Function {
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub defaultness: Option<Token![default]>,
    pub sig: Signature,
    pub brace: token::Brace,
    pub body: TokenStream,
}

impl Parse for Function {
    fn parse(input: ParseStream) -> Result<Self> {
        let mut attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let defaultness = input.parse()?;
        if !begins_fn(input) {
            return Err(Error::new(
                input.span(),
                format!(
                    "`#[supervised]` goes on an `async fn`, not on {}",
                    kind(input)
                ),
            ));
        }
        let sig: Signature = input.parse()?;
        if input.peek(Token![;]) {
            return Err(Error::new(
                sig.ident.span(),
                "`#[supervised]` needs a body to run; put it on the method in the `impl`",
            ));
        }
        let content;
        let brace = braced!(content in input);
        attrs.extend(content.call(Attribute::parse_inner)?);
        Ok(Self {
            attrs,
            vis,
            defaultness,
            sig,
            brace,
            body: content.parse()?,
        })
    }
}

fn begins_fn(input: ParseStream) -> bool {
    // `const` and `unsafe` begin other items, too.
    let ahead = input.fork();
    while ahead.peek(Token![const])
        || ahead.peek(Token![async])
        || ahead.peek(Token![unsafe])
        || ahead.peek(Token![extern])
        || ahead.peek(syn::LitStr)
    {
        let _ = ahead.parse::<TokenTree>();
    }
    ahead.peek(Token![fn])
}

/// What is there instead of a function, in the words of the source.
fn kind(input: ParseStream) -> String {
    match input.fork().parse::<TokenTree>() {
        Ok(TokenTree::Ident(word)) => match word.to_string().as_str() {
            "impl" => "an `impl`: put it on the methods".into(),
            "enum" => "an `enum`".into(),
            word => format!("a `{word}`"),
        },
        _ => "this".into(),
    }
}
