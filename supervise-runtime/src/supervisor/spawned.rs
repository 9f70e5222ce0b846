//! A future that was handed to a supervisor: found by the code in it, and
//! contained whether or not it is a worker.

use std::any::type_name;
use std::future::Future;
use std::panic::{Location, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::capture::{self, Here, Panicked};
use crate::contain::{self, contain};
use crate::policy::Reason;
use crate::registry::{self, Entry};
use crate::shutdown::task::Task;
use crate::{log, name, stack};

pin_project! {
    /// What is spawned. What enters a supervised run at its first poll is that
    /// worker; anything else is counted under the name of its function.
    pub(crate) struct Spawned<F> {
        task: Arc<Task>,
        #[pin]
        state: State<F>,
    }

    impl<F> PinnedDrop for Spawned<F> {
        fn drop(this: Pin<&mut Self>) {
            this.gone();
        }
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        Running { #[pin] future: F },
        Over,
    }
}

impl<F> Spawned<F> {
    pub(crate) fn new(future: F, task: Arc<Task>) -> Self {
        let state = State::Running { future };
        Self { task, state }
    }
}

impl<F: Future> Future for Spawned<F> {
    type Output = F::Output;

    #[expect(clippy::inline_always, reason = "one call less at each poll")]
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.as_mut().project();
        if !this.task.is_in_good_hands() {
            return self.poll_closely(cx);
        }
        let StateProj::Running { future } = this.state.project() else {
            return Poll::Pending;
        };
        // A run of a worker has its own eye on what happens in it.
        match contain(|| future.poll(cx)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => {
                self.finished();
                Poll::Ready(value)
            }
            Err(payload) => {
                let captured = capture::seen_outside();
                self.panicked(Panicked { payload, captured })
            }
        }
    }
}

impl<F: Future> Spawned<F> {
    /// The first poll, those of what is no worker, and those of what was told to
    /// stop.
    #[inline(never)]
    fn poll_closely(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.as_mut().project();
        let StateProj::Running { future } = this.state.project() else {
            return Poll::Pending;
        };
        let is_first = !this.task.was_polled();
        if is_first && !Task::begin(this.task, cx.waker()) {
            return Poll::Pending;
        }
        let result = watched(|| future.poll(cx));
        if is_first {
            this.task.first_poll_is_over();
        }
        match result {
            Ok(Poll::Pending) => {
                this.task.poll_is_over();
                Poll::Pending
            }
            Ok(Poll::Ready(value)) => {
                self.finished();
                Poll::Ready(value)
            }
            Err(panicked) => self.panicked(panicked),
        }
    }

    #[cold]
    fn panicked(mut self: Pin<&mut Self>, panicked: Panicked) -> ! {
        let is_told = capture::is_told(&panicked.payload);
        self.as_mut().drop_future();
        if !is_told {
            let entry = self.task.count();
            let captured = panicked.captured.as_ref();
            let place = captured.and_then(|captured| captured.place.as_ref());
            let message = contain::message(&*panicked.payload);
            entry.task_panicked(message, place);
            tell(entry, &panicked, "task panicked");
        }
        resume_unwind(panicked.payload)
    }
}

impl<F> Spawned<F> {
    #[inline(never)]
    fn finished(mut self: Pin<&mut Self>) {
        self.as_mut().drop_future();
        if let Some(entry) = self.task.counted_as() {
            entry.exited(Reason::Finished);
            log::task_finished(entry.name);
        }
    }

    /// Dropped, with or without having come to its end.
    fn gone(mut self: Pin<&mut Self>) {
        let was_running = matches!(self.state, State::Running { .. });
        if was_running {
            let stopped = self.task.stopped();
            let entry = self.task.counted_as();
            self.as_mut().drop_future();
            if let Some(entry) = entry {
                let reason = match stopped {
                    Some(_) => Reason::Shutdown,
                    None => Reason::Cancelled,
                };
                entry.exited(reason);
                log::task_stopped(entry.name, stopped);
            }
        }
        Task::end(self.project().task);
    }

    fn drop_future(mut self: Pin<&mut Self>) {
        let mut this = self.as_mut().project();
        if let Err(panicked) = watched(|| this.state.as_mut().set(State::Over)) {
            let entry = self.task.count();
            entry.panicked();
            tell(entry, &panicked, "panic in dropping a task");
            contain::discard(panicked.payload);
        }
    }
}

/// What a future of this type is counted as that is no worker.
pub(crate) fn entry<F>(location: &'static Location<'static>) -> &'static Entry {
    registry::enter_task(type_name::<F>(), name::of_future::<F>, location)
}

/// Calls `f` with the hook watching.
fn watched<T>(f: impl FnOnce() -> T) -> Result<T, Panicked> {
    let here = Here {
        places: &capture::TASKS,
        run: 0,
    };
    capture::watched(here, || contain(f))
}

fn tell(entry: &Entry, panicked: &Panicked, text: &str) {
    let captured = panicked.captured.as_ref();
    let stack = captured.and_then(|captured| captured.stack.as_deref());
    let stack = stack.map(stack::resolve);
    let message = contain::message(&*panicked.payload);
    log::task_panicked(entry.name, captured, stack.as_deref(), message, text);
}
