//! What the generated functions are given and how they are watched.
//!
//! The library of the generated crate; not part of this one.

use std::any::Any;
use std::cell::Cell;
use std::error::Error;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering::SeqCst};
use std::task::Poll;
use std::time::Duration;

pub use supervise;

/// What each generated module begins with.
pub mod prelude {
    pub use std::borrow::Cow;
    pub use std::cell::Cell;
    pub use std::error::Error;
    pub use std::fmt::{self, Display};
    pub use std::future::Future;
    pub use std::io;
    pub use std::marker::PhantomData;
    pub use std::pin::Pin;
    pub use std::rc::Rc;
    pub use std::sync::Arc;

    pub use supervise::{self, supervised};
    pub use tokio::task::yield_now;

    pub use crate::*;
}

/// For `policy = …`.
pub const RUN_AGAIN: supervise::Policy = supervise::Policy::new()
    .restart(supervise::Restart::OnFailure)
    .backoff(supervise::Backoff::constant(Duration::ZERO));

mod values;

pub use values::*;

static LIVE: AtomicI64 = AtomicI64::new(0);
static COMPLAINTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

thread_local!(static CASE: Cell<u32> = const { Cell::new(0) });

/// Notes that something is not as it should be. A panic would only be one more
/// failure to the worker.
pub fn saw(as_promised: bool, what: &str) {
    if !as_promised {
        complain(what);
    }
}

fn complain(what: &str) {
    let text = format!("case {}: {what}", CASE.get());
    COMPLAINTS.lock().unwrap().push(text);
}

/// Counts runs.
pub struct Runs(AtomicU32);

impl Runs {
    pub const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// The number of the run that begins, from 1.
    pub fn next(&self) -> u32 {
        self.0.fetch_add(1, SeqCst) + 1
    }

    pub fn count(&self) -> u32 {
        self.0.load(SeqCst)
    }
}

/// Whether the error was made of a panic.
pub fn tells_of_panic(error: &dyn Error) -> bool {
    error.to_string().contains("panicked")
}

pub fn send<F: Future + Send>(future: F) -> F {
    future
}

/// What the caller gets, a panic included.
pub async fn caught<F: Future>(future: F) -> Result<F::Output, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    std::future::poll_fn(
        |cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => Poll::Ready(Err(panic)),
        },
    )
    .await
}

/// Whether a panic is the one of a generated body.
pub fn is_ours(panic: &(dyn Any + Send)) -> bool {
    panic
        .downcast_ref::<String>()
        .is_some_and(|text| text.starts_with("run "))
}

/// How often the worker of that name was started.
pub fn starts(name: &str) -> u64 {
    let workers = supervise::workers();
    workers
        .iter()
        .find(|worker| worker.name == name)
        .map_or(0, |worker| worker.starts)
}

pub type Check = fn() -> Pin<Box<dyn Future<Output = ()>>>;

/// Calls each function, and prints what was not as promised.
pub fn run(cases: &[(u32, Check)]) -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    for (case, check) in cases {
        CASE.set(*case);
        let checked = async { tokio::time::timeout(Duration::from_secs(5), caught(check())).await };
        match runtime.block_on(checked) {
            Ok(Ok(())) => saw(LIVE.load(SeqCst) == 0, "a value was not dropped"),
            Ok(Err(_)) => complain("its check panicked"),
            Err(_) => complain("it hangs"),
        }
        LIVE.store(0, SeqCst);
    }
    let complaints = COMPLAINTS.lock().unwrap();
    complaints
        .iter()
        .for_each(|complaint| println!("{complaint}"));
    ExitCode::from(u8::from(!complaints.is_empty()))
}
