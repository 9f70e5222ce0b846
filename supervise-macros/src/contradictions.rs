//! Options that make no sense beside each other.

use std::time::Duration;

use proc_macro2::Span;
use syn::Error;

use crate::options::{Backoff, MaxRestarts, Options, Restart, Spanned};

pub fn check(options: &Options) -> Vec<Error> {
    let objections = [
        beside_policy(options),
        without_restart(options),
        give_up_if(options),
        every(options),
        healthy_after(options),
        max_restarts(options),
        timeout(options),
    ];
    let objections = objections.into_iter().flatten();
    objections
        .map(|(option, problem)| Error::new(option, problem))
        .collect()
}

type Objection = (Span, String);

/// What the policy says is not said a second time.
fn beside_policy(options: &Options) -> Vec<Objection> {
    if options.policy.is_none() {
        return Vec::new();
    }
    let given = [
        ("restart", span(options.restart.as_ref())),
        ("backoff", span(options.backoff.as_ref())),
        ("healthy_after", span(options.healthy_after.as_ref())),
        ("max_restarts", span(options.max_restarts.as_ref())),
        ("timeout", span(options.timeout.as_ref())),
    ];
    let given = given.into_iter();
    given
        .filter_map(|(name, option)| {
            let problem =
                format!("the policy has a `{name}` already; set it there, or leave one out");
            Some((option?, problem))
        })
        .collect()
}

fn without_restart(options: &Options) -> Vec<Objection> {
    if options.restart() != Some(Restart::Never) {
        return Vec::new();
    }
    let given = [
        ("backoff", "wait for", span(options.backoff.as_ref())),
        (
            "healthy_after",
            "forgive",
            span(options.healthy_after.as_ref()),
        ),
        ("max_restarts", "count", span(options.max_restarts.as_ref())),
    ];
    let given = given.into_iter();
    given
        .filter_map(|(name, what, option)| {
            let problem = format!(
                "without a restart there is nothing to {what}; add `restart = true`, or leave \
                 `{name}` out"
            );
            Some((option?, problem))
        })
        .collect()
}

fn give_up_if(options: &Options) -> Vec<Objection> {
    let Some(give_up_if) = &options.give_up_if else {
        return Vec::new();
    };
    let problem = match options.restart() {
        None | Some(Restart::OnFailure | Restart::Always) => return Vec::new(),
        Some(Restart::OnPanic) => {
            "under `restart = \"on_panic\"` any `Err` ends the worker; write `restart = true`, or \
             leave `give_up_if` out"
        }
        Some(Restart::Never) => {
            "without a restart any `Err` ends the worker; add `restart = true`, or leave \
             `give_up_if` out"
        }
    };
    vec![(give_up_if.option, problem.into())]
}

fn every(options: &Options) -> Vec<Objection> {
    match (&options.every, &options.restart) {
        (Some(_), Some(restart)) if restart.value == Restart::Always => {
            let problem = "with `every` each return is followed by the next tick; leave `restart` \
                           out, or `every`";
            vec![(restart.option, problem.into())]
        }
        _ => Vec::new(),
    }
}

fn healthy_after(options: &Options) -> Vec<Objection> {
    match (&options.healthy_after, &options.timeout) {
        (Some(healthy_after), Some(timeout)) if timeout.value <= healthy_after.value => {
            let problem = format!(
                "no run stays up for {:?}: it is dropped after its `timeout` of {:?}; write a \
                 longer one, or leave `healthy_after` out",
                healthy_after.value, timeout.value
            );
            vec![(healthy_after.option, problem)]
        }
        _ => Vec::new(),
    }
}

/// A limit that the waits alone keep a worker from reaching would let it crash
/// for ever.
fn max_restarts(options: &Options) -> Vec<Objection> {
    let Some(limit) = &options.max_restarts else {
        return Vec::new();
    };
    let backoff = match &options.backoff {
        Some(backoff) => backoff.value,
        None => Backoff::DEFAULT,
    };
    let healthy_after = match &options.healthy_after {
        Some(healthy_after) => healthy_after.value,
        None => backoff.healthy_after(),
    };
    let MaxRestarts { restarts, window } = limit.value;
    // Where a success in between resets the backoff, any limit can be reached.
    let grows = options.every.is_none()
        && matches!(
            options.restart(),
            Some(Restart::OnPanic | Restart::OnFailure)
        );
    match window {
        Some(window) if grows && healthy_after >= window => {
            let least = backoff.least_time(restarts);
            if least > window {
                let problem = format!(
                    "with this backoff {restarts} restarts take {least:?} or more, so the limit is \
                     never reached; write a longer window, or a shorter `backoff`"
                );
                return vec![(limit.option, problem)];
            }
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn timeout(options: &Options) -> Vec<Objection> {
    match (&options.timeout, options.blocking) {
        (Some(timeout), Some(_)) => {
            let problem = "a run on a thread can't be ended from outside; bound the calls that block \
                           it (a read timeout, `recv_timeout`, …), and leave `timeout` out";
            vec![(timeout.option, problem.into())]
        }
        _ => Vec::new(),
    }
}

impl Backoff {
    /// As in the runtime's `Policy`.
    const DEFAULT: Self = Self {
        first: Duration::from_secs(1),
        longest: Duration::from_secs(60),
    };

    /// As in the runtime's `Policy`.
    fn healthy_after(self) -> Duration {
        let (least, most) = (Duration::from_secs(10), Duration::from_secs(600));
        self.longest.saturating_mul(2).clamp(least, most)
    }

    /// How long so many restarts take if each run fails at once and jitter
    /// halves each wait.
    fn least_time(self, restarts: u32) -> Duration {
        let (mut wait, mut total) = (self.first, Duration::ZERO);
        for done in 0..restarts {
            if wait >= self.longest {
                let rest = self.longest.saturating_mul(restarts - done);
                return total.saturating_add(rest) / 2;
            }
            total = total.saturating_add(wait);
            wait = wait.saturating_mul(2);
        }
        total / 2
    }
}

fn span<T>(option: Option<&Spanned<T>>) -> Option<Span> {
    option.map(|option| option.option)
}
