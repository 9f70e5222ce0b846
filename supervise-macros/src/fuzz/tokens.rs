//! Tokens by chance, and by accident to good ones.

use fastrand::Rng;
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

/// What the macro or the parser looks for, and some that they do not.
const WORDS: [&str; 50] = [
    "async",
    "fn",
    "self",
    "Self",
    "mut",
    "ref",
    "impl",
    "dyn",
    "const",
    "unsafe",
    "extern",
    "where",
    "for",
    "pub",
    "crate",
    "super",
    "default",
    "move",
    "box",
    "struct",
    "enum",
    "trait",
    "static",
    "type",
    "use",
    "return",
    "await",
    "true",
    "_",
    "name",
    "restart",
    "backoff",
    "give_up_if",
    "on_give_up",
    "every",
    "timeout",
    "max_restarts",
    "healthy_after",
    "critical",
    "policy",
    "blocking",
    "keep",
    "cfg",
    "Box",
    "pin",
    "Pin",
    "Future",
    "Output",
    "value",
    "__self",
];

const LITERALS: [&str; 25] = [
    "0",
    "1u8",
    "0xff",
    "1_000usize",
    "2.5",
    "1e9f64",
    "340282366920938463463374607431768211456",
    "'c'",
    "'\\''",
    "\"\"",
    "\" \"",
    "\"cleanup\"",
    "\"1s..1m\"",
    "\"0s\"",
    "\"5 in 10m\"",
    "\"on_panic\"",
    "\"return\"",
    "\"panic\"",
    "\"C\"",
    "\"99999999999999999999d\"",
    "\"a\"suffix",
    "b'b'",
    "b\"bytes\"",
    "c\"c\"",
    "r#\"raw \"quoted\"\"#",
];

const PUNCTUATION: [char; 21] = [
    '#', '!', '=', ',', ';', ':', '.', '<', '>', '&', '*', '-', '+', '?', '|', '@', '$', '~', '^',
    '%', '/',
];

const DELIMITERS: [Delimiter; 4] = [
    Delimiter::Parenthesis,
    Delimiter::Brace,
    Delimiter::Bracket,
    Delimiter::None,
];

/// Up to eight trees, nested up to `depth` times.
pub fn arbitrary(rng: &mut Rng, depth: usize) -> TokenStream {
    let mut tokens = TokenStream::new();
    for _ in 0..rng.usize(..9) {
        tokens.extend(tree(rng, depth));
    }
    tokens
}

/// A tree; a lifetime is two.
fn tree(rng: &mut Rng, depth: usize) -> Vec<TokenTree> {
    match rng.u8(..if depth == 0 { 8 } else { 11 }) {
        0..4 => vec![word(rng).into()],
        4 => vec![literal(rng).into()],
        5 | 6 => vec![punct(rng).into()],
        7 => {
            let quote = Punct::new('\'', Spacing::Joint);
            vec![quote.into(), Ident::new("a", Span::call_site()).into()]
        }
        _ => {
            let inside = arbitrary(rng, depth - 1);
            vec![Group::new(one(rng, &DELIMITERS), inside).into()]
        }
    }
}

fn word(rng: &mut Rng) -> Ident {
    let word = one(rng, &WORDS);
    // Those that are also words of a path can't be raw.
    let plain = ["self", "Self", "super", "crate", "_"].contains(&word);
    if plain || rng.u8(..8) > 0 {
        Ident::new(word, Span::call_site())
    } else {
        Ident::new_raw(word, Span::call_site())
    }
}

fn literal(rng: &mut Rng) -> Literal {
    one(rng, &LITERALS).parse().expect("a literal")
}

fn punct(rng: &mut Rng) -> Punct {
    let spacing = one(rng, &[Spacing::Alone, Spacing::Joint]);
    Punct::new(one(rng, &PUNCTUATION), spacing)
}

fn one<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())]
}

/// One to three accidents to `tokens`.
pub fn mutated(tokens: TokenStream, rng: &mut Rng) -> TokenStream {
    (0..rng.u8(1..4)).fold(tokens, |tokens, _| accident(rng, tokens))
}

/// Something happens to `tokens`, or in a group of them.
fn accident(rng: &mut Rng, tokens: TokenStream) -> TokenStream {
    let mut trees: Vec<TokenTree> = tokens.into_iter().collect();
    let groups: Vec<usize> = (0..trees.len())
        .filter(|&index| matches!(trees[index], TokenTree::Group(_)))
        .collect();
    match rng.choice(&groups) {
        Some(&index) if rng.u8(..3) > 0 => inside(rng, &mut trees[index]),
        _ => here(rng, &mut trees),
    }
    trees.into_iter().collect()
}

fn inside(rng: &mut Rng, tree: &mut TokenTree) {
    if let TokenTree::Group(group) = tree {
        let stream = accident(rng, group.stream());
        *tree = Group::new(group.delimiter(), stream).into();
    }
}

fn here(rng: &mut Rng, trees: &mut Vec<TokenTree>) {
    let at = rng.usize(..=trees.len());
    if at == trees.len() || rng.u8(..5) == 0 {
        trees.splice(at..at, tree(rng, 2));
        return;
    }
    match rng.u8(..5) {
        0 => drop(trees.remove(at)),
        1 => trees.insert(at, trees[at].clone()),
        2 => {
            let other = rng.usize(..trees.len());
            trees.swap(at, other);
        }
        3 => drop(trees.splice(at..=at, tree(rng, 2))),
        // As a `macro_rules!` matcher would hand it over.
        _ => wrap(rng, trees, at),
    }
}

fn wrap(rng: &mut Rng, trees: &mut Vec<TokenTree>, from: usize) {
    let to = rng.usize(from..trees.len());
    let stream = trees[from..=to].iter().cloned().collect();
    let group = Group::new(one(rng, &DELIMITERS), stream);
    trees.splice(from..=to, [TokenTree::from(group)]);
}
