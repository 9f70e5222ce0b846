//! The values of the options, each read from its literal.
//!
//! An error is what to say of the literal, or nothing if it is of the wrong
//! kind: then the option's description is all there is to say.

use std::time::Duration;

use syn::Lit;

use crate::duration::duration;

pub type Read<T> = Result<T, Option<String>>;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    Never,
    OnPanic,
    OnFailure,
    Always,
}

/// The waits before restarts: from the first, doubling, to the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    pub first: Duration,
    pub longest: Duration,
}

/// So many restarts since the worker was last healthy, or in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxRestarts {
    pub restarts: u32,
    pub window: Option<Duration>,
}

/// What the caller gets after a last panic.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OnGiveUp {
    Return,
    Panic,
}

pub fn name(value: &Lit) -> Read<String> {
    let name = text(value)?;
    if name.trim().is_empty() {
        return wrong("a worker needs a name to be found by; write one, or leave `name` out");
    }
    Ok(name)
}

pub fn restart(value: &Lit) -> Read<Restart> {
    if let Lit::Bool(restart) = value {
        return Ok(if restart.value {
            Restart::OnFailure
        } else {
            Restart::Never
        });
    }
    match text(value)?.as_str() {
        "never" => Ok(Restart::Never),
        "on_panic" => Ok(Restart::OnPanic),
        "on_failure" => Ok(Restart::OnFailure),
        "always" => Ok(Restart::Always),
        _ => Err(None),
    }
}

pub fn on_give_up(value: &Lit) -> Read<OnGiveUp> {
    match text(value)?.as_str() {
        "return" => Ok(OnGiveUp::Return),
        "panic" => Ok(OnGiveUp::Panic),
        _ => Err(None),
    }
}

pub fn critical(value: &Lit) -> Read<bool> {
    match value {
        Lit::Bool(critical) => Ok(critical.value),
        _ => Err(None),
    }
}

pub fn backoff(value: &Lit) -> Read<Backoff> {
    read_backoff(&text(value)?).map_err(Some)
}

pub fn max_restarts(value: &Lit) -> Read<MaxRestarts> {
    match value {
        Lit::Int(number) => match number.base10_parse() {
            Ok(restarts) => Ok(MaxRestarts {
                restarts,
                window: None,
            }),
            Err(_) if number.base10_digits().starts_with('-') => Err(None),
            Err(_) => wrong("so many restarts are no limit; leave `max_restarts` out"),
        },
        _ => read_max_restarts(&text(value)?).map_err(Some),
    }
}

pub fn healthy_after(value: &Lit) -> Read<Duration> {
    let problem = "zero would forgive each failure at once; for waits that do not grow write \
                   `backoff = \"5s\"`";
    time(value, problem)
}

pub fn timeout(value: &Lit) -> Read<Duration> {
    time(
        value,
        "no run ends in no time; write a longer one, or leave `timeout` out",
    )
}

pub fn every(value: &Lit) -> Read<Duration> {
    let problem = "a period of no time has no slots; write a longer one, or `restart = \"always\"` \
                   and `backoff`";
    time(value, problem)
}

/// A duration that makes no sense if it is zero.
fn time(value: &Lit, problem_of_zero: &str) -> Read<Duration> {
    let text = text(value)?;
    match duration(&text) {
        None => Err(Some(no_duration(&text))),
        Some(Duration::ZERO) => wrong(problem_of_zero),
        Some(time) => Ok(time),
    }
}

fn text(value: &Lit) -> Read<String> {
    match value {
        Lit::Str(text) => Ok(text.value()),
        _ => Err(None),
    }
}

fn wrong<T>(problem: &str) -> Read<T> {
    Err(Some(problem.into()))
}

fn no_duration(text: &str) -> String {
    format!("\"{text}\" is no duration; write one such as \"500ms\" or \"1m 30s\"")
}

/// `"1s..1m"` or `"5s"`.
fn read_backoff(text: &str) -> Result<Backoff, String> {
    let Some((first, longest)) = text.split_once("..") else {
        let wait = duration(text).ok_or_else(|| {
            format!(
                "\"{text}\" is no backoff; write \"1s..1m\" (doubling from 1 s to 1 m) or \"5s\""
            )
        })?;
        return Ok(Backoff {
            first: wait,
            longest: wait,
        });
    };
    let part = |text: &str| {
        duration(text).ok_or_else(|| format!("\"{text}\" is no duration; write \"1s..1m\""))
    };
    let backoff = Backoff {
        first: part(first)?,
        longest: part(longest)?,
    };
    if backoff.longest < backoff.first {
        return Err("the longest wait is below the first; write the first one first".into());
    }
    if backoff.first.is_zero() && !backoff.longest.is_zero() {
        return Err(
            "a wait of zero never doubles; begin with a longer one, such as \"10ms\"".into(),
        );
    }
    Ok(backoff)
}

/// `"5"` or `"5 in 10m"`.
fn read_max_restarts(text: &str) -> Result<MaxRestarts, String> {
    let number = |number: &str| {
        let digits = number.trim();
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = if is_number { digits.parse().ok() } else { None };
        number.ok_or_else(|| {
            format!("\"{text}\" is no limit; write `5` (since last healthy) or \"5 in 10m\"")
        })
    };
    let Some((restarts, window)) = text.split_once(" in ") else {
        let restarts = number(text)?;
        let window = None;
        return Ok(MaxRestarts { restarts, window });
    };
    let restarts = number(restarts)?;
    match duration(window) {
        None => Err(no_duration(window.trim())),
        Some(Duration::ZERO) => {
            Err("nothing happens in no time; write a longer window, such as \"5 in 10m\"".into())
        }
        window => Ok(MaxRestarts { restarts, window }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a configuration file may say is tested with the same table.
    #[test]
    fn texts_are_read_as_the_table_says() {
        let table = include_str!("../../../tests/texts.tsv");
        let mut read = 0;
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let [kind, text, expected] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line:?} has no three columns");
            };
            let found = match kind {
                "duration" => duration(text).map(|it| format!("{it:?}")),
                "backoff" => read_backoff(text)
                    .ok()
                    .map(|it| format!("{:?}..{:?}", it.first, it.longest)),
                "max_restarts" => read_max_restarts(text)
                    .ok()
                    .map(|it| format!("{} in {:?}", it.restarts, it.window)),
                _ => panic!("what is a {kind}?"),
            };
            assert_eq!(found.as_deref().unwrap_or("-"), expected, "{kind} {text:?}");
            read += 1;
        }
        assert!(read > 50);
    }
}
