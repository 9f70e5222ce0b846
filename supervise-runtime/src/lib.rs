//! Tokio workers that cannot die silently: contained, reported and restarted
//! with one attribute.
//!
//! A worker that panics, or returns an `Err`, ends its task. Its `JoinHandle`
//! was dropped at the call of `spawn`, no metric moves, and the service looks
//! healthy while the work is no longer done. With [`#[supervised]`](supervised)
//! on the function, each such failure is one log event, with what, where and
//! why; it is counted; and, with `restart = true`, it is followed by a new run
//! after a wait. Nothing else about the function changes.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use supervise::supervised;
//!
//! # struct Cache;
//! # impl Cache { async fn remove_expired(&self) -> std::io::Result<()> { Ok(()) } }
//! #[supervised(name = "cleanup", restart = true)]
//! async fn cleanup(cache: Arc<Cache>) -> std::io::Result<()> {
//!     loop {
//!         tokio::time::sleep(Duration::from_secs(300)).await;
//!         cache.remove_expired().await?;
//!     }
//! }
//!
//! # async fn start(cache: Arc<Cache>) {
//! tokio::spawn(cleanup(cache)); // the call site does not change
//! # }
//! ```
//!
//! # Words
//!
//! | word | meaning |
//! |---|---|
//! | worker | an annotated function, or a closure handed to [`Worker::supervise`] or [`Worker::supervise_blocking`]; known by its name |
//! | run | one execution of the worker's body |
//! | failure | a run that panicked, returned `Err`, or took longer than its `timeout` |
//! | restart | a new run after a failure (or, under `"always"`, after a return) |
//! | tick | a run of a periodic worker |
//! | child | a task that belongs to the run which spawned it; see [`spawn_child`] |
//! | give up | the policy allows no further restart |
//! | healthy | a run that has stayed up for `healthy_after`; it forgives earlier failures |
//! | supervisor | owns spawned workers: shutdown, escalation; see [`Supervisor`] |
//! | boundary | a place where panics are caught: a worker's run, a request of HTTP or gRPC (`tower`, with the feature of that name) |
//! | grace period | how long a shutdown may take those who asked for it |
//!
//! # What is reported
//!
//! Each transition is one `tracing` event with target `supervise`, panics with
//! target `supervise::panic`:
//!
//! | event | level |
//! |---|---|
//! | `worker panicked` | `ERROR` |
//! | `worker failed` (an `Err`), `worker timed out` | `WARN`; `ERROR` from the fifth failure in a row on, and for the last one |
//! | `worker gave up: it will not be restarted` | `ERROR` |
//! | `worker recovered` | `INFO` |
//! | `worker finished`, `worker stopped` (at a shutdown; why, if it was dropped), `worker restarted by hand` | `INFO` |
//! | `worker dropped: it did not stop within the grace period`, `worker not started` (called after the request) | `WARN` |
//! | `worker did not stop` (it blocks its thread), `critical worker ended` | `ERROR` |
//! | `children of the run were dropped and are not gone` (they block their thread, and the next run waits for them) | `WARN` |
//! | `worker started`, `tick finished`, `worker cancelled` | `DEBUG` |
//! | `shutting down` | `INFO` |
//! | `task panicked`: what was spawned by this crate and is no worker; `panic in dropping a task` | `ERROR` |
//! | `task stopped` (at a shutdown; why, if it was dropped) | `INFO` |
//! | `task dropped: it did not stop within the grace period` | `WARN` |
//! | `task finished`, `task cancelled` | `DEBUG` |
//! | `request panicked`: a request of HTTP or gRPC, at a layer of that worker's name | `ERROR` |
//!
//! The fields are `worker`, `run`, `failures`, `restart_in`, `uptime` and, for
//! failures, `exception.type`, `exception.message`, `exception.stacktrace`,
//! `code.file.path` and `code.line.number`; for requests, `http.request.method` and
//! `url.path`. The stack is told for the first panic at each place of a
//! worker, not for its repetitions. The line is written in the innermost span
//! of the panic, so a job id set inside the worker is on it.
//!
//! Messages, names and paths are told as they are, as values of type `str`, which
//! every format of `tracing-subscriber` escapes: none makes a line of its own or
//! moves a terminal's cursor. Of one that is longer than 4 KiB the beginning is told,
//! with a mark that says how much more there is; of a stack, 32 KiB. The caller's
//! [`Failure`] has them whole. They may hold secrets, as panic messages do.
//!
//! All lines of a run, the user's own included, are in a span `worker` with the
//! fields `worker` and `run`. A run can stay up for months, and what exports traces
//! keeps the lines of a span until it closes: `tracing-opentelemetry` all of them
//! where it does not activate contexts, else the first 128, which are told when the
//! run is over. So keep that span, whose target is
//! `supervise::run`, from that layer; the log still has it. The spans inside of a
//! run, a job's or a tick's, then are traces of their own, with their lines.
//!
//! ```
//! use opentelemetry_sdk::trace::SdkTracer;
//! use tracing_subscriber::filter::{ParseError, Targets};
//! use tracing_subscriber::prelude::*;
//!
//! fn log(tracer: SdkTracer) -> Result<(), ParseError> {
//!     let exported: Targets = "info,supervise::run=off".parse()?;
//!     let traces = tracing_opentelemetry::layer().with_tracer(tracer);
//!     tracing_subscriber::registry()
//!         .with(tracing_subscriber::fmt::layer())
//!         .with(traces.with_filter(exported))
//!         .init();
//!     Ok(())
//! }
//! # use opentelemetry::trace::TracerProvider;
//! # let provider = opentelemetry_sdk::trace::SdkTracerProvider::default();
//! # log(provider.tracer("service")).unwrap();
//! ```
//!
//! The numbers are in the metrics (see `metrics`, feature `prometheus`, on by
//! default), as data in [`workers`], and on pages for operators (see `http`, the
//! feature of that name).
//!
//! # Where it belongs
//!
//! At the top of a worker, and nowhere else: a background loop, the body of a
//! thread, a service's `start` method. Inside, an `Err` is an `Err` and a bug is a
//! panic, and both end the run.
//!
//! *Not around every call.* What has panicked has left its work half done. To
//! contain it in place is to go on with that; to end the run is to begin again
//! from a state that is known. So a worker is as large as what has to be made anew
//! together: its connections, its buffers, its children.
//!
//! *Not in a library.* It can't know whether to go on without what has panicked:
//! its caller does. It returns its errors, causes no panic, and lets those of
//! others pass. One that spawns has a boundary at each spawn, and says so.
//!
//! *A request is no worker.* Somebody waits for its answer, and so it is answered
//! with an error and not run again. That is done where all requests pass, by a
//! layer of the server (feature `tower`); the accept loop around it is a worker.
//!
//! *A leak is no panic.* A worker that hangs, a pool that only grows, a child that
//! nobody ends fail at nothing. What shows them is the gauge `supervise_workers`
//! (or [`workers`]): how many of a name are running. Alert on one that should be
//! constant and is not. A periodic worker that hangs shows by its last success.
//!
//! So that no spawn is forgotten there is a lint, in `examples/lint`: with it
//! clippy names each bare `tokio::spawn`, and what to write instead.
//!
//! # Moving to it
//!
//! A service can move step by step: [`spawn`], [`spawn_local`], [`spawn_blocking`]
//! and [`spawn_thread`] take the place of tokio's and the standard library's, with
//! the same arguments and handles; then loops become workers, what they spawn for
//! themselves their children, and what `main` spawns is given to a [`Supervisor`].
//! [`moving`] shows it on a small service, as a diff.
//!
//! # What a restart does not undo
//!
//! A run gets its own copies of the by-value arguments. What it shares stays as
//! the failed run left it: a `std::sync::Mutex` is poisoned if it was held, a
//! value behind an `Arc` or a `&mut` may be half-written, an item taken from a
//! queue is lost. The page [`uncaught`] says what to do instead.
//!
//! # What cannot be caught
//!
//! A process built with `panic = "abort"` (which this crate refuses to be part
//! of, unless feature `panic-abort` says that it is meant), a panic in a
//! destructor while another panic unwinds, a panic in a panic hook or a hook that
//! exits, stack overflow, running out of memory, `process::exit` and `abort`, a
//! panic that leaves an `extern "C"` function. Nor does anything help a worker that
//! blocks its thread for ever, or tell of a task that it spawned by tokio's `spawn`
//! and let go of: [`spawn`] does. For each of them the page [`uncaught`] says what
//! happens and what to do instead.
//!
//! # How it is made
//!
//! *One future, in place.* The attribute keeps the `async fn` and puts a loop
//! around its body; nothing is spawned, nothing is boxed on the way of a
//! healthy run, and the loop lives and is dropped with the caller's future. No
//! central task can stall it, and no worker's wait delays another's.
//!
//! *The hook captures, the catch reports.* Only a panic hook sees the place, the
//! stack and the span of a panic, and a panic inside a hook aborts the process.
//! So ours only takes notes, for panics inside workers, and calls the hook that
//! was there before; logging happens after the catch, in a catch of its own. A
//! hook that is set later and does not call ours costs the place, never the
//! report.
//!
//! *Deciding is a function.* What follows a run is decided from the policy, the
//! history and the end of that run, without clock or chance of its own: every
//! rule about waits, limits, health and periods is tested as a property of that
//! one function, over thousands of histories.
//!
//! *A task is found, not passed.* A shutdown reaches any depth of a worker
//! without a token in its signature, because the code that asks looks up its
//! task by tokio's id. Nothing has to be set when a task is polled, and what
//! never asks is dropped by tokio's own abort handles. Who sees to a shutdown is
//! whoever waits for it, in place; only if nobody does, a task in the background.
//!
//! *Numbers are read, not pushed.* The registry of workers counts; the metrics
//! and [`workers`] read it when asked. They cannot disagree, and an event costs
//! an atomic add.

