//! A call of a worker whose runs do as they are told.
//!
//! It is polled by hand, and only when it was woken: a wake that the engine
//! forgets is a run that does not come.

use std::cell::Cell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};

use supervise::Worker;

type Output = Result<(), String>;

/// What the caller of a worker got.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Returned(Output),
    Panicked(String),
}

pub struct Driven {
    /// `None` when it is done, or was dropped.
    future: Option<Pin<Box<dyn Future<Output = Output>>>>,
    outcome: Option<Outcome>,
    woken: Arc<Woken>,
    orders: Rc<Orders>,
}

/// How a run is to end.
pub enum Command {
    Fail(String),
    Panic(String),
    Finish,
}

/// Between the test and the runs of one call.
#[derive(Default)]
struct Orders {
    command: Cell<Option<Command>>,
    /// The next run is to panic before it has a body.
    stillborn: Cell<Option<String>>,
    /// The body is to panic when it is dropped.
    messy: Cell<bool>,
    waker: Cell<Option<Waker>>,
    runs: Cell<u64>,
    bodies: Cell<u32>,
    overlapped: Cell<bool>,
}

struct Woken(AtomicBool);

impl Driven {
    pub fn start(worker: &Worker) -> Self {
        let orders = Rc::<Orders>::default();
        let future = worker.supervise({
            let orders = Rc::clone(&orders);
            move || Body::new(&orders)
        });
        Self {
            future: Some(Box::pin(future)),
            outcome: None,
            woken: Arc::new(Woken(AtomicBool::new(true))),
            orders,
        }
    }

    /// Polls it, if it was woken; whether it was.
    pub fn poll(&mut self) -> bool {
        let woken = self.woken.0.swap(false, SeqCst);
        let (true, Some(future)) = (woken, &mut self.future) else {
            return false;
        };
        let waker = Waker::from(Arc::clone(&self.woken));
        let poll = silently(|| future.as_mut().poll(&mut Context::from_waker(&waker)));
        self.outcome = match poll {
            Ok(Poll::Pending) => return true,
            Ok(Poll::Ready(output)) => Some(Outcome::Returned(output)),
            Err(message) => Some(Outcome::Panicked(message)),
        };
        self.future = None;
        true
    }

    pub fn command(&self, command: Command) {
        self.orders.command.set(Some(command));
        self.wake();
    }

    pub fn panic_when_dropped(&self) {
        self.orders.messy.set(true);
    }

    pub fn panic_before_next_run(&self, message: String) {
        self.orders.stillborn.set(Some(message));
    }

    /// As something that the body awaits would, for no reason.
    pub fn wake(&self) {
        if let Some(waker) = self.orders.waker.take() {
            waker.wake();
        }
    }

    /// Drops it; what panicked over that, which should have been contained.
    pub fn cancel(&mut self) -> Result<(), String> {
        silently(|| self.future = None)
    }

    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    pub fn runs(&self) -> u64 {
        self.orders.runs.get()
    }

    /// Whether there ever were two runs at once.
    pub fn overlapped(&self) -> bool {
        self.orders.overlapped.get()
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

struct Body(Rc<Orders>);

impl Body {
    fn new(orders: &Rc<Orders>) -> Self {
        orders.runs.set(orders.runs.get() + 1);
        if let Some(message) = orders.stillborn.take() {
            panic!("{message}");
        }
        if orders.bodies.replace(orders.bodies.get() + 1) > 0 {
            orders.overlapped.set(true);
        }
        Self(Rc::clone(orders))
    }
}

impl Future for Body {
    type Output = Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Output> {
        match self.0.command.take() {
            Some(Command::Fail(message)) => Poll::Ready(Err(message)),
            Some(Command::Panic(message)) => panic!("{message}"),
            Some(Command::Finish) => Poll::Ready(Ok(())),
            None => {
                self.0.waker.set(Some(cx.waker().clone()));
                Poll::Pending
            }
        }
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.0.bodies.set(self.0.bodies.get() - 1);
        assert!(!self.0.messy.take(), "in the clean-up");
    }
}

thread_local! {
    static SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Lets no panic of what is driven be printed: there are thousands.
pub fn print_no_driven_panics() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !SILENT.get() {
            print(info);
        }
    }));
}

/// Calls `f`; the error is the message of its panic.
fn silently<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    SILENT.set(true);
    let result = catch_unwind(AssertUnwindSafe(f));
    SILENT.set(false);
    result.map_err(|payload| match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(_) => "not a formatted message".into(),
    })
}
