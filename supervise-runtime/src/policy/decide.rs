//! What follows a run.
//!
//! Time is the time since the first run of a call began, and chance is a number
//! that the caller draws: the decision itself has neither.

use std::collections::VecDeque;
use std::time::Duration;

use super::backoff::jittered;
use super::text::from_nanos;
use super::{MaxRestarts, Policy, Reason, Restart};

/// All that decides on what follows a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) policy: Policy,
    /// The period of a periodic worker, of which each run is one tick.
    pub(crate) every: Option<Duration>,
}

/// The end of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    pub(crate) reason: Reason,
    /// Whether a restart is pointless.
    pub(crate) is_final: bool,
    pub(crate) uptime: Duration,
    /// Of use only if the plan asks for it.
    pub(crate) at: Duration,
}

/// What follows a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A new run, after this wait.
    Wait(Duration),
    /// Nothing: the worker is done.
    Done,
    /// Nothing: the worker failed and the policy allows no further restart.
    GiveUp,
}

impl Next {
    pub(crate) fn wait(self) -> Option<Duration> {
        match self {
            Self::Wait(wait) => Some(wait),
            Self::Done | Self::GiveUp => None,
        }
    }
}

/// What the runs before have left behind.
#[derive(Debug, Default)]
pub(crate) struct History {
    failures: u64,
    /// Those among them before the last restart by hand: no later wait grows
    /// from them.
    waited_out: u64,
    /// Those among them after which a restart by hand came before the policy's:
    /// they are not on its account.
    excused: u64,
    /// When the restarts in the present window were granted.
    restarts: VecDeque<Duration>,
}

impl History {
    /// Consecutive failures.
    pub(crate) fn failures(&self) -> u64 {
        self.failures
    }

    /// A run is healthy: how many failures that forgives.
    pub(crate) fn forgive(&mut self) -> u64 {
        (self.waited_out, self.excused) = (0, 0);
        std::mem::take(&mut self.failures)
    }

    /// Somebody ordered a restart: it is not delayed, and neither is what comes
    /// after it for what was before. If it came before one that was granted,
    /// that one was not needed.
    pub(crate) fn restart_by_hand(&mut self, one_was_granted: bool) {
        self.waited_out = self.failures;
        if one_was_granted {
            self.excused += 1;
            self.restarts.pop_back();
        }
    }

    /// Takes in the end of a run and says what follows it; `draw` draws the
    /// jitter's random number.
    #[inline]
    pub(crate) fn after(&mut self, ended: &Ended, plan: &Plan, draw: impl FnOnce() -> u32) -> Next {
        match ended.reason {
            Reason::Finished => {
                self.forgive();
                plan.after_success(ended, draw)
            }
            Reason::Error | Reason::Panic | Reason::Timeout => {
                self.after_failure(ended, plan, draw)
            }
            Reason::Shutdown | Reason::Cancelled => Next::Done,
        }
    }

    #[inline]
    fn after_failure(&mut self, ended: &Ended, plan: &Plan, draw: impl FnOnce() -> u32) -> Next {
        let policy = &plan.policy;
        if ended.uptime >= policy.get_healthy_after() {
            self.forgive();
        }
        self.failures += 1;
        let again = policy.restart.follows(ended.reason) && !ended.is_final;
        if again && self.grant(policy.max_restarts, ended.at) {
            let backoff = policy.wait(self.failures - self.waited_out, draw);
            Next::Wait(
                plan.until_slot(ended)
                    .map_or(backoff, |slot| slot.max(backoff)),
            )
        } else {
            Next::GiveUp
        }
    }

    /// Whether one more restart after a failure is within the limit.
    #[inline]
    fn grant(&mut self, limit: Option<MaxRestarts>, at: Duration) -> bool {
        let Some(limit) = limit else { return true };
        let Some(window) = limit.window() else {
            return self.failures - self.excused <= u64::from(limit.restarts());
        };
        while self
            .restarts
            .front()
            .is_some_and(|&granted| at.saturating_sub(granted) > window)
        {
            self.restarts.pop_front();
        }
        let granted = self.restarts.len() < usize::try_from(limit.restarts()).unwrap_or(usize::MAX);
        if granted {
            self.restarts.push_back(at);
        }
        granted
    }
}

impl Policy {
    #[inline]
    fn wait(&self, failures: u64, draw: impl FnOnce() -> u32) -> Duration {
        let wait = self.backoff.wait(failures);
        if self.jitter && !wait.is_zero() {
            jittered(wait, draw())
        } else {
            wait
        }
    }
}

impl Plan {
    /// Whether there can be more than one run.
    pub(crate) fn runs_again(&self) -> bool {
        self.every.is_some() || self.policy.restart != Restart::Never
    }

    /// Whether a run follows one that finished.
    pub(crate) fn goes_on(&self) -> bool {
        self.every.is_some() || self.policy.restart.follows(Reason::Finished)
    }

    /// Whether it matters when a run ended, and not only how long it was up.
    pub(crate) fn asks_for_the_time(&self) -> bool {
        let limit = self.policy.max_restarts;
        self.every.is_some() || limit.is_some_and(|limit| limit.window().is_some())
    }

    fn after_success(&self, ended: &Ended, draw: impl FnOnce() -> u32) -> Next {
        if let Some(slot) = self.until_slot(ended) {
            Next::Wait(slot)
        } else if self.policy.restart.follows(Reason::Finished) {
            Next::Wait(self.policy.wait(1, draw))
        } else {
            Next::Done
        }
    }

    /// Of a periodic worker, the time from the end of a tick to the next slot:
    /// one that is not over, and that no tick was for.
    #[inline]
    fn until_slot(&self, ended: &Ended) -> Option<Duration> {
        Some(until_slot(self.every?, ended))
    }
}

fn until_slot(every: Duration, ended: &Ended) -> Duration {
    let period = every.as_nanos().max(1);
    let this = ended.at.saturating_sub(ended.uptime).as_nanos() / period;
    let next = ended.at.as_nanos().div_ceil(period).max(this + 1);
    from_nanos(next.saturating_mul(period)).saturating_sub(ended.at)
}

#[cfg(test)]
mod tests;
