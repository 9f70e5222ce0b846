//! What is said of options that are not as they should be.

use super::KNOWN;

pub fn example(option: &str) -> &'static str {
    match option {
        "name" => "name = \"cleanup\"",
        "restart" => "restart = true",
        "give_up_if" => "give_up_if = MyError::is_fatal",
        "backoff" => "backoff = \"1s..1m\"",
        "healthy_after" => "healthy_after = \"2m\"",
        "max_restarts" => "max_restarts = \"5 in 10m\"",
        "timeout" => "timeout = \"30s\"",
        "every" => "every = \"5m\"",
        "critical" => "critical = true",
        "on_give_up" => "on_give_up = \"panic\"",
        "policy" => "policy = self.config.cleanup",
        _ => "crate = my_crate::supervise",
    }
}

pub fn expected(option: &str) -> String {
    let kind = match option {
        "name" => "a string",
        "restart" => {
            return "`restart` is `true`, `false`, \"never\", \"on_panic\", \"on_failure\" or \
                    \"always\""
                .into();
        }
        "backoff" => {
            return "`backoff` is a string: \"1s..1m\" (doubling from 1 s to 1 m) or \"5s\"".into();
        }
        "max_restarts" => {
            return "`max_restarts` is a number, `5` (since last healthy), or a string, \
                    \"5 in 10m\" (in any 10 minutes)"
                .into();
        }
        "healthy_after" | "timeout" | "every" => "a duration, in a string",
        "critical" => return "`critical` is `true` or `false`".into(),
        "give_up_if" => "the path of a function of the error",
        "on_give_up" => return "`on_give_up` is \"return\" or \"panic\"".into(),
        "blocking" => {
            return "`blocking` has no value: write the word alone, or leave it out".into();
        }
        "policy" => "an expression of type `supervise::Policy`",
        _ => "the path of `supervise`",
    };
    format!("`{option}` is {kind}: `{}`", example(option))
}

pub fn unknown(name: &str) -> String {
    match nearest(name) {
        Some(known) => format!("unknown option `{name}`; did you mean `{known}`?"),
        None => format!("unknown option `{name}`; the options are {}", list(&KNOWN)),
    }
}

/// The option that may be meant.
pub fn nearest(name: &str) -> Option<&'static str> {
    let nearest = KNOWN.into_iter().min_by_key(|known| distance(name, known));
    nearest.filter(|known| distance(name, known) <= 2)
}

pub fn list(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// How many letters to insert, delete or replace to make `a` of `b`
/// (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
