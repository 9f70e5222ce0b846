//! The children of a run that has ended: the next run waits for them.

use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;

use crate::call::Call;
use crate::children::{self, Leaving};
use crate::contain::{contain, discard};
use crate::log::{self, Subject};
use crate::timer::Timer;

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
    pub(super) fn poll(&mut self, subject: Subject<'_>, cx: &mut Context<'_>) -> Poll<()> {
        if self.leaving.is_empty() {
            return Poll::Ready(());
        }
        self.poll_leaving(subject, cx)
    }

    #[cold]
    fn poll_leaving(&mut self, subject: Subject<'_>, cx: &mut Context<'_>) -> Poll<()> {
        if self.leaving.poll(cx.waker()).is_ready() {
            self.patience = None;
            return Poll::Ready(());
        }
        let patience = self.patience.as_mut();
        if patience.is_some_and(|patience| patience.poll_at_once(cx).is_ready()) {
            self.patience = None;
            log::children_stay(subject, &self.leaving.names().join(", "), PATIENCE);
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
        let mut patience = Timer::default();
        // Without timers nothing is said.
        match contain(|| patience.set(Instant::now(), PATIENCE)) {
            Ok(()) => past.leavers.patience = Some(patience),
            Err(payload) => discard(payload),
        }
    }
}
