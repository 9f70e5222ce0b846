//! The text of a stack: resolved, and cut to the user's part of it.

use std::backtrace::Backtrace;
use std::fmt;

/// The frames between the panic hook and the place that panicked.
const MACHINERY: [&str; 9] = [
    "core::option::Option<",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::panicking::",
    "core::result::Result<",
    "core::result::unwrap_failed",
    "rust_begin_unwind",
    "std::panicking::",
    "std::sys::backtrace::__rust_end_short_backtrace",
];
/// The frames between a body that has a thread and the engine that calls it.
const CATCH: [&str; 5] = [
    "__rust_try",
    "core::ops::function::FnOnce::call_once",
    "core::panic::unwind_safe::AssertUnwindSafe<",
    "std::panic::catch_unwind",
    "std::panicking::",
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

/// The standard library does not promise the format of this text; one that
/// is not as expected is told whole.
fn trim(text: &str) -> String {
    let Some(frames) = frames(text) else {
        return text.trim_end().to_owned();
    };
    let is_machinery = |frame: &&Frame<'_>| frame.is_in(&MACHINERY);
    let above = frames.iter().position(|frame| is_machinery(&frame));
    let below = &frames[above.unwrap_or(0)..];
    let below = &below[below.iter().take_while(is_machinery).count()..];
    let body = below.iter().take_while(|frame| !frame.is_in(&ENGINE));
    let told = match body.count() {
        // Optimised builds may inline the body into the engine.
        0 => below,
        body => &below[..body],
    };
    let caught = told.iter().rev().take_while(|frame| frame.is_in(&CATCH));
    let told = &told[..told.len() - caught.count()];
    let lines = told.iter().enumerate();
    let lines: Vec<_> = lines.map(|(i, frame)| format!("{i}: {frame}")).collect();
    lines.join("\n")
}

struct Frame<'a> {
    function: &'a str,
    place: Option<&'a str>,
}

impl Frame<'_> {
    /// Whether its function is in one of `paths`; that of a method reads
    /// `<module::Type as module::Trait>::method`, and is in both.
    fn is_in(&self, paths: &[&str]) -> bool {
        let function = self.function.trim_start_matches('<');
        let function = function.strip_prefix("__rustc::").unwrap_or(function);
        let of_trait = function.split_once(" as ").map(|(_, name)| name);
        let mut names = [function].into_iter().chain(of_trait);
        names.any(|name| paths.iter().any(|path| name.starts_with(path)))
    }
}

impl fmt::Display for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.function)?;
        match self.place {
            Some(place) => write!(f, "\n   at {place}"),
            None => Ok(()),
        }
    }
}

/// Reads `12: shop::sweep` for a frame, the name alone for one inlined into it,
/// and `at src/shop.rs:41:9` below either.
fn frames(text: &str) -> Option<Vec<Frame<'_>>> {
    let mut frames: Vec<Frame<'_>> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let (Some(place), Some(frame)) = (line.strip_prefix("at "), frames.last_mut()) {
            frame.place = Some(place);
            continue;
        }
        let function = match line.split_once(": ") {
            Some((number, function)) if is_number(number) => function,
            _ if frames.is_empty() => return None,
            _ => line,
        };
        let place = None;
        frames.push(Frame { function, place });
    }
    Some(frames)
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
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
   4: core::option::Option<T>::expect
   5: shop::sweep
             at ./src/shop.rs:41:9
   6: shop::cleanup::{{closure}}
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
    fn what_catches_the_panics_of_a_thread_is_no_frame_of_the_users() {
        let text = "0: core::panicking::panic
1: shop::sweep
2: <core::panic::unwind_safe::AssertUnwindSafe<F> as core::ops::function::FnOnce<()>>::call_once
3: std::panicking::catch_unwind::do_call
4: __rust_try
5: std::panicking::catch_unwind
6: std::panic::catch_unwind
7: supervise::contain::contain";
        assert_eq!(trim(text), "0: shop::sweep");
    }

    #[test]
    fn a_body_inlined_into_the_engine_is_not_cut_away() {
        let text = "0: core::panicking::panic\n1: supervise::attempt::poll\n2: main\n";
        assert_eq!(trim(text), "0: supervise::attempt::poll\n1: main");
    }

    #[test]
    fn a_trait_of_the_engine_is_the_engine_whatever_the_type() {
        let text = "0: core::panicking::panic
1: <shop::Sweep as core::future::future::Future>::poll
2: <core::option::Option<F> as supervise::attempt::Body<T>>::poll";
        let expected = "0: <shop::Sweep as core::future::future::Future>::poll";
        assert_eq!(trim(text), expected);
    }

    #[test]
    fn a_stack_that_begins_at_the_body_is_told_from_there() {
        assert_eq!(trim("0: shop::sweep\n1: supervise::poll"), "0: shop::sweep");
    }

    #[test]
    fn a_text_in_another_format_is_told_whole() {
        let text = "frame shop::sweep\nframe shop::cleanup";
        assert_eq!(trim(text), text);
    }
}
