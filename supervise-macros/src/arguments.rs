//! What each run gets of the arguments.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, FnArg, PatType, Receiver, ReceiverKind, Signature, Token, Type};

use crate::cfg::Cfg;
use crate::copies::{self, Copies};
use crate::keep;
use crate::kinds::{Mutable, is_mutable, is_owned, is_well_known, reference};
use crate::patterns::{borrows_mutably, make_mut, plain, plain_pattern};
use crate::words::{at, mentions, mixed};

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
    /// What each run gets a copy of.
    pub copies: Copies,
    /// Before each run: reborrows, and the loan of what is kept.
    pub lent: TokenStream,
    /// The names of what is kept.
    pub kept: Vec<Ident>,
    /// What the body mentions, in the order in which it is to be dropped.
    pub owned: Vec<Named>,
    /// What the body binds, in the order of the parameters.
    pub bindings: TokenStream,
    /// What the body never uses, with the lint levels of the argument.
    pub unused: Vec<Named>,
    /// How the body borrows `self`, if it can't own it: a `&mut self` can be
    /// neither copied nor shadowed.
    pub borrowed_self: Option<TokenStream>,
    binds: bool,
}

/// A name that may be there only under a `#[cfg]`.
pub struct Named {
    cfg: Cfg,
    levels: Vec<Attribute>,
    name: TokenStream,
}

/// An argument as it is written.
struct Argument {
    cfg: Cfg,
    kept: bool,
    mutability: Option<Token![mut]>,
    /// Made up, if it is a pattern.
    name: Ident,
    is_pattern: bool,
    reference: Option<Mutable>,
}

impl Argument {
    /// Reads the parameter, and takes `#[keep]` off it.
    fn of(parameter: &mut PatType, index: usize) -> Self {
        let named = plain(&parameter.pat);
        let is_pattern = named.is_none();
        let (mutability, name) =
            named.unwrap_or_else(|| (None, format_ident!("__arg{index}", span = mixed())));
        Self {
            cfg: Cfg::of(&parameter.attrs),
            kept: keep::take(&mut parameter.attrs),
            mutability,
            name,
            is_pattern,
            reference: reference(&parameter.ty),
        }
    }

    fn may_be_unused(&self) -> bool {
        self.name.to_string().starts_with('_')
    }
}

impl Arguments {
    /// For one run, which takes the arguments themselves, or for `many`, each
    /// with copies.
    pub fn of(sig: &mut Signature, body: &TokenStream, many: bool) -> Self {
        let mut arguments = Self::default();
        for (index, input) in sig.inputs.iter_mut().enumerate() {
            match input {
                FnArg::Receiver(receiver) => arguments.add_receiver(receiver, many),
                FnArg::Typed(argument) => arguments.add(argument, index, body, many),
            }
        }
        arguments
    }

