//! What uses the arguments besides the body.

use proc_macro2::TokenStream;
use quote::quote;

use crate::function::Function;
use crate::words::mentions;

pub struct Elsewhere {
    /// The option `policy`.
    policy: TokenStream,
    /// Attributes that have still to see the function.
    macros: TokenStream,
}

impl Elsewhere {
    pub fn of(policy: Option<TokenStream>, function: &Function) -> Self {
        let macros = function.other_macros();
        Self {
            policy: policy.unwrap_or_default(),
            macros: quote!(#(#macros)*),
        }
    }

    /// Whether something may use the argument.
    pub fn may_use(&self, name: &str) -> bool {
        !self.macros.is_empty() || mentions(self.policy.clone(), name)
    }

    /// Whether something calls it by its name.
    pub fn names(&self, name: &str) -> bool {
        mentions(self.policy.clone(), name) || mentions(self.macros.clone(), name)
    }
}
