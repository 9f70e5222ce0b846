//! The text of a stack: resolved, and cut to the user's part of it.

use std::backtrace::Backtrace;

/// The frames between the panic hook and the place that panicked.
const MACHINERY: [&str; 7] = [
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::panicking::",
    "core::result::unwrap_failed",
    "rust_begin_unwind",
    "std::panicking::",
    "std::sys::backtrace::__rust_end_short_backtrace",
];
/// The frames that poll the worker's body.
const ENGINE: [&str; 2] = [
    concat!(env!("CARGO_CRATE_NAME"), "::"),
    "tracing::span::Span::in_scope",
];

/// Resolves `stack`, which takes about 0.1 s the first time in a process, and
/// keeps the frames from the one that panicked to the worker's own.
pub(crate) fn resolve(stack: &Backtrace) -> String {
    trim(&stack.to_string())
}

/// The standard library does not promise the format of this text; where it
/// is not what we expect, nothing is cut.
fn trim(text: &str) -> String {
    let frames = frames(text);
    let is_machinery = |frame: &&String| is_any(frame, &MACHINERY);
    let above = frames
        .iter()
        .position(|frame| is_machinery(&frame))
        .unwrap_or(0);
    let machinery = frames[above..].iter().take_while(is_machinery).count();
    let below = &frames[above + machinery..];
    let body = below
        .iter()
        .take_while(|frame| !is_any(frame, &ENGINE))
        .count();
    // Optimised builds may inline the body into the engine.
    let told = if body == 0 { below } else { &below[..body] };
    let told: String = told
        .iter()
        .enumerate()
        .map(|(i, frame)| numbered(i, frame))
        .collect();
    told.trim_end().to_owned()
}

/// The lines of each frame: its name, and below it its place.
fn frames(text: &str) -> Vec<String> {
    let mut frames: Vec<String> = Vec::new();
    for line in text.split_inclusive('\n') {
        match frames.last_mut() {
            Some(frame) if line.trim_start().starts_with("at ") => frame.push_str(line),
            _ => frames.push(line.to_owned()),
        }
    }
    frames
}

/// The number and the function of a frame: `12: shop::sweep`.
fn parts(frame: &str) -> Option<(&str, &str)> {
    let (number, function) = frame.trim_start().split_once(": ")?;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some((number, function))
}

fn numbered(number: usize, frame: &str) -> String {
    match parts(frame) {
        Some((_, function)) => format!("{number}: {function}"),
        None => frame.to_owned(),
    }
}

/// Whether the function of `frame` is in one of `paths`; that of a method
/// reads `<module::Type as Trait>::method`.
fn is_any(frame: &str, paths: &[&str]) -> bool {
    let function = parts(frame).map_or(frame, |(_, function)| function);
    let function = function.trim_start_matches('<');
    let function = function.strip_prefix("__rustc::").unwrap_or(function);
    paths.iter().any(|path| function.starts_with(path))
}

#[cfg(test)]
mod tests {
    use super::trim;

    const TEXT: &str = "   0: supervise::capture::capture
             at ./src/capture.rs:1:2
   1: std::panicking::panic_with_hook
   2: __rustc::rust_begin_unwind
   3: core::panicking::panic_fmt
             at /rustc/library/core/src/panicking.rs:80:14
   4: shop::sweep
             at ./src/shop.rs:41:9
   5: shop::cleanup::{{closure}}
             at ./src/shop.rs:12:5
   6: <supervise::attempt::Attempt<F,J,E> as core::future::future::Future>::poll::{{closure}}
   7: std::panicking::catch_unwind
   8: supervise::contain::contain
   9: tokio::runtime::task::core::Core<T,S>::poll
";

    #[test]
    fn only_the_users_frames_are_told() {
        let expected = "0: shop::sweep
             at ./src/shop.rs:41:9
1: shop::cleanup::{{closure}}
             at ./src/shop.rs:12:5";
        assert_eq!(trim(TEXT), expected);
    }

    #[test]
    fn a_body_inlined_into_the_engine_is_not_cut_away() {
        let text = "0: core::panicking::panic\n1: supervise::attempt::poll\n2: main\n";
        assert_eq!(trim(text), "0: supervise::attempt::poll\n1: main");
    }

    #[test]
    fn a_text_in_another_format_is_told_whole() {
        let text = "frame shop::sweep\nframe shop::cleanup";
        assert_eq!(trim(text), text);
    }
}
