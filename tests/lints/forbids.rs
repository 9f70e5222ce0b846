//! A crate that forbids lints which an expansion might want to allow.

#![forbid(
    unsafe_code,
    unused_variables,
    unused_mut,
    unreachable_code,
    dead_code,
    unused_must_use
)]
#![forbid(
    clippy::unreachable,
    clippy::empty_loop,
    clippy::needless_return,
    clippy::shadow_same
)]
#![forbid(
    clippy::used_underscore_binding,
    clippy::let_unit_value,
    clippy::unwrap_used
)]
#![forbid(clippy::diverging_sub_expression, missing_docs)]

use std::future::ready;

use supervise::supervised;

/// Reads.
#[supervised]
pub async fn reads(text: String, out: &mut String) -> usize {
    out.push_str(&text);
    ready(text.len()).await
}

/// Keeps what it is given.
#[supervised]
pub async fn guards(_guard: String, _shared: &str, mut _changed: u8, (_a, _b): (u8, u8), _last: u8) {
    ready(()).await;
}

/// Never ends.
#[supervised]
pub async fn forever() -> ! {
    std::future::pending().await
}

/// Reads on a thread.
#[supervised(blocking)]
pub fn reads_on_a_thread(text: String, out: &mut String, _unused: (u8, u8)) -> usize {
    out.push_str(&text);
    text.len()
}
