//! Whatever stands in an attribute and under it, the macro answers: with code,
//! or with errors and the item as it was.
//!
//! A panic would hide the compiler's own, better message, and an item that is
//! gone takes everything with it that names it.

mod tokens;

use std::panic::catch_unwind;

use fastrand::Rng;
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::expand;
use tokens::{arbitrary, mutated};

const CASES: usize = 20_000;

/// Attributes that are right, as far as each goes with the item.
const OPTIONS: [&str; 19] = [
    "",
    r#"name = "cleanup""#,
    "restart = true",
    r#"restart = "on_panic", backoff = "1s..1m""#,
    r#"name = "n", restart = "always", backoff = "5s","#,
    r#"restart = "never""#,
    r#"restart = true, backoff = "0s""#,
    "restart = true, give_up_if = Error::is_fatal",
    "restart = true, give_up_if = crate::gone::<u8>",
    r#"on_give_up = "panic""#,
    r#"restart = true, on_give_up = "return""#,
    "crate = crate::reexports::supervise",
    r#"crate = ::supervise, name = "n", restart = true"#,
    r#"max_restarts = "5 in 10m", timeout = "1s", every = "1m", critical = true"#,
    r#"restart = true, max_restarts = 5, healthy_after = "1m 30s""#,
    r#"policy = self.config.cleanup, every = "1h""#,
    "policy = { let p = Policy::new(); if x { p } else { y? } }, critical = false",
    "blocking",
    r#"restart = true, blocking, backoff = "1s", max_restarts = 3"#,
];

/// Functions that are right, and things that are none.
const ITEMS: [&str; 34] = [
    "async fn f() {}",
    "#[doc = \"text\"] pub(crate) async fn f(n: u8) -> u8 { n + 1 }",
    "async fn f(&self, text: &str, out: &mut Vec<u8>) -> Result<u8, Box<dyn Error>> { Ok(text.parse()?) }",
    "async fn f<'a, T, const N: usize>(&'a mut self, [a, ..]: [T; N], (b, _): (u8, T)) -> Option<u8> where T: Clone { None }",
    "pub async fn f(mut self, &x: &u8, Point { mut x, y }: Point) -> impl Display { 7 }",
    "async fn f(self: Arc<Self>, show: impl Fn(&T) -> String + Clone) -> ! { loop {} }",
    "async fn f(self: &Arc<Self>, r#type: Box<[u8; { 3 }]>, _: ()) { #![allow(unused)] todo!(\"{type}\") }",
    "async fn f(mut self: Box<Self>, ref mut a: u8, b @ 0..=9: u8) -> <Self as Trait>::Out { a + b }",
    "async fn r#loop(#[cfg(unix)] a: u8, #[allow(unused)] b: fn(u8) -> u8) {}",
    "async fn f(#[keep] jobs: Receiver<Job>, #[keep] mut n: u8) { jobs.recv().await; }",
    "async fn f(#[keepsake] a: u8, #[keep(1)] b: u8) { a + b }",
    "async fn f(#[keep] self, #[keep] job: impl Stream + Unpin) -> u8 { self.next().await }",
    "async fn f(&mut self, a: &mut u8) -> &mut u8 { a }",
    "default async fn f(&self) {}",
    "async unsafe extern \"C\" fn f(n: u8, ...) {}",
    "const fn f() {}",
    "async fn f();",
    "async fn f<T: ?Sized + for<'x> Fn(&'x u8)>(f: &T, Some(x): Option<u8>) where for<'y> &'y T: Copy {}",
    "fn f<'life0, 'async_trait>(&'life0 self, n: u8) -> ::core::pin::Pin<Box<dyn ::core::future::Future<Output = u8> + ::core::marker::Send + 'async_trait>> where 'life0: 'async_trait, Self: 'async_trait { Box::pin(async move { if let ::core::option::Option::Some(__ret) = ::core::option::Option::None::<u8> { return __ret; } let __self = self; let n = n; let __ret: u8 = { n }; __ret }) }",
    "fn f(self: Arc<Self>, n: &mut u8) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> { let m = n; Box::pin(async move { *m += 1; }) }",
    "fn f(&self) -> impl Future<Output = Result<(), E>> + Send { async move { self.g().await?; Ok(()) } }",
    "fn f(#[keep] a: Vec<u8>) -> impl core::future::Future<Output = u8> { let b = a; async move { b.len() } }",
    "fn f() -> impl Iterator<Item = u8> { async move {} }",
    "fn f() { }",
    "fn f(&mut self, mut n: u8, out: &mut Vec<u8>, #[keep] jobs: Receiver<Job>) -> Result<u8, E> { n += 1; Ok(n) }",
    "pub fn f(self: Arc<Self>, (a, b): (u8, u8)) -> impl Iterator<Item = u8> { #![allow(unused)] once(a + b) }",
    "fn f() -> ! { loop {} }",
    "struct S { a: u8 }",
    "impl S { async fn f(&self) {} }",
    "mod m { pub async fn f() {} }",
    "async { }",
    "|| async move { }",
    "let x = async fn f() {};",
    "",
];

