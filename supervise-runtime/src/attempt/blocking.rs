//! The same for a run that has its thread: a closure is called, and the pause
//! after it is a sleep of that thread.

use std::ops::ControlFlow;

use super::after::{after_panic, after_return};
use crate::call::{Call, Stillborn};
use crate::outcome::{Ending, Judge};
use crate::shutdown::refusal;

impl Call {
    /// The next run: `body`, or what became of it in `prepare`; and the pause
    /// after it. `Break` if the worker is done, `Continue` when it is time for
    /// the next run.
    ///
    /// What a run has left is kept until the next one may begin: if a shutdown is
    /// requested meanwhile, it is what the caller gets.
    ///
    /// # Panics
    ///
    /// With the panic that ends the worker, if its output can't hold it. If it
    /// may not begin at all, and its output can't hold that, the thread unwinds.
    pub fn run<F, T, J, E>(
        &mut self,
        body: Result<F, Stillborn>,
        judge: J,
        ending: E,
    ) -> ControlFlow<T>
    where
        F: FnOnce() -> T,
        J: Judge<T>,
        E: Ending<T>,
    {
        let ended = match body {
            Ok(body) => {
                self.begin();
                if !self.is_running() {
                    let mut body = Some(body);
                    self.clean_up(&mut || body = None);
                    return ControlFlow::Break(self.refused(ending));
                }
                self.is_on_a_thread();
                self.inside_for_long(body)
            }
            Err(Stillborn) => match self.take_stillborn() {
                Some(panicked) => Err(panicked),
                None => return ControlFlow::Break(self.refused(ending)),
            },
        };
        match ended {
            Ok(value) => after_return(self, value, judge, Self::wait),
            Err(panicked) => after_panic(self, panicked, ending, Self::wait),
        }
    }

    /// What the caller gets of a worker that may not begin.
    #[cold]
    fn refused<T, E: Ending<T>>(&self, ending: E) -> T {
        match ending.hold(|| self.not_started()) {
            Some(value) => value,
            None => refusal::unwind(),
        }
    }
}
