//! Levels that the user sets, and what comes with the function.

#![warn(missing_docs)]

use std::future::ready;

use supervise::supervised;

// `allow` and `expect`, above and below the attribute, and in the body.

#[allow(unused_variables)]
#[supervised]
pub async fn allowed_above(text: String, (first, second): (u8, String)) {
    ready(()).await;
}

#[supervised]
#[allow(unused_variables, unused_mut, unused_assignments)]
pub async fn allowed_below(mut text: String, mut number: u8) {
    let local = 1;
    number = 1;
    ready(()).await;
}

#[supervised]
pub async fn allowed_inside(text: &str) {
    #![allow(unused_variables)]
    let local = 1;
    ready(()).await;
}

#[supervised]
pub async fn expected_inside(text: &str) {
    #![expect(unused_variables)]
    let local = 1;
    ready(()).await;
}

#[supervised]
pub async fn allowed_at_the_argument(#[allow(unused_variables)] text: String, other: String) {
    ready(()).await;
}

#[supervised]
pub async fn allowed_at_the_reference(#[allow(unused_variables)] text: &str, other: &str) {
    ready(()).await;
}

#[supervised]
pub async fn allowed_at_the_pattern(#[allow(unused_variables)] (a, b): (u8, u8), (c, d): (u8, u8)) {
    ready(()).await;
}

#[supervised]
pub async fn allowed_mut_at_the_argument(#[allow(unused_mut)] mut text: String) -> usize {
    ready(text.len()).await
}

#[supervised]
pub async fn allowed_at_the_statement() {
    #[allow(unused_variables)]
    let local = 1;
    let other = 2;
    ready(()).await;
}

#[expect(unused_variables)]
#[supervised]
pub async fn expected_above(text: String) {
    ready(()).await;
}

#[supervised]
#[expect(unused_variables, reason = "never read")]
pub async fn expected_below(text: String, (first, second): (u8, u8)) {
    ready(()).await;
}

#[supervised]
#[expect(unused_mut)]
pub async fn expected_mut(mut text: String) -> usize {
    ready(text.len()).await
}

#[supervised]
#[expect(unused_variables)]
pub async fn expected_in_vain(text: String) -> usize {
    ready(text.len()).await
}

#[supervised]
#[expect(unused_mut)]
pub async fn expected_mut_in_vain(mut text: String) -> usize {
    text.push('!');
    ready(text.len()).await
}

#[supervised]
#[expect(unreachable_code)]
pub async fn expected_unreachable() {
    return;
    println!("never");
}

#[supervised]
#[expect(unreachable_code)]
pub async fn expected_unreachable_in_vain() -> u8 {
    ready(1).await
}

#[supervised]
#[expect(dead_code)]
async fn expected_dead() {}

#[supervised]
#[expect(dead_code)]
pub async fn expected_dead_in_vain() {}

#[supervised]
#[expect(clippy::unused_async)]
pub async fn expected_unused_async() {}

#[supervised]
#[expect(clippy::needless_pass_by_value)]
pub async fn expected_pass_by_value(text: String) -> usize {
    ready(text.len()).await
}

#[supervised]
#[expect(clippy::too_many_arguments)]
pub async fn expected_many(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) -> u8 {
    ready(a + b + c + d + e + f + g + h).await
}

#[supervised]
#[expect(clippy::empty_loop, clippy::let_unit_value, clippy::needless_return)]
#[expect(clippy::diverging_sub_expression, clippy::unreachable, unused_braces)]
#[expect(clippy::used_underscore_binding)]
pub async fn expected_of_the_expansion_in_vain(text: String) -> usize {
    ready(text.len()).await
}

#[supervised]
pub async fn expected_at_the_statement() {
    #[expect(unused_variables)]
    let local = 1;
    #[expect(unused_variables)]
    let other = ready(2).await;
}

#[supervised]
pub async fn expected_at_the_argument(#[expect(unused_variables)] text: String) {
    ready(()).await;
}

#[deny(unused_variables)]
#[supervised]
#[warn(unused_variables)]
pub async fn lowered_below(text: String) {
    ready(()).await;
}

// Documentation.

#[supervised]
pub async fn undocumented() {
    ready(()).await;
}

/// With a [broken] link, and no `# Errors`.
#[supervised]
pub async fn documented(text: &str) -> Result<u8, std::num::ParseIntError> {
    ready(text.parse()).await
}

#[supervised]
/// No `# Panics`, camelCase outside code.
pub async fn documented_below(text: &str) -> u8 {
    ready(()).await;
    text.parse().unwrap()
}

#[supervised]
pub async fn documented_inside() {
    //! Inside.
    ready(()).await;
}

// Other attributes.

#[deprecated = "too old"]
#[supervised]
pub async fn deprecated_above() {
    ready(()).await;
}

#[supervised]
#[deprecated(since = "1.0.0", note = "too old")]
pub async fn deprecated_below(text: String) {
    deprecated_above().await;
    ready(()).await;
}

#[supervised]
pub async fn calls_deprecated() {
    deprecated_above().await;
    deprecated_below(String::new()).await;
}

#[inline]
#[supervised]
#[cold]
pub async fn inlined() {
    ready(()).await;
}

#[supervised]
#[inline(always)]
pub async fn always_inlined() {
    ready(()).await;
}

#[supervised]
#[track_caller]
pub async fn tracked() {
    ready(()).await;
}

#[supervised]
#[doc(hidden)]
pub async fn hidden() {
    ready(()).await;
}

#[supervised]
#[cfg(all())]
pub async fn configured(text: String) {
    ready(()).await;
}

#[supervised]
pub async fn configured_argument(#[cfg(all())] text: String, #[cfg(any())] text: u8) -> usize {
    ready(text.len()).await
}

#[supervised]
pub async fn configured_and_unused(#[cfg(all())] text: String, #[cfg(any())] other: u8) {
    ready(()).await;
}

#[cfg(any())]
#[supervised]
pub async fn left_out(text: String) {
    ready(()).await;
}

#[supervised]
#[allow(non_snake_case)]
pub async fn allowedName() {
    ready(()).await;
}

#[supervised]
pub async fn camelName(camelArgument: u8) -> u8 {
    ready(camelArgument).await
}

#[supervised]
pub async fn no_mangle_name(Text: String, (First, second): (u8, u8)) {
    ready(()).await;
}
