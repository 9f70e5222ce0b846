//! The texts of others, cut where they are kept or told: nobody but them knows
//! how long they are.

use std::borrow::Cow;

/// How many bytes of a message are told. A line of the log with it stays below
/// the 16 KiB at which container runtimes break lines in two.
pub(crate) const MESSAGE: usize = 4 * 1024;

/// How many bytes of a stack are told, of which an endless recursion has
/// thousands of frames; the innermost are the first.
const STACK: usize = 32 * 1024;

/// A message, or the beginning of it with a mark that says how much more there
/// is.
#[inline]
pub(crate) fn of(message: &str) -> Cow<'_, str> {
    of_at_most(MESSAGE, message)
}

/// The same of a stack.
#[inline]
pub(crate) fn of_stack(stack: &str) -> Cow<'_, str> {
    of_at_most(STACK, stack)
}

#[inline]
fn of_at_most(most: usize, text: &str) -> Cow<'_, str> {
    if text.len() <= most {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(cut(most, text))
    }
}

#[cold]
#[inline(never)]
fn cut(most: usize, text: &str) -> String {
    // There is one at 0.
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end));
    let (told, left_out) = text.split_at(end.unwrap_or(0));
    format!("{told}… ({} bytes more)", left_out.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_whole_up_to_the_limit() {
        for length in [0, 1, MESSAGE] {
            let text = "x".repeat(length);
            assert!(matches!(of(&text), Cow::Borrowed(told) if told == text));
        }
    }

    #[test]
    fn a_longer_one_is_cut_with_a_mark_that_says_how_much_more_there_is() {
        let text = "x".repeat(MESSAGE + 1);
        assert_eq!(of(&text), format!("{}… (1 bytes more)", &text[1..]));
        let text = "x".repeat(1 << 20);
        assert!(of(&text).ends_with("x… (1044480 bytes more)"));
        assert!(of_stack(&text).ends_with("x… (1015808 bytes more)"));
    }

    #[test]
    fn it_is_cut_between_two_characters() {
        for shift in 0..4 {
            let text = "x".repeat(shift) + &"🦀".repeat(MESSAGE);
            let told = of(&text);
            let (told, mark) = told.split_once('…').unwrap();
            assert!(text.starts_with(told));
            let left_out = text.len() - told.len();
            assert_eq!(mark, format!(" ({left_out} bytes more)"));
            assert!((MESSAGE - 3..=MESSAGE).contains(&told.len()), "{told}");
        }
    }
}
