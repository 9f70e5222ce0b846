//! The children of a run that has ended: the next run waits for them.

use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use crate::call::Call;
use crate::children::{self, Leaving};
use crate::contain::{contain, discard};
use crate::log::{self, Subject};
use crate::timer::{Timer, Waits};

/// How long dropped children may take to be gone before it is said that they
/// are not.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Default)]
pub(super) struct Leavers {
    leaving: Leaving,
    /// Until it is said that some stay.
    patience: Option<Timer>,
}

impl Leavers {
    /// Ready when all are gone.
    #[inline]
    pub(super) fn poll(&mut self, subject: Subject<'_>, waiter: &mut impl Waits) -> Poll<()> {
        if self.leaving.is_empty() {
            return Poll::Ready(());
        }
        self.poll_leaving(subject, waiter)
    }

    #[cold]
    fn poll_leaving(&mut self, subject: Subject<'_>, waiter: &mut impl Waits) -> Poll<()> {
        if self.leaving.poll(waiter.waker()).is_ready() {
            self.patience = None;
            return Poll::Ready(());
        }
        let Some(patience) = &mut self.patience else {
            return Poll::Pending;
        };
        match contain(|| waiter.poll(patience)) {
            Ok(Poll::Pending) => {}
            Ok(Poll::Ready(())) => {
                self.patience = None;
                log::children_stay(subject, &self.leaving.names().join(", "), PATIENCE);
            }
            // Without timers nothing is said.
            Err(payload) => {
                self.patience = None;
                discard(payload);
            }
        }
        Poll::Pending
    }
}

impl Call {
    /// The run has ended, and with it the life of its children. If no other run
    /// follows, nobody waits for them but the run around this call.
    #[inline(never)]
    pub(super) fn drop_children(&mut self) {
        let Some(children) = children::end(self.address()) else {
            return;
        };
        let Some(past) = &mut self.past else {
            let mut leaving = Leaving::default();
            leaving.add(children);
            return;
        };
        past.leavers.leaving.add(children);
        let patience = past.leavers.patience.insert(Timer::default());
        patience.set(Instant::now(), PATIENCE);
    }
}
