//! The attribute of crate `supervise-runtime`, which re-exports and documents it.

#![cfg_attr(
    not(test),
    warn(
        clippy::dbg_macro,
        clippy::expect_used,
        clippy::print_stderr,
        clippy::print_stdout,
        clippy::unwrap_used
    )
)]

mod arguments;
mod borrow;
mod cfg;
mod check;
mod contradictions;
mod copies;
mod duration;
mod elsewhere;
mod expand;
mod function;
#[cfg(test)]
mod fuzz;
mod keep;
mod kinds;
mod options;
mod patterns;
mod run;
#[cfg(test)]
mod snapshots;
mod tail;
mod words;
mod worker;

use proc_macro::TokenStream;

/// Documented where it is used from: `supervise::supervised`.
#[proc_macro_attribute]
pub fn supervised(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::supervised(options.into(), item.into()).into()
}
