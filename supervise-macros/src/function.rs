//! The annotated function: its signature is parsed, its body stays tokens.
//!
//! A body that is not parsed cannot fail to: half-typed code keeps its
//! completions in editors, and the compiler reports its own errors in it. Only
//! where the future is the tail of a plain function has it to be found.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, Error, Path, Result, ReturnType, Signature, Token, Type, Visibility, braced, token,
};

use crate::tail::{self, Tail};

pub struct Function {
    pub attrs: Vec<Attribute>,
    /// `#![…]` at the head of the body.
    pub inner: Vec<Attribute>,
    pub vis: Visibility,
    pub defaultness: Option<Token![default]>,
    pub sig: Signature,
    /// The body with its braces, and its parts.
    pub block: TokenTree,
    pub brace: token::Brace,
    pub body: TokenStream,
    /// Where the future is, if the function is not `async` itself.
    pub tail: Option<Tail>,
}

impl Function {
    /// The type of what a run returns; `None` for `()` that is not written.
    pub fn output(&self) -> Option<&Type> {
        match (&self.tail, &self.sig.output) {
            (Some(_), output) => tail::output(output),
            (None, ReturnType::Default) => None,
            (None, ReturnType::Type(_, ty)) => Some(ty),
        }
    }

    /// Whether there is no future in it: a run is a call.
    pub fn is_blocking(&self) -> bool {
        self.sig.asyncness.is_none() && self.tail.is_none()
    }

    /// The attributes that have still to see the function, and may use what the
    /// body does not.
    pub fn other_macros(&self) -> impl Iterator<Item = &Attribute> {
        const BUILT_IN: [&str; 14] = [
            "allow",
            "cfg",
            "cfg_attr",
            "cold",
            "deny",
            "deprecated",
            "doc",
            "expect",
            "forbid",
            "inline",
            "must_use",
            "no_mangle",
            "track_caller",
            "warn",
        ];
        let is_built_in = |attr: &Attribute| {
            let path = attr.path();
            BUILT_IN.iter().any(|name| path.is_ident(name)) || is_tool(path)
        };
        self.attrs.iter().filter(move |attr| !is_built_in(attr))
    }

    /// The word that errors about what a run is made of belong to.
    pub fn asyncness(&self) -> Span {
        match (&self.tail, &self.sig.asyncness) {
            (Some(tail), _) => tail.asyncness,
            (None, Some(asyncness)) => asyncness.span,
            (None, None) => self.sig.fn_token.span,
        }
    }
}

impl Parse for Function {
    fn parse(input: ParseStream) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
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
        let block = block(&input.fork())?;
        let content;
        let brace = braced!(content in input);
        let inner = content.call(Attribute::parse_inner)?;
        let body = content.parse()?;
        let tail = match sig.asyncness {
            Some(_) => None,
            None => Tail::of(&body),
        };
        Ok(Self {
            attrs,
            inner,
            vis,
            defaultness,
            sig,
            block,
            brace,
            body,
            tail,
        })
    }
}

/// The braces, out of the groups without delimiters that a `macro_rules!`
/// matcher makes around a block.
fn block(input: ParseStream) -> Result<TokenTree> {
    loop {
        if let Some(block) = in_braces(input.parse()?) {
            return Ok(block);
        }
    }
}

fn in_braces(token: TokenTree) -> Option<TokenTree> {
    match &token {
        TokenTree::Group(group) => match group.delimiter() {
            Delimiter::Brace => Some(token),
            Delimiter::None => group.stream().into_iter().find_map(in_braces),
            _ => None,
        },
        _ => None,
    }
}

/// `rustfmt::skip`, `clippy::…`.
fn is_tool(path: &Path) -> bool {
    let tool = path.segments.first().map(|segment| &segment.ident);
    path.segments.len() > 1 && tool.is_some_and(|tool| tool == "rustfmt" || tool == "clippy")
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