    fn add_receiver(&mut self, receiver: &mut Receiver, many: bool) {
        let this = receiver.self_token;
        let kept = keep::take(&mut receiver.attrs);
        if kept {
            make_mut(&mut receiver.mutability, at(this.span));
            self.borrowed_self = Some(quote_spanned!(mixed()=> &mut #this));
        } else if is_owned(receiver) {
            if many {
                self.copy_receiver(receiver);
            }
            self.own(Cfg::default(), this.to_token_stream());
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
        let (cfg, declaration) = (Cfg::default(), TokenStream::new());
        self.copies
            .add(cfg, copy, this.to_token_stream(), declaration);
    }

    fn add(&mut self, parameter: &mut PatType, index: usize, body: &TokenStream, many: bool) {
        let argument = Argument::of(parameter, index);
        let moved = self.has_to_be_moved(&argument, &parameter.ty);
        self.binds |= argument.is_pattern || moved;
        // `mut` goes where the variable of the run is made; what is lent needs
        // none of its own.
        let (outside, inside) = match (argument.kept, self.binds) {
            (true, _) => (None, None),
            (false, true) => (None, argument.mutability),
            (false, false) => (argument.mutability, None),
        };
        let name = &argument.name;
        let pattern = parameter.pat.clone();
        if argument.kept {
            self.kept.push(name.clone());
            *parameter.pat = plain_pattern(name.clone(), Some(Token![mut](at(name.span()))));
        } else if many || self.binds {
            *parameter.pat = plain_pattern(name.clone(), None);
        }
        if argument.kept || many {
            self.hand_out(&argument, outside, parameter, moved);
        } else if moved {
            self.lent
                .extend(quote_spanned!(mixed()=> let #name = __supervise::Moved(#name);));
        }
        if self.binds {
            let if_there = argument.cfg.attribute();
            let levels = levels_of(&parameter.attrs);
            // `ref mut` borrows from what it is taken from.
            let inside = match (argument.reference, borrows_mutably(&pattern)) {
                (None, true) => Some(Token![mut](at(name.span()))),
                _ => inside,
            };
            let underscored = argument.may_be_unused().then(allow_underscores);
            if moved {
                self.bindings
                    .extend(quote_spanned!(mixed()=> #if_there let #name = #name;));
            }
            let value = if moved {
                quote_spanned!(mixed()=> #name.0)
            } else {
                name.to_token_stream()
            };
            self.bindings.extend(
                quote_spanned!(mixed()=> #if_there #(#levels)* #underscored let #inside #name = #value;),
            );
            let taken_apart = quote_spanned!(mixed()=> #if_there #(#levels)* let #pattern = #name;);
            self.bindings
                .extend(argument.is_pattern.then_some(taken_apart));
        } else if argument.kept || argument.reference != Some(Mutable(false)) {
            self.own(argument.cfg.clone(), name.to_token_stream());
            if !argument.may_be_unused() && !mentions(body.clone(), &name.to_string()) {
                let mut levels = levels_of(&parameter.attrs);
                // What the argument is expected to be told of is told here.
                let attrs = std::mem::take(&mut parameter.attrs).into_iter();
                let (expected, others): (Vec<_>, Vec<_>) =
                    attrs.partition(|attr| attr.path().is_ident("expect"));
                levels.extend(expected);
                parameter.attrs = others;
                self.unused.push(Named {
                    levels,
                    name: name.to_token_stream(),
                    cfg: argument.cfg,
                });
            }
        }
    }

    /// Whether the body, which borrows `self`, would borrow the argument as well,
    /// and so need it to be `Sync`: it does of what can be copied. Being moved
    /// takes room in the future, which a well-known type does not need.
    fn has_to_be_moved(&self, argument: &Argument, ty: &Type) -> bool {
        let is_owned = !argument.kept && argument.reference.is_none();
        self.borrowed_self.is_some() && is_owned && !is_well_known(ty)
    }

    /// What a run gets instead of the argument itself.
    fn hand_out(
        &mut self,
        argument: &Argument,
        mutability: Option<Token![mut]>,
        parameter: &PatType,
        moved: bool,
    ) {
        let name = &argument.name;
        let levels = levels_of(&parameter.attrs);
        let here = at(name.span());
        let lent = match argument.reference {
            _ if argument.kept => quote_spanned!(here=> let #name = &mut #name;),
            Some(Mutable(true)) => quote_spanned!(here=> let #mutability #name = &mut *#name;),
            Some(Mutable(false)) if mutability.is_none() => return,
            Some(Mutable(false)) => quote_spanned!(here=> let #mutability #name = #name;),
            None => {
                let mut copy = copies::of(&parameter.ty, &name.to_token_stream(), here);
                if moved {
                    copy = quote_spanned!(mixed()=> __supervise::Moved(#copy));
                }
                let declaration = quote_spanned!(mixed()=> #(#levels)* let #mutability #name;);
                let (cfg, place) = (argument.cfg.clone(), name.to_token_stream());
                self.copies.add(cfg, copy, place, declaration);
                return;
            }
        };
        let if_there = argument.cfg.attribute();
        self.lent.extend(quote!(#if_there #(#levels)* #lent));
    }

    /// Parameters are dropped in the reverse of their order.
    fn own(&mut self, cfg: Cfg, name: TokenStream) {
        let levels = Vec::new();
        self.owned.insert(0, Named { cfg, levels, name });
    }

    /// For a statement that names the arguments, of which some may begin with
    /// `_`: only then, as a crate may forbid to allow anything.
    pub fn allow_underscores(&self) -> Option<TokenStream> {
        let owned = self.owned.iter().map(|named| &named.name);
        owned
            .chain(self.copies.places())
            .any(|name| name.to_string().starts_with('_'))
            .then(allow_underscores)
    }
}

impl Named {
    /// `statement` about it, if it is there.
    pub fn tell(&self, statement: impl FnOnce(&TokenStream) -> TokenStream) -> TokenStream {
        let (if_there, levels) = (self.cfg.attribute(), &self.levels);
        let statement = statement(&self.name);
        quote!(#if_there #(#levels)* #statement)
    }
}

fn allow_underscores() -> TokenStream {
    quote!(#[allow(
        clippy::no_effect_underscore_binding,
        clippy::used_underscore_binding
    )])
}

fn levels_of(attrs: &[Attribute]) -> Vec<Attribute> {
    // An `#[expect]` has to be met wherever it is.
    const LEVELS: [&str; 3] = ["allow", "deny", "warn"];
    let is_level = |attr: &&Attribute| LEVELS.iter().any(|level| attr.path().is_ident(level));
    attrs.iter().filter(is_level).cloned().collect()
}
