//! How a run ends: what is counted, decided and told, in this order.

use std::time::Duration;

use crate::call::{Call, End, resolve};
use crate::capture::{Panicked, Place};
use crate::contain;
use crate::failure::{Failure, Told};
use crate::log;
use crate::policy::{Ended, History, Next, Reason};
use crate::registry::{Failed, Run};

/// How a run failed.
struct How<'a> {
    reason: Reason,
    message: &'a str,
    place: Option<&'a Place>,
    /// Whether a restart is pointless.
    is_final: bool,
}

impl Call {
    /// Ends the run with a success; whether another follows.
    pub(crate) fn finished(&mut self) -> Next {
        let end = self.end();
        let forgiven = self.forgive();
        let next = self.decide(&end, Reason::Finished, false);
        if let Some(wait) = next.wait() {
            let run = self.run(&end, Some(wait));
            self.entry.scheduled(&run);
            self.pause(Reason::Finished, &end, wait);
        } else {
            self.entry.exited(Reason::Finished);
        }
        if self.plan.every.is_some() {
            log::ticked(self.subject(), end.uptime);
        } else {
            log::finished(self.subject(), end.uptime);
        }
        if forgiven > 0 && next != Next::Done {
            log::recovered(self.subject(), forgiven, end.uptime);
        }
        next
    }

    /// Ends the run with an error, which `describe` writes; a restart after it
    /// may be pointless.
    pub(crate) fn failed(
        &mut self,
        error_type: &str,
        describe: impl FnOnce(&mut String) -> std::fmt::Result,
        is_final: Option<impl FnOnce() -> bool>,
    ) -> Next {
        let end = self.end();
        let mut text = std::mem::take(&mut self.past(end.began).message);
        text.clear();
        self.clean_up(|| {
            // An error that cannot be formatted is told as far as it could be.
            let _ = describe(&mut text);
        });
        if text.is_empty() {
            text.push_str(error_type);
        }
        let mut pointless = false;
        if let Some(is_final) = is_final {
            self.clean_up(|| pointless = is_final());
        }
        let how = How {
            reason: Reason::Error,
            message: &text,
            place: None,
            is_final: pointless,
        };
        let (next, failed) = self.fail(&end, &how);
        log::failed(self.subject(), error_type, &failed);
        self.tell_giving_up(next, &failed);
        self.past(end.began).message = text;
        next
    }

    /// Ends the run with a panic; its stack, if it is the first at its place.
    pub(crate) fn panicked(&mut self, panicked: &Panicked) -> (Next, Option<String>) {
        let end = self.end();
        let captured = panicked.captured.as_ref();
        self.entry.panicked();
        let how = How {
            reason: Reason::Panic,
            message: contain::message(&*panicked.payload),
            place: captured.and_then(|captured| captured.place.as_ref()),
            is_final: false,
        };
        let (next, failed) = self.fail(&end, &how);
        let stack = resolve(captured);
        log::panicked(self.subject(), captured, stack.as_deref(), &failed);
        if captured.is_none() {
            log::hook_not_called(self.subject());
        }
        self.tell_giving_up(next, &failed);
        (next, stack)
    }

    /// Ends the run that has taken longer than it may.
    pub(crate) fn timed_out(&mut self) -> Next {
        let end = self.end();
        let how = How {
            reason: Reason::Timeout,
            message: &self.overrun(),
            place: None,
            is_final: false,
        };
        let (next, failed) = self.fail(&end, &how);
        log::timed_out(self.subject(), &failed);
        self.tell_giving_up(next, &failed);
        next
    }

    /// The error that stands for the timeout of a run.
    pub(crate) fn timeout(&self) -> Failure {
        Failure::new(Told {
            reason: Reason::Timeout,
            worker: self.entry.name,
            message: self.overrun(),
            place: None,
            stack: None,
        })
    }

    fn overrun(&self) -> String {
        let limit = self.plan.policy.get_timeout().unwrap_or_default();
        format!("took longer than {limit:?}")
    }

    /// Counts a failure, decides what follows it, and begins the pause if
    /// there is to be one.
    fn fail<'a>(&mut self, end: &End, how: &How<'a>) -> (Next, log::Failed<'a>) {
        let uptime = end.uptime;
        if uptime >= self.plan.policy.get_healthy_after() {
            self.recover(uptime);
        }
        self.past(end.began);
        let next = self.decide(end, how.reason, how.is_final);
        let restart_in = next.wait();
        let failures = self.past(end.began).history.failures();
        let run = self.run(end, restart_in);
        self.entry.failed(
            &run,
            &Failed {
                failures,
                reason: how.reason,
                message: how.message,
                place: how.place,
            },
        );
        if let Some(wait) = restart_in {
            self.pause(how.reason, end, wait);
        } else {
            // The registry keeps them, until a run of this name is healthy.
            self.past(end.began).history.forgive();
        }
        let failed = log::Failed {
            failures,
            uptime,
            restart_in,
            message: how.message,
        };
        (next, failed)
    }

    fn decide(&mut self, end: &End, reason: Reason, is_final: bool) -> Next {
        // A first run that finishes needs no memory of its own.
        let mut none = History::default();
        let (epoch, history) = match &mut self.past {
            Some(past) => (past.epoch, &mut past.history),
            None => (end.began, &mut none),
        };
        let ended = Ended {
            reason,
            is_final,
            uptime: end.uptime,
            at: if self.plan.asks_for_the_time() {
                end.at.duration_since(epoch)
            } else {
                Duration::ZERO
            },
        };
        history.after(&ended, &self.plan, || fastrand::u32(..))
    }

    /// What the registry has to know of the run.
    fn run(&mut self, end: &End, next_in: Option<Duration>) -> Run {
        Run {
            call: self.past(end.began).call,
            uptime: end.uptime,
            next_in,
        }
    }

    fn tell_giving_up(&self, next: Next, failed: &log::Failed<'_>) {
        if next == Next::GiveUp {
            log::gave_up(self.subject(), failed);
        }
    }
}
