//! A spawned closure: it has a thread of its own, and can't be dropped once it
//! has begun.

use std::panic::resume_unwind;
use std::task::Waker;

use tokio::task::{self, JoinHandle};

use super::report;
use super::unit::{Unit, cancelled};
use crate::capture::{self, Fresh};
use crate::registry::closure;
use crate::shutdown::{refusal, tasks};

/// What is around a closure, whether or not it is ever called.
pub(crate) struct Called<F, U: Unit> {
    unit: U,
    closure: Option<F>,
}

impl<F, U: Unit> Called<F, U> {
    pub(crate) fn new<T>(closure: F, unit: U) -> Self
    where
        F: FnOnce() -> T,
    {
        let closure = Some(closure);
        Self { unit, closure }
    }

    /// Has tokio call it, on a thread for what blocks, unless it may not begin any
    /// more.
    #[track_caller]
    pub(crate) fn spawn_blocking<T>(self) -> JoinHandle<T>
    where
        Self: Send + 'static,
        F: FnOnce() -> T,
        T: Send + 'static,
    {
        if self.unit.may_begin() {
            return task::spawn_blocking(|| self.call());
        }
        drop(self);
        cancelled()
    }

    /// Calls the closure. What enters a supervised run in it is that worker;
    /// anything else is counted under the name of its function.
    pub(crate) fn call<T>(mut self) -> T
    where
        F: FnOnce() -> T,
    {
        let may_begin = self.unit.begin(Waker::noop());
        let Some(closure) = self.closure.take_if(|_| may_begin) else {
            refusal::unwind();
        };
        capture::nothing_is_told();
        closure::begins(self.unit.count());
        let call = || report::watched_on_its_thread(&self.unit, closure);
        let (result, _) = capture::beginning(Fresh::Call, call);
        tasks::beginning_is_over();
        let is_worker = closure::ends();
        match report::seen(&self.unit, result) {
            Ok(value) => {
                if !is_worker {
                    report::finished(&self.unit);
                }
                value
            }
            Err(panicked) => {
                let is_told = capture::is_told(&panicked.payload);
                if is_worker && is_told {
                    resume_unwind(panicked.payload);
                }
                if is_worker {
                    self.unit.count().task_started();
                }
                report::panicked(&mut self.unit, panicked, is_told)
            }
        }
    }
}

impl<F, U: Unit> Drop for Called<F, U> {
    fn drop(&mut self) {
        if self.closure.is_some() {
            let stopped = self.unit.stopped();
            let closure = &mut self.closure;
            report::clean_up(&mut self.unit, || *closure = None);
            report::stopped(&self.unit, stopped);
        }
        self.unit.end();
    }
}
