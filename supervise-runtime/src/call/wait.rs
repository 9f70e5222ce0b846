//! The pause between two runs, of a call that has a thread.

use crate::call::Call;
use crate::shutdown::task::{Task, Waiter};
use crate::shutdown::tasks;
use crate::sleeper::Sleeper;
use crate::timer::Waits;

impl Call {
    /// Blocks this thread until the next run may begin; whether it may, which
    /// nothing takes back. It may not once the shutdown is requested.
    pub(crate) fn wait(&mut self) -> bool {
        let mut waiter = tasks::current().map(Waiter::new);
        let mut sleeper = Sleeper::new();
        loop {
            // Before the other look: what changes after it is to wake this thread.
            let is_requested = waiter
                .as_mut()
                .is_some_and(|waiter| waiter.poll(sleeper.waker(), Task::is_requested).is_ready());
            if is_requested {
                return false;
            }
            if self.poll_pause_of(&mut sleeper).is_ready() {
                return self.admit();
            }
            sleeper.sleep();
        }
    }
}
