//! A worker: its name, its policy, and the way to its numbers.

use std::fmt;
use std::future::Future;
use std::ops::ControlFlow;
use std::panic::Location;
use std::ptr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use crate::attempt::Runs;
use crate::call::Call;
use crate::name::Name;
use crate::outcome::Outcome;
use crate::policy::{Plan, Policy};
use crate::registry::{self, Definition, Entry};
use crate::status::Kind;
use crate::{capture, log};

/// A worker whose body is a closure: [`#[supervised]`](macro@crate::supervised)
/// for what is no function of its own.
///
/// It is made in a `static` or a local. Each call of
/// [`supervise`](Self::supervise) is one worker of that name.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use supervise::{Policy, Restart, Worker};
///
/// # struct Db;
/// # impl Db { async fn reap(&self) -> std::io::Result<()> { Ok(()) } }
/// static REAPER: Worker =
///     Worker::new("reaper").policy(Policy::new().restart(Restart::OnFailure));
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let db = std::sync::Arc::new(Db);
/// tokio::spawn(REAPER.supervise(move || {
///     let db = db.clone();
///     async move { db.reap().await }
/// }));
/// # }
/// ```
pub struct Worker {
    name: Name,
    plan: Plan,
    critical: bool,
    location: &'static Location<'static>,
    /// By the type that the method was called on: a default body in a trait,
    /// or a method of a generic type, is one static for many workers.
    known: Mutex<Vec<Known>>,
    /// The first of them, which mostly is the only one: found without a lock.
    first: OnceLock<Known>,
}

/// The type, and what is known of its worker.
type Known = (&'static str, &'static Entry, Arc<Plan>);