/// How many of the answers were code, and how many were errors.
#[derive(Default)]
struct Tally {
    code: usize,
    errors: usize,
}

#[test]
fn any_attribute_on_any_item_gives_code_or_an_error_and_the_item() {
    let seed = std::env::var("SUPERVISE_SEED").map_or(0, |seed| seed.parse().expect("a number"));
    let mut rng = Rng::with_seed(seed);
    let mut tally = Tally::default();
    for case in 0..CASES {
        let (options, item) = input(&mut rng);
        if let Err(complaint) = check(&options, &item, &mut tally) {
            panic!(
                "{complaint}\n\nSUPERVISE_SEED={seed}, case {case} (⟨…⟩ is a group without delimiters):\n\n\
                 #[supervised({})]\n{}\n",
                flat(&options).join(" "),
                flat(&item).join(" ")
            );
        }
    }
    // Were all of them refused, or none, it would be another test.
    assert!(tally.code > CASES / 50, "only {} were code", tally.code);
    assert!(tally.errors > CASES / 4, "only {} errors", tally.errors);
}

#[test]
fn what_the_cases_begin_with_is_answered_too() {
    for (options, item) in OPTIONS
        .iter()
        .flat_map(|options| ITEMS.iter().map(move |item| (options, item)))
    {
        let complaint = check(&parsed(options), &parsed(item), &mut Tally::default());
        assert_eq!(complaint, Ok(()), "#[supervised({options})]\n{item}");
    }
}

/// Mostly something almost right: what is nothing at all is refused at its
/// first token.
fn input(rng: &mut Rng) -> (TokenStream, TokenStream) {
    let options = match rng.u8(..10) {
        0 => arbitrary(rng, 3),
        1..4 => mutated(seed_of(rng, &OPTIONS), rng),
        _ => seed_of(rng, &OPTIONS),
    };
    let item = match rng.u8(..10) {
        0 => arbitrary(rng, 4),
        1..3 => seed_of(rng, &ITEMS),
        _ => mutated(seed_of(rng, &ITEMS), rng),
    };
    (options, item)
}

fn check(options: &TokenStream, item: &TokenStream, tally: &mut Tally) -> Result<(), String> {
    let answer = catch_unwind(|| expand::supervised(options.clone(), item.clone()))
        .map_err(|_| "the macro panicked")?;
    if refuses(&answer) {
        tally.errors += 1;
        let kept = ends_with(&words(&answer), &words(item));
        return kept.then_some(()).ok_or(format!("lost the item: {answer}"));
    }
    tally.code += 1;
    if is_function(item) && !is_function(&answer) {
        return Err(format!("not a function any more: {answer}"));
    }
    let body = body(item).ok_or("code for something without a body")?;
    let kept = contains(&words(&answer), &words(&body))
        || tail(body).is_some_and(|tail| contains(&words(&answer), &words(&tail)));
    kept.then_some(()).ok_or(format!("lost the body: {answer}"))
}

fn parsed(text: &str) -> TokenStream {
    text.parse().expect("tokens")
}

