//! A policy and a period, drawn by chance, and what they mean.

use std::time::Duration;

use fastrand::Rng;
use supervise::{Backoff, MaxRestarts, Policy, Reason, Restart, Worker};

/// Milliseconds: what tokio's timers count in, and with them the whole test.
pub type Millis = u64;

pub const fn millis(millis: Millis) -> Duration {
    Duration::from_millis(millis)
}

/// A policy and a period, in words that the engine does not share.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub restart: Restart,
    pub first_wait: Millis,
    pub longest_wait: Millis,
    pub jitter: bool,
    pub healthy_after: Option<Millis>,
    /// So many, since the last healthy run or in a window.
    pub max_restarts: Option<(u32, Option<Millis>)>,
    pub timeout: Option<Millis>,
    pub every: Option<Millis>,
}

impl Plan {
    pub fn draw(random: &mut Rng) -> Self {
        let first_wait = one(random, &[0, 0, 1, 7, 250, 1_000, 5_000]);
        let window = [None, Some(100), Some(5_000), Some(60_000)];
        Self {
            restart: one(
                random,
                &[
                    Restart::Never,
                    Restart::OnPanic,
                    Restart::OnFailure,
                    Restart::OnFailure,
                    Restart::Always,
                    Restart::Always,
                ],
            ),
            first_wait,
            longest_wait: first_wait * one(random, &[1, 3, 8, 60]),
            jitter: random.bool(),
            healthy_after: one(random, &[None, Some(1), Some(300), Some(20_000)]),
            max_restarts: random
                .bool()
                .then(|| (random.u32(..5), one(random, &window))),
            timeout: one(random, &[None, None, Some(2), Some(900), Some(30_000)]),
            every: one(
                random,
                &[None, None, None, Some(10), Some(1_000), Some(60_000)],
            ),
        }
    }

    pub fn worker(&self, name: &'static str) -> Worker {
        let waits = Backoff::doubling(millis(self.first_wait), millis(self.longest_wait));
        let mut policy = Policy::new()
            .restart(self.restart)
            .backoff(waits)
            .jitter(self.jitter);
        if let Some(uptime) = self.healthy_after {
            policy = policy.healthy_after(millis(uptime));
        }
        if let Some((restarts, window)) = self.max_restarts {
            policy = policy.max_restarts(match window {
                Some(window) => MaxRestarts::within(restarts, millis(window)),
                None => MaxRestarts::since_healthy(restarts),
            });
        }
        if let Some(timeout) = self.timeout {
            policy = policy.timeout(millis(timeout));
        }
        let worker = Worker::new(name).policy(policy);
        match self.every {
            Some(period) => worker.every(millis(period)),
            None => worker,
        }
    }
}

/// The rules of it.
impl Plan {
    pub fn restarts_after(&self, reason: Reason) -> bool {
        match self.restart {
            Restart::OnPanic => matches!(reason, Reason::Panic | Reason::Timeout),
            Restart::OnFailure => reason != Reason::Finished,
            Restart::Always => true,
            _ => false,
        }
    }

    pub fn healthy_after(&self) -> Millis {
        let twice = self.longest_wait * 2;
        self.healthy_after
            .unwrap_or_else(|| twice.clamp(10_000, 600_000))
    }

    /// The shortest and the longest that the wait after so many failures can be.
    pub fn wait(&self, failures: u64) -> (Duration, Duration) {
        let double = |wait: Millis, _| (wait * 2).min(self.longest_wait);
        let wait = millis((1..failures).fold(self.first_wait, double));
        (if self.jitter { wait / 2 } else { wait }, wait)
    }
}

pub fn one<T: Copy>(random: &mut Rng, choices: &[T]) -> T {
    choices[random.usize(..choices.len())]
}
