//! What each run gets of the arguments.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::{
    Attribute, FnArg, Index, Pat, PatType, Receiver, ReceiverKind, Signature, Token, Type, token,
};

use crate::cfg::Cfg;
use crate::elsewhere::Elsewhere;
use crate::kinds::{Mutable, is_mutable, is_owned, reference};
use crate::patterns::{borrows_mutably, first_of, is_underscored, make_mut, plain, plain_pattern};
use crate::words::{at, mentions, mixed};
use crate::{copies, keep};

/// How the runs get at the arguments; the signature is adapted to it.
///
/// The body binds each by the user's own pattern, in the order of the
/// parameters, as the compiler does for an `async fn`: they are dropped in the
/// same order, and linted word for word. What outlives the runs is in one place,
/// and lent to each as a `&mut`, which unlike a `&` asks for no `Sync`.
#[derive(Default)]
pub struct Arguments {
    /// Before the first run.
    pub once: TokenStream,
    /// Before each run.
    pub lent: TokenStream,
    /// At the head of the body.
    pub bindings: TokenStream,
    /// Mentions what something else uses, if the body does not.
    pub mentioned: TokenStream,
    /// The names of what is kept.
    pub kept: Vec<Ident>,
    /// The `self` that a run owns.
    pub owned_self: Option<token::SelfValue>,
    /// The same, and the copy of it that each run gets.
    pub copied_self: Option<(token::SelfValue, TokenStream)>,
    /// How the body borrows `self`, if it can't own it: a `&mut self` can be
    /// neither copied nor shadowed.
    pub borrowed_self: Option<TokenStream>,
}

/// An argument as it is written.
struct Argument {
    cfg: Cfg,
    /// The lint levels, which go with the pattern.
    levels: Vec<Attribute>,
    kept: bool,
    pattern: Pat,
    /// In the signature.
    name: Ident,
    /// On the way from there to the pattern.
    slot: Ident,
    ty: Type,
    used_elsewhere: bool,
}

impl Arguments {
    /// For one run, which takes the arguments themselves, or for `many`; in an
    /// `async fn`, or in the block at the `tail` of a plain function.
    pub fn of(
        sig: &mut Signature,
        tail: Option<&TokenStream>,
        elsewhere: &Elsewhere,
        many: bool,
    ) -> Self {
        let mut arguments = Self::default();
        let mut lasting = Vec::new();
        for (index, input) in sig.inputs.iter_mut().enumerate() {
            let parameter = match input {
                FnArg::Receiver(receiver) => {
                    arguments.add_receiver(receiver, many);
                    continue;
                }
                FnArg::Typed(parameter) => parameter,
            };
            let kept = keep::take(&mut parameter.attrs);
            if kept || arguments.has_to_be_bound(parameter, tail, many) {
                let argument = Argument::take(parameter, index, kept, elsewhere);
                if kept {
                    arguments.kept.push(argument.name.clone());
                }
                if many {
                    lasting.push(argument);
                } else {
                    arguments.hand_over(&argument, parameter);
                }
            }
        }
        arguments.lend(&lasting);
        arguments
    }

    /// Whether the body has to bind the argument. A reference it captures as soon
    /// as it mentions it, unless that is to be a reborrow; at a tail, where it
    /// captures all that it mentions, the only run is left to that.
    fn has_to_be_bound(&self, parameter: &PatType, tail: Option<&TokenStream>, many: bool) -> bool {
        let named = plain(&parameter.pat);
        let is_reborrowed = |Mutable(mutable)| many && mutable;
        match (tail, named, reference(&parameter.ty)) {
            (_, Some((None, _)), Some(reference)) if !is_reborrowed(reference) => false,
            (None, _, _) => true,
            (Some(body), Some((_, name)), _) if many => mentions(body.clone(), &name.to_string()),
            (Some(_), _, _) => many || self.borrowed_self.is_some(),
        }
    }

