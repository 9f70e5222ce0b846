//! The pause between two runs, of a call that has a thread.

use std::future::Future;
use std::pin::pin;

use crate::call::Call;
use crate::call::shutdown::is_shutting_down;
use crate::shutdown::tasks;
use crate::sleeper::Sleeper;

impl Call {
    /// Blocks this thread until the next run may begin; whether it may, which
    /// nothing takes back. It may not once the shutdown is requested.
    pub(crate) fn wait(&mut self) -> bool {
        let changed = tasks::current().map(|task| task.changed());
        let mut sleeper = Sleeper::new();
        loop {
            // Before the looks: what changes after them is to wake this thread.
            let mut told = pin!(changed.as_ref().map(|changed| changed.notified()));
            let told = told.as_mut().as_pin_mut();
            let is_told = told.is_some_and(|told| told.poll(&mut sleeper.context()).is_ready());
            if is_shutting_down() {
                return false;
            }
            if self.poll_pause_of(&mut sleeper).is_ready() {
                return self.admit();
            }
            if !is_told {
                sleeper.sleep();
            }
        }
    }
}
