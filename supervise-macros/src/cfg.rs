//! Arguments that are there only under a `#[cfg]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Attribute;

/// The conditions under which there is an argument.
#[derive(Clone, Default)]
pub struct Cfg(Vec<TokenStream>);

impl Cfg {
    pub fn of(attrs: &[Attribute]) -> Self {
        let cfgs = attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
        Self(cfgs.filter_map(|attr| attr.parse_args().ok()).collect())
    }

    /// To put before a statement about the argument.
    pub fn attribute(&self) -> Option<TokenStream> {
        let Self(conditions) = self;
        (!conditions.is_empty()).then(|| quote!(#[cfg(all(#(#conditions),*))]))
    }

    /// One statement for each case.
    pub fn choose(&self, there: &TokenStream, not_there: &TokenStream) -> TokenStream {
        let Self(conditions) = self;
        match self.attribute() {
            None => there.clone(),
            Some(if_there) => {
                quote!(#if_there #there #[cfg(not(all(#(#conditions),*)))] #not_there)
            }
        }
    }
}
