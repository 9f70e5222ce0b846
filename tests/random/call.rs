//! One call of a worker, as the model sees it.

use std::time::Duration;

use supervise::Reason;

use super::driven::Outcome;
use super::plan::{Millis, millis};

/// When things happen.
#[derive(Clone, Copy)]
pub struct Clock {
    /// On the paused clock.
    pub now: Millis,
    /// In the real world, by which the next start is published: not before the
    /// first, not after the second.
    pub wall: (Duration, Duration),
}

/// One call: a sequence of runs.
pub struct Call {
    pub state: State,
    pub runs: u64,
    /// When the first run began: the grid of a periodic worker counts from it.
    pub first: Millis,
    /// Consecutive ones.
    pub failures: u64,
    /// When restarts after failures were granted, all of them.
    pub granted: Vec<Millis>,
    pub hangs: bool,
    /// Its body panics when it is dropped.
    pub messy: bool,
    /// With what the next run panics before it has a body.
    pub stillborn: Option<String>,
}

pub enum State {
    New,
    Running {
        began: Millis,
        /// If there are failures that its health will forgive.
        healthy_at: Option<Millis>,
    },
    Paused(Pause),
    Over(Outcome),
}

/// The time between two runs.
pub struct Pause {
    pub after: Reason,
    pub since: Clock,
    /// How long it takes, at the least and at the most.
    pub least: Duration,
    pub most: Duration,
    /// The two were measured, and are others whenever the test is run.
    pub measured: bool,
}

impl Call {
    /// One that begins now.
    pub fn new(now: Millis) -> Self {
        Self {
            state: State::New,
            runs: 0,
            first: now,
            failures: 0,
            granted: Vec::new(),
            hangs: false,
            messy: false,
            stillborn: None,
        }
    }

    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Over(_))
    }

    pub fn is_running(&self) -> bool {
        matches!(self.state, State::Running { .. })
    }

    pub fn outcome(&self) -> Option<&Outcome> {
        match &self.state {
            State::Over(outcome) => Some(outcome),
            _ => None,
        }
    }

    pub fn pause(&self) -> Option<&Pause> {
        match &self.state {
            State::Paused(pause) => Some(pause),
            _ => None,
        }
    }

    pub fn pause_mut(&mut self) -> Option<&mut Pause> {
        match &mut self.state {
            State::Paused(pause) => Some(pause),
            _ => None,
        }
    }

    pub fn began(&self) -> Millis {
        match self.state {
            State::Running { began, .. } => began,
            _ => panic!("it does not run"),
        }
    }

    /// How long it is to the next slot: one that is not over, and that begins
    /// after the present tick.
    pub fn until_slot(&self, now: Millis, period: Millis) -> Duration {
        let earliest = now.max(self.began() + 1) - self.first;
        millis(self.first + earliest.next_multiple_of(period) - now)
    }

    pub fn may_restart(&self, now: Millis, limit: Option<(u32, Option<Millis>)>) -> bool {
        let Some((restarts, window)) = limit else {
            return true;
        };
        let used = match window {
            None => self.failures - 1,
            Some(window) => {
                let recent = self.granted.iter().filter(|at| now - **at <= window);
                recent.count() as u64
            }
        };
        used < restarts.into()
    }
}

impl Pause {
    pub fn earliest(&self) -> Millis {
        self.since.now + rounded_up(self.least)
    }

    pub fn latest(&self) -> Millis {
        self.since.now + rounded_up(self.most)
    }
}

/// The first tick of the timers that is not before `time`.
pub fn rounded_up(time: Duration) -> Millis {
    let millis = time.as_nanos().div_ceil(1_000_000);
    millis.try_into().expect("fewer than 2^64 milliseconds")
}
