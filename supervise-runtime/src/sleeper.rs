//! A thread that waits, with or without a runtime around it.
//!
//! Not by `thread::park`: what wakes this wait, or comes too late for it, is not
//! to be mixed up with what the user's own code parks for.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Wake, Waker};
use std::time::{Duration, Instant};
use std::{mem, thread};

use tokio::time;

use crate::timer::{Ahead, Timer, Waits};

/// Wakes a thread.
#[derive(Default)]
pub(crate) struct Alarm {
    rings: Mutex<bool>,
    changed: Condvar,
}

impl Alarm {
    /// Blocks this thread until it rings, or for so long; whether it rang.
    pub(crate) fn wait(&self, at_most: Option<Duration>) -> bool {
        let sleeps = |rings: &mut bool| !*rings;
        let rings = self.rings();
        let mut rings = match at_most {
            None => {
                let woken = self.changed.wait_while(rings, sleeps);
                woken.unwrap_or_else(PoisonError::into_inner)
            }
            Some(time) => {
                let woken = self.changed.wait_timeout_while(rings, time, sleeps);
                woken.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        mem::take(&mut rings)
    }

    pub(crate) fn ring(&self) {
        *self.rings() = true;
        self.changed.notify_one();
    }

    fn rings(&self) -> MutexGuard<'_, bool> {
        // Nothing of the user's runs under this lock.
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}

/// A wait on this thread: the timers that it polls elapse by the clock of the
/// operating system, also where tokio's stands still.
pub(crate) struct Sleeper {
    alarm: Arc<Alarm>,
    waker: Waker,
    /// One moment, by both clocks.
    began: (time::Instant, Instant),
    /// When the first of the timers elapses that were polled.
    until: Option<Instant>,
}

impl Sleeper {
    pub(crate) fn new() -> Self {
        let alarm = Arc::new(Alarm::default());
        Self {
            waker: Waker::from(Arc::clone(&alarm)),
            alarm,
            began: (time::Instant::now(), Instant::now()),
            until: None,
        }
    }

    /// Blocks this thread until it is woken, or a timer elapses that was polled
    /// since it last was.
    pub(crate) fn sleep(&mut self) {
        let until = self.until.take();
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        self.alarm.wait(left);
    }

    fn by_the_thread(&self, deadline: time::Instant) -> Option<Instant> {
        let (tokio, thread) = self.began;
        thread.checked_add(deadline.saturating_duration_since(tokio))
    }
}

impl Waits for Sleeper {
    fn waker(&self) -> &Waker {
        &self.waker
    }

    fn poll(&mut self, timer: &mut Timer) -> Poll<()> {
        let deadline = match timer.ahead() {
            Ahead::Until(deadline) => self.by_the_thread(deadline),
            Ahead::Yield => {
                timer.stop();
                thread::yield_now();
                return Poll::Ready(());
            }
            Ahead::Nothing | Ahead::Sleep => return Poll::Ready(()),
        };
        match deadline {
            Some(deadline) if deadline <= Instant::now() => Poll::Ready(()),
            deadline => {
                self.until = self.until.into_iter().chain(deadline).min();
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::Wake;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::Alarm;
    use crate::spawn_thread;

    #[test]
    fn an_alarm_that_rang_before_the_wait_ends_it_once() {
        let alarm = Arc::new(Alarm::default());
        alarm.wake_by_ref();
        assert!(alarm.wait(None));
        assert!(!alarm.wait(Some(Duration::from_millis(1))));
    }

    #[test]
    fn an_alarm_rings_on_another_thread_and_leaves_its_parking_alone() {
        let alarm = Arc::new(Alarm::default());
        thread::current().unpark();
        let other = spawn_thread({
            let alarm = Arc::clone(&alarm);
            move || alarm.ring()
        });
        let began = Instant::now();
        assert!(alarm.wait(Some(Duration::from_secs(60))));
        // The token from before is still there.
        thread::park_timeout(Duration::from_secs(60));
        other.join().unwrap();
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}