fn seed_of(rng: &mut Rng, texts: &[&str]) -> TokenStream {
    parsed(rng.choice(texts).expect("some"))
}

/// What follows an attribute has no such word at its top.
fn refuses(answer: &TokenStream) -> bool {
    answer
        .clone()
        .into_iter()
        .any(|token| matches!(token, TokenTree::Ident(word) if word == "compile_error"))
}

/// Free or in an `impl`, which alone may be `default`.
fn is_function(tokens: &TokenStream) -> bool {
    let sig = syn::parse2::<syn::ItemFn>(tokens.clone())
        .map(|function| function.sig)
        .or_else(|_| syn::parse2::<syn::ImplItemFn>(tokens.clone()).map(|method| method.sig));
    sig.is_ok_and(|sig| sig.inputs.iter().all(is_of_this_edition))
}

/// Trait objects without `dyn` still parse (`a: u8 +`), but in arguments only.
fn is_of_this_edition(input: &syn::FnArg) -> bool {
    match input {
        syn::FnArg::Typed(syn::PatType { ty, .. }) => {
            syn::parse2::<syn::Type>(quote::quote!(<#ty as Trait>::Type)).is_ok()
        }
        syn::FnArg::Receiver(_) => true,
    }
}

/// What stands in the last braces, which are the body's. After them there may
/// be groups that have neither delimiters nor anything inside.
fn body(item: &TokenStream) -> Option<TokenStream> {
    let trees: Vec<_> = item.clone().into_iter().collect();
    let last = trees.iter().rfind(|tree| !is_nothing(tree))?;
    match last {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => body(&group.stream()),
        _ => None,
    }
}

/// Whether there is nothing but groups without delimiters.
fn is_nothing(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::None
        && group.stream().into_iter().all(|tree| is_nothing(&tree)))
}

/// What stands in the `async move` block at the end of a plain function's
/// body, boxed or not: the part that runs again.
fn tail(body: TokenStream) -> Option<TokenStream> {
    match body.into_iter().last()? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        TokenTree::Group(group) => tail(group.stream()),
        _ => None,
    }
}

/// The tokens to look for: helper attributes are left out, because the item is
/// given back without what only this macro knows, and inner attributes, because
/// they belong to the function as much as to its body. So is `mut`, which takes
/// the place of `#[keep]`. Groups without delimiters may be opened.
fn words(tokens: &TokenStream) -> Vec<String> {
    let mut all = flat(tokens);
    all.retain(|word| !["⟨", "⟩", "mut"].contains(&word.as_str()));
    let mut words = Vec::new();
    let mut rest = &all[..];
    while let Some((word, after)) = rest.split_first() {
        rest = attribute(rest).unwrap_or_else(|| {
            words.push(word.clone());
            after
        });
    }
    words
}

/// What follows the attribute that `words` begin with, if it may be left out.
fn attribute(words: &[String]) -> Option<&[String]> {
    const MAY_GO: [&[&str]; 3] = [
        &["#", "[", "keep"],
        &["#", "[", "allow", "(", "unused_mut"],
        &["#", "!", "["],
    ];
    let begins_with = |start: &&[&str]| {
        let words = words.iter().take(start.len()).map(String::as_str);
        words.eq(start.iter().copied())
    };
    MAY_GO.iter().find(|start| begins_with(start))?;
    let mut depth = 0_i32;
    let end = words.iter().position(|word| {
        depth += i32::from(word == "[") - i32::from(word == "]");
        word == "]" && depth == 0
    })?;
    words.get(end + 1..)
}

/// All tokens one after another, so that parts can be looked for.
fn flat(tokens: &TokenStream) -> Vec<String> {
    tokens
        .clone()
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("⟨", "⟩"),
                };
                let inside = flat(&group.stream());
                [vec![open.into()], inside, vec![close.into()]].concat()
            }
            token => vec![token.to_string()],
        })
        .collect()
}

fn ends_with(words: &[String], part: &[String]) -> bool {
    words.ends_with(part)
}

fn contains(words: &[String], part: &[String]) -> bool {
    part.is_empty() || words.windows(part.len()).any(|window| window == part)
}
