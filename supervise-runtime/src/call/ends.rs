//! How a run ends: what is counted, decided and told, in this order.

use std::time::Duration;

use tokio::time::Instant;

use crate::call::{Call, End, Past, resolve};
use crate::capture::Panicked;
use crate::contain;
use crate::excerpt;
use crate::failure::{Failed, Failure, Told};
use crate::log;
use crate::place::Place;
use crate::policy::{Ended, Next, Plan, Reason};
use crate::shutdown::refusal;
use crate::shutdown::task::Stopped;

impl Call {
    /// Ends the run with a success; whether another follows.
    pub(crate) fn finished(&mut self) -> Next {
        if self.plan.goes_on() && !self.is_shutting_down() {
            self.finished_for_now()
        } else {
            self.finished_for_good();
            Next::Done
        }
    }

    /// The clock is read if somebody wants to know.
    fn finished_for_good(&mut self) {
        let began = self.take_began();
        self.forgive();
        self.entry.exited(Reason::Finished);
        self.tell_finished(|| began.map_or(Duration::ZERO, |began| began.elapsed()));
        self.ended(Reason::Finished, || None);
    }

    fn finished_for_now(&mut self) -> Next {
        let end = self.end();
        let forgiven = self.forgive();
        let call = self.address();
        let past = Past::of(&mut self.past, end.began);
        let ended = end.ended(Reason::Finished, false, past.epoch, &self.plan);
        let next = past.history.after(&ended, &self.plan, draw);
        if let Some(wait) = next.wait() {
            let reason = Reason::Finished;
            self.entry.scheduled(call, end.at, reason, end.uptime, wait);
            past.pause(reason, end.at, wait);
        }
        self.tell_finished(|| end.uptime);
        if forgiven > 0 {
            log::recovered(self.subject(), forgiven, end.uptime);
        }
        self.pauses(false);
        next
    }

    #[inline]
    fn tell_finished(&self, uptime: impl FnOnce() -> Duration) {
        if self.plan.every.is_some() {
            log::ticked(self.subject(), uptime);
        } else {
            log::finished(self.subject(), uptime);
        }
    }

    /// Ends the run with an error, which `describe` writes; a restart after it
    /// may be pointless.
    #[inline]
    pub(crate) fn failed(
        &mut self,
        error_type: &str,
        describe: impl FnOnce(&mut String) -> std::fmt::Result,
        is_final: Option<impl FnOnce() -> bool>,
    ) -> Next {
        let end = self.end();
        let mut text = std::mem::take(&mut Past::of(&mut self.past, end.began).message);
        let mut describe = Some(describe);
        self.clean_up(&mut || {
            // An error that cannot be formatted is told as far as it could be.
            let _ = describe.take().map(|describe| describe(&mut text));
        });
        if text.is_empty() {
            text.push_str(error_type);
        }
        let mut pointless = false;
        if let Some(is_final) = is_final {
            let mut is_final = Some(is_final);
            self.clean_up(&mut || pointless = is_final.take().is_some_and(|is_final| is_final()));
        }
        let failed = self.fail(&end, Reason::Error, pointless, &text, None);
        log::failed(self.subject(), error_type, &failed);
        let next = self.tell_giving_up(&failed);
        // Its memory is for the next error, unless it is out of the ordinary.
        text.clear();
        text.shrink_to(excerpt::MESSAGE);
        Past::of(&mut self.past, end.began).message = text;
        next
    }

    /// Ends the run with a panic; its stack, if it is the first at its place.
    pub(crate) fn panicked(&mut self, panicked: &Panicked) -> (Next, Option<String>) {
        let end = self.end();
        let captured = panicked.captured.as_ref();
        self.entry.panicked();
        let message = contain::message(&*panicked.payload);
        let place = captured.and_then(|captured| captured.place.as_ref());
        let failed = self.fail(&end, Reason::Panic, false, message, place);
        let stack = resolve(captured);
        log::panicked(self.subject(), captured, stack.as_deref(), &failed);
        if captured.is_none() {
            log::hook_not_called(self.subject());
        }
        (self.tell_giving_up(&failed), stack)
    }

