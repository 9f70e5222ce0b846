//! How a run ends: what is counted, decided and told, in this order.

use crate::call::{Call, End, resolve};
use crate::capture::{Panicked, Place};
use crate::contain;
use crate::log;
use crate::policy::{Next, Reason};
use crate::registry;

/// How a run failed.
#[derive(Clone, Copy)]
enum Failed<'a> {
    Error { gives_up: bool },
    Panic { place: Option<&'a Place> },
}

impl Call {
    /// Ends the run with a success; whether another follows.
    pub(crate) fn finished(&mut self) -> Next {
        let end = self.end();
        let next = self.policy.after(Reason::Finished, 1, fastrand::u32(..));
        if let Next::Wait(wait) = next {
            self.entry.scheduled();
            self.pause(Reason::Finished, &end, wait);
            log::finished(self.subject(), end.uptime);
            self.recover(end.uptime);
        } else {
            self.entry.exited(Reason::Finished);
            self.forgive();
            log::finished(self.subject(), end.uptime);
        }
        next
    }

    /// Ends the run with an error, which `describe` writes; a restart after it
    /// may be pointless.
    pub(crate) fn failed(
        &mut self,
        error_type: &str,
        describe: impl FnOnce(&mut String) -> std::fmt::Result,
        is_final: impl FnOnce() -> bool,
    ) -> Next {
        let end = self.end();
        let mut message = std::mem::take(&mut self.past().message);
        message.clear();
        self.clean_up(|| {
            // An error that cannot be formatted is told as far as it could be.
            let _ = describe(&mut message);
        });
        if message.is_empty() {
            message.push_str(error_type);
        }
        let mut gives_up = false;
        self.clean_up(|| gives_up = is_final());
        let (next, failed) = self.fail(&end, Failed::Error { gives_up }, &message);
        log::failed(self.subject(), error_type, &failed);
        self.tell_giving_up(next, &failed);
        self.past().message = message;
        next
    }

    /// Ends the run with a panic; its stack, if it is the first at its place.
    pub(crate) fn panicked(&mut self, panicked: &Panicked) -> (Next, Option<String>) {
        let end = self.end();
        let captured = panicked.captured.as_ref();
        let message = contain::message(&*panicked.payload);
        self.entry.panicked();
        let place = captured.and_then(|captured| captured.place.as_ref());
        let (next, failed) = self.fail(&end, Failed::Panic { place }, message);
        let stack = resolve(captured);
        log::panicked(self.subject(), captured, stack.as_deref(), &failed);
        if captured.is_none() {
            log::hook_not_called(self.subject());
        }
        self.tell_giving_up(next, &failed);
        (next, stack)
    }

    /// Counts a failure, decides what follows it, and begins the pause if
    /// there is to be one.
    fn fail<'a>(
        &mut self,
        end: &End,
        how: Failed<'_>,
        message: &'a str,
    ) -> (Next, log::Failed<'a>) {
        let uptime = end.uptime;
        if uptime >= self.policy.healthy_after() {
            self.recover(uptime);
        }
        let past = self.past();
        past.failures += 1;
        let (call, failures) = (past.call, past.failures);
        let (reason, place, gives_up) = match how {
            Failed::Error { gives_up } => (Reason::Error, None, gives_up),
            Failed::Panic { place } => (Reason::Panic, place, false),
        };
        let next = if gives_up {
            Next::GiveUp
        } else {
            self.policy.after(reason, failures, fastrand::u32(..))
        };
        let restart_in = match next {
            Next::Wait(wait) => Some(wait),
            Next::Stop | Next::GiveUp => None,
        };
        self.entry.failed(&registry::Failed {
            call,
            failures,
            reason,
            message,
            place,
            restart_in,
        });
        match restart_in {
            Some(wait) => self.pause(reason, end, wait),
            // The registry keeps them, until a run of this name is healthy.
            None => self.past().failures = 0,
        }
        let failed = log::Failed {
            failures,
            uptime,
            restart_in,
            message,
        };
        (next, failed)
    }

    fn tell_giving_up(&self, next: Next, failed: &log::Failed<'_>) {
        if next == Next::GiveUp {
            log::gave_up(self.subject(), failed);
        }
    }
}