#![cfg_attr(
    not(test),
    warn(
        clippy::dbg_macro,
        clippy::expect_used,
        clippy::print_stderr,
        clippy::print_stdout,
        clippy::unwrap_used
    )
)]

#[cfg(all(panic = "abort", not(feature = "panic-abort")))]
compile_error!(
    "with `panic = \"abort\"` no panic can be contained, logged, counted or followed by a restart: \
     the first one ends the process; remove it from the Cargo profile, or accept it with feature \
     `panic-abort` of `supervise-runtime`: an `Err` is still supervised"
);

mod attempt;
mod call;
mod capture;
mod children;
mod contain;
mod context;
mod excerpt;
mod failure;
mod log;
pub mod moving;
mod name;
mod outcome;
mod parts;
mod place;
mod policy;
mod registry;
mod rounded;
mod shutdown;
mod sleeper;
mod spawn;
mod stack;
mod status;
mod supervisor;
mod timer;
#[cfg(feature = "tower")]
pub mod tower;
pub mod uncaught;
mod views;
mod worker;

pub use crate::capture::log_panics_only;
pub use crate::context::{Current, current, is_supervised, ready};
pub use crate::failure::Failure;
pub use crate::outcome::Outcome;
pub use crate::place::Place;
pub use crate::policy::{Backoff, MaxRestarts, Policy, PolicyError, Reason, Restart};
pub use crate::registry::workers;
#[cfg(feature = "tokio-util")]
pub use crate::shutdown::shutdown_token;
pub use crate::shutdown::{is_shutting_down, shutdown_requested};
pub use crate::spawn::{spawn, spawn_blocking, spawn_child, spawn_local, spawn_thread};
pub use crate::status::{ByReason, Kind, LastFailure, PeriodicStatus, TickDurations, WorkerStatus};
pub use crate::supervisor::{Handle, ShutdownError, Supervisor, TaskState, TaskStatus, Unstopped};
#[cfg(feature = "http")]
pub use crate::views::http;
#[cfg(feature = "prometheus")]
pub use crate::views::metrics;
pub use crate::worker::Worker;
/// Contains, reports and restarts an `async fn`; or, with `blocking`, a plain one.
///
/// Each panic and each returned `Err` of the function becomes one log event and
/// moves a counter; with `restart = true` the body is run again, after a wait.
/// The signature, and with it every call of the function, stays as it is.
///
/// ```
/// use std::io;
/// use std::time::Duration;
/// use supervise::supervised;
///
/// #[supervised(name = "cleanup", restart = true)]
/// async fn cleanup(path: String) -> io::Result<()> {
///     loop {
///         tokio::time::sleep(Duration::from_secs(300)).await;
///         std::fs::remove_file(&path)?;
///     }
/// }
///
/// # async fn start() {
/// tokio::spawn(cleanup("/tmp/scratch".into()));
/// # }
/// ```
///
/// # Options
///
/// | option | values | default |
/// |---|---|---|
/// | `name` | a string: the label of its metrics and log lines | `Type::method` for methods, else `module::function` |
/// | `restart` | `false` or `"never"`; `true` or `"on_failure"` (a panic, an `Err`, a timeout); `"on_panic"` (a panic, a timeout); `"always"` (after a return, too) | `false`; with `every`: `"on_failure"` |
/// | `give_up_if` | the path of a `fn(&E) -> bool`: an `Err` for which a restart is pointless | none |
/// | `backoff` | `"1s..1m"`: doubling from 1 s, never above 1 m; `"5s"`: always 5 s | `"1s..1m"` |
/// | `healthy_after` | a duration: how long a run has to stay up to forgive the failures before it | twice the longest backoff, within 10 s and 10 min |
/// | `max_restarts` | `5`: since it was last healthy; `"5 in 10m"`: in any 10 minutes, which health does not clear. One more, and the worker gives up. Only restarts after failures count | no limit |
/// | `timeout` | a duration: a run that takes longer is dropped, and has failed; not beside `blocking` | none |
/// | `every` | a duration: the body is one tick of a periodic worker | not periodic |
/// | `critical` | `true`: when it ends before a shutdown was requested, for whatever reason, its [`Supervisor`] shuts down. It is said at `ERROR` if there is none around it | `false` |
/// | `on_give_up` | what the caller gets after a last panic or timeout: `"panic"`, the panic itself; `"return"`, the output, which has to be able to hold it | whichever the output can |
/// | `policy` | an expression of type [`Policy`], instead of `restart`, `backoff`, `healthy_after`, `max_restarts` and `timeout` | none |
/// | `blocking` | the word alone, on a plain `fn`: it runs, and waits, on the thread that calls it | – |
/// | `crate` | the path of this crate, where it is re-exported: `crate = my_crate::supervise` | `::supervise` |
///
/// A wait is drawn from between half the backoff and the whole, so that workers
/// which failed together do not come back together. A run that was healthy
/// forgives what was before: the next failure waits the first wait again. Time
/// spent waiting is not health.
///
/// Durations are whole numbers with the units `ns`, `us`, `ms`, `s`, `m`, `h`
/// and `d`, one after another: `"1m 30s"`.
///
/// # Periodic workers
///
/// ```
/// use supervise::supervised;
///
/// #[supervised(name = "report", every = "1h", timeout = "5m")]
/// async fn report(url: String) -> std::io::Result<()> {
///     println!("to {url}");
///     Ok(())
/// }
/// ```
///
/// The first tick comes at once, the others on a grid from there. A tick that
/// takes longer than the period skips the slots that it missed; ticks never
/// overlap and never catch up. After a failed tick comes another at the next
/// slot, or after the backoff if that is later. A successful tick is healthy at
/// once. The body returns `()` or `Result<(), E>`, and the worker ends only when
/// it gives up.
///
/// # Workers that block their thread
///
/// A plain `fn` needs the word `blocking`. It stays one: each run is on the thread
/// that calls it, and between two runs that thread sleeps. All else is the same.
///
/// ```
/// use std::io::{self, BufRead};
/// use std::sync::mpsc::SyncSender;
/// use std::thread;
/// use supervise::supervised;
///
/// #[supervised(blocking, name = "console", restart = true)]
/// fn read(lines: SyncSender<String>) -> io::Result<()> {
///     for line in io::stdin().lock().lines() {
///         lines.send(line?).map_err(io::Error::other)?;
///     }
///     Ok(())
/// }
///
/// # fn start(lines: SyncSender<String>) {
/// thread::spawn(|| read(lines));
/// # }
/// ```
///
/// It may be called wherever a thread may block: in `std::thread::spawn`, in a
/// scoped thread, in `spawn_blocking` and `block_in_place`, and on the main thread
/// of a program that has no runtime. Without a restart it is what a service's
/// synchronous `start` takes. In an `async fn` it blocks whoever is on that thread,
/// its waits included.
///
/// A thread can't be stopped from outside. So there is no `timeout` (one in a
/// [`Policy`] has no effect, which is logged), and a run is not cut off by a
/// shutdown or a [`Handle`]: it asks
/// [`is_shutting_down`]. Its wait ends at the request of the shutdown, if it is
/// in a task of a [`Supervisor`], that of
/// [`Supervisor::spawn_blocking`] or any other; the caller gets what it would if
/// the worker had given up after its last run, or the value of that. No run begins
/// after the request: who calls a worker then gets an `Err` made from a
/// [`Failure`] that says so, or `()`; where the output can hold neither the thread
/// unwinds, and that is not reported as a panic.
///
/// That a run is healthy is told at the moment, by a thread that waits for it;
/// there is one only while there are failures to forgive.
///
/// # A policy as a value
///
/// `policy` is evaluated once per call, before the first run, with `self` and
/// the plainly named arguments in scope: `policy = self.config.cleanup` with a
/// policy from a configuration file, see [`Policy`]. A panic in it is the
/// caller's. A worker that is no function of its own is a [`Worker`].
///
/// # What each run sees
///
/// | parameter | each run gets |
/// |---|---|
/// | `&self`, `&T` | the same reference |
/// | `&mut self`, `&mut T` | a reborrow: what earlier runs wrote is there |
/// | `self`, `self: Arc<Self>`, `self: Box<Self>`, `T`, `mut T` | its own clone of what the caller passed |
/// | `#[keep] T`, `#[keep] self` | `&mut` of the one value, which outlives the runs |
/// | a pattern, such as `(a, b): (A, B)` | its own clone, taken apart |
///
/// Without a restart there is one run, and it gets the arguments themselves.
///
/// A queue, a stream or a listener is kept. Callers pass the value, and what is
/// sent during the wait after a panic is there in the next run; an item that was
/// taken before the panic is lost.
///
/// ```
/// use supervise::supervised;
/// use tokio::sync::mpsc::Receiver;
///
/// #[supervised(name = "consume", restart = true)]
/// async fn consume(#[keep] jobs: Receiver<u32>) {
///     while let Some(job) = jobs.recv().await {
///         println!("{job}");
///     }
/// }
/// ```
///
/// A body that is run again can't move `&mut self` itself, nor return a borrow
/// from something `&mut`: the attribute says so and names the way out.
///
/// # Which functions
///
/// Any `async fn`; a function that ends in `async move { … }` or
/// `Box::pin(async move { … })`, and with it the methods that `#[async_trait]`
/// has rewritten; any plain `fn`, with `blocking`. `#[instrument]` goes below it for one span around all runs, or
/// above it for a span in each.
///
/// # What the caller gets
///
/// | the worker | the caller gets |
/// |---|---|
/// | finishes | the value, unchanged |
/// | gives up after an `Err` | that last `Err` |
/// | gives up after a panic, output `()` | `()` |
/// | gives up after a panic, output `Result<_, E>` where `E: From<supervise::Failure>` | `Err(E::from(failure))` |
/// | gives up after a panic, any other output, or `on_give_up = "panic"` | the panic itself, resumed |
/// | gives up after a timeout | the same; what would be resumed is a panic that says so |
///
/// # Panics
///
/// A wait that is not zero, a `timeout` and a period need a tokio runtime with
/// timers enabled; with `blocking`, nothing does.
pub use supervise_macros::supervised;

#[doc(hidden)]
pub mod __private;
