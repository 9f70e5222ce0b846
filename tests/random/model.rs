//! What the numbers of a worker have to be, by the rules alone.
//!
//! It is told what happens to each call, and works out the rest with plain
//! lists and loops. Only a wait with jitter is chance: there, it knows from when
//! to when the run may begin, and takes the engine's word for the moment.

use std::collections::BTreeMap;
use std::time::Duration;

use supervise::Reason;

use super::call::{Call, Clock, Pause, State, rounded_up};
use super::driven::Outcome;
use super::numbers::{Numbers, count, told};
use super::plan::{Millis, Plan, millis};

/// All calls of one name.
pub struct Model {
    name: &'static str,
    plan: Plan,
    pub calls: BTreeMap<u32, Call>,
    /// The gauges in it are filled when they are asked for.
    numbers: Numbers,
    /// The failures of calls that gave up.
    unforgiven: u64,
    pub clock: Clock,
}

/// What happens to a call.
impl Model {
    pub fn new(name: &'static str, plan: Plan, clock: Clock) -> Self {
        Self {
            name,
            plan,
            calls: BTreeMap::new(),
            numbers: Numbers::none(),
            unforgiven: 0,
            clock,
        }
    }

    pub fn start(&mut self, id: u32) {
        self.calls.insert(id, Call::new(self.clock.now));
        self.numbers.gave_up = 0;
        self.numbers.period = self.plan.every.map(millis);
        self.begin(id);
    }

    pub fn fail(&mut self, id: u32, message: &str) {
        let outcome = Outcome::Returned(Err(message.to_owned()));
        self.failed(id, Reason::Error, message, outcome);
    }

    pub fn panic(&mut self, id: u32, message: &str) {
        self.numbers.panics += 1;
        let outcome = Outcome::Panicked(message.to_owned());
        self.failed(id, Reason::Panic, message, outcome);
    }

    fn time_out(&mut self, id: u32, timeout: Millis) {
        let message = format!("took longer than {:?}", millis(timeout));
        let outcome = format!("worker `{}` timed out: {message}", self.name);
        self.failed(id, Reason::Timeout, &message, Outcome::Panicked(outcome));
    }

    pub fn finish(&mut self, id: u32) {
        let now = self.clock.now;
        self.exit(id, Reason::Finished);
        self.forgive(id);
        if let Some(period) = self.plan.every {
            let wait = self.calls[&id].until_slot(now, period);
            self.numbers.has_succeeded = true;
            self.pause(id, Reason::Finished, (wait, wait));
        } else if self.plan.restarts_after(Reason::Finished) {
            self.pause(id, Reason::Finished, self.plan.wait(1));
        } else {
            self.call(id).state = State::Over(Outcome::Returned(Ok(())));
        }
    }

    pub fn cancel(&mut self, id: u32) {
        if self.calls[&id].is_running() {
            self.exit(id, Reason::Cancelled);
        }
        self.calls.remove(&id);
    }

    /// Whatever is due by now, in the order in which the calls are polled: each
    /// once, and again until nothing is. `seen` are the runs that a call began.
    pub fn settle(&mut self, seen: impl Fn(u32) -> u64) {
        loop {
            let ids: Vec<u32> = self.calls.keys().copied().collect();
            let turns = ids.into_iter().map(|id| self.turn(id, seen(id)));
            if turns.filter(|changed| *changed).count() == 0 {
                break;
            }
        }
    }

    /// Whether anything is due for a call.
    fn turn(&mut self, id: u32, seen: u64) -> bool {
        let now = self.clock.now;
        let call = &self.calls[&id];
        match &call.state {
            State::Paused(pause) => {
                let may = pause.earliest() <= now && call.runs < seen;
                let due = pause.latest() <= now || may;
                if due {
                    self.begin(id);
                }
                due
            }
            State::Running { began, healthy_at } => {
                let healthy = healthy_at.is_some_and(|moment| moment <= now);
                let timeout = self.plan.timeout.filter(|limit| began + limit <= now);
                if healthy {
                    self.forgive(id);
                }
                if let Some(timeout) = timeout {
                    self.time_out(id, timeout);
                }
                healthy || timeout.is_some()
            }
            State::New | State::Over(_) => false,
        }
    }

    fn begin(&mut self, id: u32) {
        let call = self.calls.get_mut(&id).expect("a call");
        if let Some(pause) = call.pause() {
            // A tick that follows a successful one is no restart.
            if pause.after != Reason::Finished || self.plan.every.is_none() {
                count(&mut self.numbers.restarts, pause.after);
            }
        }
        self.numbers.starts += 1;
        call.runs += 1;
        call.hangs = false;
        let began = self.clock.now;
        let unforgiven = call.failures > 0 || self.unforgiven > 0;
        call.state = State::Running {
            began,
            healthy_at: unforgiven.then(|| began + self.plan.healthy_after()),
        };
        if let Some(message) = call.stillborn.take() {
            self.panic(id, &message);
        }
    }