impl Worker {
    /// A worker called `name`, the label of its metrics and log lines, which is
    /// never restarted. Its place is where this is called.
    ///
    /// # Panics
    ///
    /// If the name is empty; in a `static`, that is a compile error.
    #[track_caller]
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        assert!(
            !name.trim_ascii().is_empty(),
            "a worker needs a name to be found by"
        );
        Self::named(Name::Given(name))
    }

    #[track_caller]
    pub(crate) const fn named(name: Name) -> Self {
        Self {
            name,
            plan: Plan {
                policy: Policy::new(),
                every: None,
            },
            critical: false,
            location: Location::caller(),
            known: Mutex::new(Vec::new()),
            first: OnceLock::new(),
        }
    }

    /// When to restart it. The default is [`Policy::new`]: never.
    #[must_use]
    pub const fn policy(mut self, policy: Policy) -> Self {
        self.plan.policy = policy;
        self
    }

    /// Makes it periodic, each run being one tick: the first at once, the others
    /// on a grid of this period. A tick that takes longer skips slots; a failed
    /// one is followed by another as the policy says, not before the next slot.
    ///
    /// # Panics
    ///
    /// If the period is zero; in a `static`, that is a compile error.
    #[track_caller]
    #[must_use]
    pub const fn every(mut self, period: Duration) -> Self {
        assert!(!period.is_zero(), "a period of no time has no slots");
        self.plan.every = Some(period);
        self
    }

    /// Whether its end before a shutdown was requested, for whatever reason, is
    /// the end of its [`Supervisor`](crate::Supervisor). The default is `false`.
    #[must_use]
    pub const fn critical(mut self, critical: bool) -> Self {
        self.critical = critical;
        self
    }

    /// Contains, reports and restarts the futures that `run` makes, one for each
    /// run.
    ///
    /// Ready when the worker is done: with the value of the last run, or with
    /// `()` after a last panic or timeout. A `Result` can't hold either, as far
    /// as a function can know: there, the panic goes on to the caller, and a
    /// timeout becomes one. A panic in `run` itself is a failure of that run.
    ///
    /// # Panics
    ///
    /// With the last panic of a worker whose output is not `()`. A wait that is
    /// not zero, a timeout and a period need a tokio runtime with timers.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use supervise::{Backoff, Policy, Restart, Worker};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let flaky = Worker::new("flaky").policy(
    ///     Policy::new()
    ///         .restart(Restart::OnFailure)
    ///         .backoff(Backoff::constant(Duration::from_millis(1))),
    /// );
    /// let mut runs = 0;
    /// let answer = flaky.supervise(|| {
    ///     runs += 1;
    ///     let run = runs;
    ///     async move { if run < 3 { Err("not yet") } else { Ok(run) } }
    /// });
    /// assert_eq!(answer.await, Ok(3));
    /// # }
    /// ```
    pub fn supervise<F, R, T>(&self, run: F) -> impl Future<Output = T> + use<F, R, T>
    where
        F: FnMut() -> R,
        R: Future<Output = T>,
        T: Outcome,
    {
        Runs::new(self.call(""), run)
    }

    /// Calls `run` on this thread, contained, reported and called again, each
    /// time as a run: [`supervise`](Self::supervise) for what blocks.
    ///
    /// It is called wherever a thread may block: in `std::thread::spawn` and
    /// [`spawn_thread`](crate::spawn_thread), in a scoped thread, in
    /// [`spawn_blocking`](crate::spawn_blocking) and `block_in_place`; it needs no
    /// runtime. Between two runs the thread sleeps. It returns when the worker is
    /// done, with what `supervise` would be ready with.
    ///
    /// In a task of a [`Supervisor`](crate::Supervisor) the pause ends with the
    /// request of the shutdown, and the caller gets what it would if the worker had
    /// given up after its last run. No run begins after the request. A run that is
    /// under way can't be ended: it finds out by
    /// [`is_shutting_down`](crate::is_shutting_down). For the same reason the
    /// `timeout` of a policy has no effect, which is logged.
    ///
    /// # Panics
    ///
    /// With the last panic of a worker whose output is not `()`. One that is called
    /// after the request, and whose output is not `()`, has nothing to return: the
    /// thread unwinds, which is not reported as a panic.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::{self, BufRead};
    /// use std::thread;
    /// use supervise::{Policy, Restart, Worker};
    ///
    /// static CONSOLE: Worker =
    ///     Worker::new("console").policy(Policy::new().restart(Restart::OnFailure));
    ///
    /// let console = thread::spawn(|| {
    ///     CONSOLE.supervise_blocking(|| {
    ///         for line in io::stdin().lock().lines() {
    ///             println!("> {}", line?);
    ///         }
    ///         io::Result::Ok(())
    ///     })
    /// });
    /// # console.join().unwrap().unwrap();
    /// ```
    pub fn supervise_blocking<F, T>(&self, mut run: F) -> T
    where
        F: FnMut() -> T,
        T: Outcome,
    {
        let mut call = self.call("");
        loop {
            if let ControlFlow::Break(value) = call.run(Ok(&mut run), T::judge(), T::ending()) {
                return value;
            }
        }
    }

    /// Begins a call of this worker; `of` is the type that has the method.
    pub(crate) fn call(&self, of: &'static str) -> Call {
        let (entry, plan) = self.known(of, &self.plan);
        Call::new(entry, plan)
    }

    /// The same, with another policy.
    pub(crate) fn call_by(&self, of: &'static str, policy: Policy) -> Call {
        let every = self.plan.every;
        let plan = Plan { policy, every };
        let (entry, _) = self.known(of, &plan);
        Call::new(entry, entry.share(plan))
    }

    /// What is known of the worker of this type, from its first call on, which
    /// is by `first`.
    fn known(&self, of: &'static str, first: &Plan) -> (&'static Entry, Arc<Plan>) {
        capture::install_hook();
        match self.first.get() {
            // Mostly one literal: nothing to compare.
            Some((known, entry, plan)) if ptr::eq(*known, of) || *known == of => {
                (entry, Arc::clone(plan))
            }
            _ => self.look_up(of, first),
        }
    }

    #[inline(never)]
    fn look_up(&self, of: &'static str, first: &Plan) -> (&'static Entry, Arc<Plan>) {
        #[cfg(panic = "abort")]
        log::aborts_on_panic();
        #[cfg(feature = "prometheus")]
        crate::views::metrics::register_default();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, entry, plan)) = known.iter().find(|(known, ..)| *known == of) {
            return (entry, Arc::clone(plan));
        }
        let entry = registry::enter(&Definition {
            name: self.name.label(of),
            kind: Kind::Worker,
            location: self.location,
            restart: first.policy.get_restart(),
            critical: self.critical,
        });
        let plan = Arc::new(self.plan);
        known.push((of, entry, Arc::clone(&plan)));
        self.first.get_or_init(|| (of, entry, Arc::clone(&plan)));
        drop(known);
        if entry.is_first_namesake(self.location) {
            log::two_of_one_name(entry.name, entry.location, self.location);
        }
        (entry, plan)
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("name", &self.name)
            .field("policy", &self.plan.policy)
            .field("every", &self.plan.every)
            .field("critical", &self.critical)
            .finish_non_exhaustive()
    }
}