    /// Ends the run that has taken longer than it may.
    pub(crate) fn timed_out(&mut self) -> Next {
        let end = self.end();
        let message = self.overrun();
        let failed = self.fail(&end, Reason::Timeout, false, &message, None);
        log::timed_out(self.subject(), &failed);
        self.tell_giving_up(&failed)
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

    /// Counts a failure, decides whether a restart follows it, unless that is
    /// pointless, and begins the pause before it.
    fn fail<'a>(
        &mut self,
        end: &End,
        reason: Reason,
        is_final: bool,
        message: &'a str,
        place: Option<&'a Place>,
    ) -> Failed<'a> {
        if end.uptime >= self.plan.policy.get_healthy_after() {
            self.recover(end.uptime);
        }
        let at_shutdown = self.is_shutting_down();
        let call = self.address();
        let past = Past::of(&mut self.past, end.began);
        let next = if at_shutdown {
            Next::Done
        } else {
            let ended = end.ended(reason, is_final, past.epoch, &self.plan);
            past.history.after(&ended, &self.plan, draw)
        };
        let failed = Failed {
            reason,
            message,
            place,
            // The history is of what restarts depend on.
            failures: past.history.failures() + u64::from(at_shutdown),
            uptime: end.uptime,
            restart_in: next.wait(),
            at_shutdown,
        };
        self.entry.failed(call, end.at, &failed);
        if let Some(wait) = failed.restart_in {
            past.pause(reason, end.at, wait);
        } else {
            // The registry keeps them, until a run of this name is healthy.
            past.history.forgive();
        }
        failed
    }

    #[inline]
    fn tell_giving_up(&self, failed: &Failed<'_>) -> Next {
        if let Some(wait) = failed.restart_in {
            self.pauses(true);
            return Next::Wait(wait);
        }
        if failed.at_shutdown {
            return Next::Done;
        }
        self.gave_up(failed);
        Next::GiveUp
    }

    #[cold]
    #[inline(never)]
    fn gave_up(&self, failed: &Failed<'_>) {
        log::gave_up(self.subject(), failed);
        self.ended(failed.reason, || {
            Some(Failure::new(Told {
                reason: failed.reason,
                worker: self.entry.name,
                message: failed.message.to_owned(),
                place: failed.place.cloned(),
                stack: None,
            }))
        });
    }

    /// Ends the run because a restart was ordered, which follows at once.
    pub(crate) fn restart_by_hand(&mut self) {
        let end = self.end();
        let reason = Reason::Cancelled;
        let call = self.address();
        let past = Past::of(&mut self.past, end.began);
        past.history.restart_by_hand(false);
        self.entry
            .scheduled(call, end.at, reason, end.uptime, Duration::ZERO);
        past.pause(reason, end.at, Duration::ZERO);
        log::restart_ordered(self.subject());
        self.pauses(false);
    }

    /// The next run begins now, because a restart was ordered.
    pub(crate) fn cut_pause_short(&mut self) {
        if let Some(past) = &mut self.past {
            let after_failure = past.paused.is_some_and(Reason::is_failure);
            past.history.restart_by_hand(after_failure);
        }
        log::restart_ordered(self.subject());
    }

    /// Ends the run: a worker that it has called on its thread was refused, and
    /// had nothing to return.
    pub(crate) fn stopped_by_refusal(&mut self) {
        let end = self.end();
        self.entry.exited(Reason::Shutdown);
        log::stopped(self.subject(), end.uptime, Stopped::ByItself);
    }

    /// The error that stands for a run that was not to begin.
    pub(crate) fn not_started(&self) -> Failure {
        self.stop(refusal::TEXT)
    }

    /// The error that stands for a run that called a worker which was refused.
    pub(crate) fn stop_by_refusal(&self) -> Failure {
        self.stop("stopped: it called a worker after the shutdown was requested")
    }

    fn stop(&self, how: &str) -> Failure {
        Failure::new(Told {
            reason: Reason::Shutdown,
            worker: self.entry.name,
            message: how.to_owned(),
            place: None,
            stack: None,
        })
    }

    /// Ends the call, which is dropped in the middle of a run or a pause.
    pub(crate) fn cancelled(&mut self, paused: Option<Reason>) {
        let stopped = self.task_now().and_then(|task| task.stopped());
        if self.began.is_some() {
            let end = self.end();
            if let Some(stopped) = stopped {
                self.entry.exited(Reason::Shutdown);
                log::stopped(self.subject(), end.uptime, stopped);
            } else {
                self.entry.exited(Reason::Cancelled);
                log::cancelled(self.subject(), end.uptime);
            }
        } else if stopped.is_some() {
            log::stopped_between_runs(self.subject());
        }
        let last = || self.entry.last_failure();
        self.ended(Reason::Cancelled, || {
            paused
                .filter(|reason| *reason != Reason::Finished)
                .and_then(|_| last())
        });
    }
}

impl End {
    fn ended(&self, reason: Reason, is_final: bool, epoch: Instant, plan: &Plan) -> Ended {
        Ended {
            reason,
            is_final,
            uptime: self.uptime,
            at: if plan.asks_for_the_time() {
                self.at.duration_since(epoch)
            } else {
                Duration::ZERO
            },
        }
    }
}

fn draw() -> u32 {
    fastrand::u32(..)
}