    fn add_receiver(&mut self, receiver: &mut Receiver, many: bool) {
        let this = receiver.self_token;
        let kept = keep::take(&mut receiver.attrs);
        if kept {
            make_mut(&mut receiver.mutability, at(this.span));
            self.borrowed_self = Some(quote_spanned!(mixed()=> &mut #this));
        } else if is_owned(receiver) {
            self.owned_self = Some(this);
            if many {
                self.copy_receiver(receiver);
            }
        } else if many && is_mutable(receiver) {
            self.borrowed_self = Some(quote_spanned!(mixed()=> &mut *#this));
        }
    }

    fn copy_receiver(&mut self, receiver: &mut Receiver) {
        let this = receiver.self_token;
        let here = at(this.span);
        // `self` can't be shadowed, but it can be given a new value.
        make_mut(&mut receiver.mutability, here);
        self.once
            .extend(quote_spanned!(mixed()=> let __self = #this;));
        let original = quote_spanned!(mixed()=> __self);
        let copy = if let ReceiverKind::Typed(_, ty) = &receiver.kind {
            copies::of(ty, &original, here)
        } else {
            quote_spanned!(here=> <Self as __supervise::PerRun>::per_run(&#original))
        };
        self.copied_self = Some((this, copy));
    }

    /// Gives the argument itself to the only run.
    fn hand_over(&mut self, argument: &Argument, parameter: &mut PatType) {
        let Argument { cfg, name, .. } = argument;
        let if_there = cfg.attribute();
        let mut value = name.to_token_stream();
        if argument.kept {
            let mutability = Some(Token![mut](at(name.span())));
            *parameter.pat = plain_pattern(name.clone(), mutability);
            self.lent
                .extend(quote_spanned!(mixed()=> #if_there let #name = &mut #name;));
        } else if self.borrowed_self.is_some() && reference(&argument.ty).is_none() {
            self.lent
                .extend(quote_spanned!(mixed()=> #if_there let #name = __supervise::Moved(#name);));
            self.bindings
                .extend(quote_spanned!(mixed()=> #if_there let #name = #name;));
            value = quote_spanned!(mixed()=> #name.0);
        }
        self.bind(argument, &value);
    }

    /// Puts what lasts in one place, the last argument first, as that is the
    /// first to be dropped, and binds what a run gets of it.
    fn lend(&mut self, lasting: &[Argument]) {
        if lasting.is_empty() {
            return;
        }
        let originals = lasting.iter().rev().map(Argument::original);
        self.once
            .extend(quote_spanned!(mixed()=> let mut __originals = (#(#originals,)*);));
        self.lent.extend(quote_spanned! {mixed()=>
            let __lent = ::core::panic::AssertUnwindSafe(&mut __originals);
        });
        self.bindings
            .extend(quote_spanned!(mixed()=> let __lent = __lent;));
        for (index, argument) in lasting.iter().rev().enumerate().rev() {
            let here = at(argument.name.span());
            let mut index = Index::from(index);
            index.span = here;
            let original = quote_spanned!(here=> __lent.0.#index);
            self.bind(argument, &argument.for_a_run(&original));
        }
    }

    /// Binds the value by the user's pattern.
    fn bind(&mut self, argument: &Argument, value: &TokenStream) {
        let Argument {
            cfg,
            levels,
            pattern,
            slot,
            ..
        } = argument;
        let if_there = cfg.attribute();
        if let (true, Some((_, name))) = (argument.used_elsewhere, plain(pattern)) {
            self.mentioned
                .extend(quote_spanned!(mixed()=> #if_there let _ = &#name;));
        }
        let (mut slot_pattern, mut value) = (slot.to_token_stream(), value.clone());
        let mut bound = slot.to_token_stream();
        match plain(pattern) {
            None if borrows_mutably(pattern) && reference(&argument.ty).is_none() => {
                slot_pattern = quote_spanned!(mixed()=> mut #slot);
            }
            // A mere `let _x = __slot` has no effect, clippy says.
            Some((_, name)) if is_underscored(&name) => {
                bound = quote_spanned!(mixed()=> ::core::convert::identity(#slot));
            }
            Some((Some(mutability), name)) => {
                value = quote_spanned!(mixed()=> (#value,));
                bound = first_of(slot, mutability, &name);
            }
            _ => {}
        }
        self.bindings.extend(quote_spanned! {slot.span()=>
            #if_there let #slot_pattern = #value;
            #if_there #(#levels)* let #pattern = #bound;
        });
    }
}

impl Argument {
    /// Leaves the parameter a name and what attributes go with that.
    fn take(parameter: &mut PatType, index: usize, kept: bool, elsewhere: &Elsewhere) -> Self {
        let mut pattern = (*parameter.pat).clone();
        let (name, here) = match plain(&pattern) {
            None => (format_ident!("__arg{index}", span = mixed()), mixed()),
            Some((_, name)) => {
                if kept {
                    // It is lent as a `&mut`, which needs no `mut` of its own.
                    pattern = plain_pattern(name.clone(), None);
                }
                let here = at(name.span());
                (outside(name, elsewhere), here)
            }
        };
        *parameter.pat = plain_pattern(name.clone(), None);
        let (levels, others) = parameter.attrs.drain(..).partition(is_level);
        parameter.attrs = others;
        Self {
            cfg: Cfg::of(&parameter.attrs),
            levels,
            kept,
            pattern,
            used_elsewhere: !is_underscored(&name) && elsewhere.may_use(&name.to_string()),
            name,
            // At the argument: what is told of the first value is told there.
            slot: format_ident!("__slot{index}", span = here),
            ty: (*parameter.ty).clone(),
        }
    }

    /// The argument itself, or a blank in its place: only a block may have a
    /// condition.
    fn original(&self) -> TokenStream {
        let name = &self.name;
        let block = quote_spanned!(mixed()=> { #name });
        let chosen = self.cfg.choose(&block, &quote_spanned!(mixed()=> {}));
        let is_conditional = self.cfg.attribute().is_some();
        if is_conditional {
            quote_spanned!(mixed()=> { #chosen })
        } else {
            name.to_token_stream()
        }
    }

    /// What a run gets of the original.
    fn for_a_run(&self, original: &TokenStream) -> TokenStream {
        let here = at(self.name.span());
        match reference(&self.ty) {
            _ if self.kept => quote_spanned!(here=> &mut #original),
            Some(Mutable(true)) => quote_spanned!(here=> &mut *#original),
            Some(Mutable(false)) => original.clone(),
            None => copies::of(&self.ty, original, here),
        }
    }
}

/// What the signature calls the argument: by its own name, which others may use.
/// But that `_x` is used, if only to be handed on, would be told.
fn outside(mut name: Ident, elsewhere: &Elsewhere) -> Ident {
    let text = name.to_string();
    if is_underscored(&name) && !text.starts_with("__") && !elsewhere.names(&text) {
        name.set_span(at(name.span()));
    }
    name
}

fn is_level(attr: &Attribute) -> bool {
    const LEVELS: [&str; 4] = ["allow", "deny", "expect", "warn"];
    LEVELS.iter().any(|level| attr.path().is_ident(level))
}