    fn failed(&mut self, id: u32, reason: Reason, message: &str, outcome: Outcome) {
        let (now, plan) = (self.clock.now, self.plan);
        self.exit(id, reason);
        self.numbers.last_failure = told(reason, message);
        if now - self.calls[&id].began() >= plan.healthy_after() {
            self.forgive(id);
        }
        let call = self.call(id);
        call.failures += 1;
        if plan.restarts_after(reason) && call.may_restart(now, plan.max_restarts) {
            call.granted.push(now);
            let slot = plan
                .every
                .map_or(Duration::ZERO, |period| call.until_slot(now, period));
            let (least, most) = plan.wait(call.failures);
            self.pause(id, reason, (least.max(slot), most.max(slot)));
        } else {
            call.state = State::Over(outcome);
            self.unforgiven = self.unforgiven.max(self.calls[&id].failures);
            self.numbers.gave_up += 1;
            self.numbers.gave_up_total += 1;
        }
    }

    fn exit(&mut self, id: u32, reason: Reason) {
        count(&mut self.numbers.exits, reason);
        if std::mem::take(&mut self.call(id).messy) {
            self.numbers.panics += 1;
        }
        if self.plan.every.is_some() && reason != Reason::Cancelled {
            self.numbers.ticks += 1;
            self.numbers.ticking += millis(self.clock.now - self.calls[&id].began());
        }
    }

    /// The present run of the call is healthy.
    fn forgive(&mut self, id: u32) {
        self.unforgiven = 0;
        let call = self.call(id);
        call.failures = 0;
        if let State::Running { healthy_at, .. } = &mut call.state {
            *healthy_at = None;
        }
    }

    fn pause(&mut self, id: u32, after: Reason, (least, most): (Duration, Duration)) {
        let since = self.clock;
        self.call(id).state = State::Paused(Pause {
            after,
            since,
            least,
            most,
            measured: false,
        });
    }

    fn call(&mut self, id: u32) -> &mut Call {
        self.calls.get_mut(&id).expect("a call")
    }
}

/// What there is to see.
impl Model {
    pub fn numbers(&self) -> Numbers {
        let calls = || self.calls.values().filter(|call| !call.is_over());
        let paused = |after_success| {
            let calls = calls().filter_map(Call::pause);
            let calls = calls.filter(|pause| (pause.after == Reason::Finished) == after_success);
            calls.count() as u64
        };
        let failures = calls().map(|call| call.failures).max();
        Numbers {
            running: calls().filter(|call| call.is_running()).count() as u64,
            waiting: paused(false),
            scheduled: paused(true),
            consecutive_failures: failures.unwrap_or(0).max(self.unforgiven),
            ..self.numbers.clone()
        }
    }

    /// Runs that began.
    pub fn starts(&self) -> u64 {
        self.numbers.starts
    }

    /// Compares the next start with what is published, and learns from it how
    /// long the wait is, if it is the only one.
    pub fn learn_next_start(&mut self, published: Option<Duration>) -> Result<(), String> {
        let mut pauses: Vec<_> = self
            .calls
            .values_mut()
            .filter_map(Call::pause_mut)
            .collect();
        let earliest = pauses.iter().map(|pause| pause.since.wall.0 + pause.least);
        let latest = pauses.iter().map(|pause| pause.since.wall.1 + pause.most);
        let expected = earliest.min().zip(latest.min());
        let within = match (expected, published) {
            (Some((earliest, latest)), Some(next)) => (earliest..=latest).contains(&next),
            (expected, published) => expected.is_none() && published.is_none(),
        };
        if !within {
            return Err(format!(
                "the next start is published as {published:?}, not within {expected:?}"
            ));
        }
        if let ([pause], Some(next)) = (&mut pauses[..], published) {
            let (before, after) = pause.since.wall;
            pause.measured |= pause.least < pause.most;
            pause.least = pause.least.max(next.saturating_sub(after));
            pause.most = pause.most.min(next.saturating_sub(before));
        }
        Ok(())
    }

    /// The moments from now on at which something is to happen by itself; all
    /// at which it may, where that was measured.
    pub fn events(&self) -> Vec<Millis> {
        let mut events = self.certain_moments();
        let pauses = self.calls.values().filter_map(Call::pause);
        for pause in pauses.filter(|pause| pause.measured) {
            events.extend(pause.earliest()..=pause.latest());
        }
        events.retain(|event| *event > self.clock.now);
        events
    }

    /// The moments from now on at which, or beside which, a run that ends makes
    /// a difference: no measured ones, as another time the test has to do the
    /// same.
    pub fn edges(&self) -> Vec<Millis> {
        let mut edges = self.certain_moments();
        let now = self.clock.now;
        for call in self.calls.values().filter(|call| call.is_running()) {
            edges.push(call.began() + self.plan.healthy_after());
            if let Some((_, Some(window))) = self.plan.max_restarts {
                edges.extend(call.granted.iter().map(|at| at + window));
            }
            if let Some(period) = self.plan.every {
                let slot = now + rounded_up(call.until_slot(now, period));
                edges.extend([slot, slot + period]);
            }
        }
        edges.retain(|edge| *edge > now);
        edges
    }

    fn certain_moments(&self) -> Vec<Millis> {
        let mut ends = Vec::new();
        for call in self.calls.values() {
            match &call.state {
                State::Running { began, healthy_at } => {
                    ends.extend(self.plan.timeout.map(|timeout| began + timeout));
                    ends.extend(*healthy_at);
                }
                State::Paused(pause) if !pause.measured => {
                    ends.extend([pause.earliest(), pause.latest()]);
                }
                State::New | State::Paused(_) | State::Over(_) => {}
            }
        }
        ends
    }
}
