//! The calls of one worker, beside what the model says of them.

use std::collections::BTreeMap;
use std::time::Duration;

use supervise::{Worker, WorkerStatus};

use super::call::Clock;
use super::driven::Driven;
use super::model::Model;
use super::numbers::Numbers;
use super::operation::Operation;
use super::plan::Plan;

/// Calls at once.
const MOST: usize = 4;

pub struct Pool {
    pub name: &'static str,
    pub plan: Plan,
    worker: Worker,
    calls: BTreeMap<u32, Driven>,
    pub model: Model,
}

impl Pool {
    pub fn new(name: &'static str, plan: Plan, clock: Clock) -> Self {
        Self {
            name,
            plan,
            worker: plan.worker(name),
            calls: BTreeMap::new(),
            model: Model::new(name, plan, clock),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    pub fn is_full(&self) -> bool {
        self.calls.len() == MOST
    }

    /// Begins a call; the model is told later, when it is done.
    pub fn start(&mut self, id: u32) {
        self.calls.insert(id, Driven::start(&self.worker));
    }

    /// Has something happen to a call; the model is told later.
    pub fn order(&mut self, id: u32, operation: Operation, message: &str) -> Result<(), String> {
        let call = self.calls.get_mut(&id).expect("a call");
        operation.order(call, message)?;
        if operation == Operation::Cancel {
            self.calls.remove(&id);
        }
        Ok(())
    }

    /// Polls those that were woken; how many there were.
    pub fn poll(&mut self) -> usize {
        let calls = self.calls.values_mut();
        calls.map(|call| usize::from(call.poll())).sum()
    }

    /// The error is what `status` and the calls are otherwise than in the model.
    pub fn compare(
        &mut self,
        status: &WorkerStatus,
        next_start: Option<Duration>,
    ) -> Result<(), String> {
        self.model.settle(|id| self.calls[&id].runs());
        if status.starts != status.exits.total() + status.running {
            return Err("starts are not exits and running ones".into());
        }
        let found = Numbers::of(status);
        let difference = self.model.numbers().difference(&found);
        difference.map_or(Ok(()), Err)?;
        self.model.learn_next_start(next_start)?;
        for (id, call) in &self.calls {
            if call.overlapped() {
                return Err(format!("two runs of call {id} at once"));
            }
            let expected = self.model.calls[id].outcome();
            if call.outcome() != expected {
                let outcome = call.outcome();
                return Err(format!("call {id} gave {outcome:?}, not {expected:?}"));
            }
        }
        self.calls.retain(|_, call| call.outcome().is_none());
        self.model.calls.retain(|_, call| call.outcome().is_none());
        Ok(())
    }
}
