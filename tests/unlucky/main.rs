//! A program that ends in a way of its own: `unlucky <way>`, with `--log-only` if
//! panics are to be in the log only.
//!
//! All of them have a worker, and write their log to stderr. The tests in
//! `uncaught.rs` run it, and `.ci/panic-abort` does, built so.

mod aborts;
mod goes_on;

use std::future::Future;
use std::process::{ExitCode, exit};
use std::time::Duration;
use std::{env, io, thread};

use supervise::{ShutdownError, Supervisor};
use tokio::runtime::{Builder, Runtime};
use tracing::Level;

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_max_level(Level::DEBUG)
        .without_time()
        .with_ansi(false)
        .init();
    // A test that hangs is worse than one that fails.
    thread::spawn(|| {
        thread::sleep(Duration::from_secs(20));
        exit(99);
    });
    let mut arguments = env::args().skip(1);
    let way = arguments.next().unwrap_or_default();
    if arguments.next().as_deref() == Some("--log-only") {
        supervise::log_panics_only();
    }
    match &*way {
        "panic" => run(aborts::panic()),
        "drop" => run(aborts::panic_in_drop()),
        "hook" => run(aborts::panic_in_hook()),
        "exiting-hook" => run(aborts::hook_that_exits()),
        "stack" => run(aborts::stack_overflow()),
        "memory" => run(aborts::no_memory()),
        "exit" => run(aborts::exit()),
        "abort" => run(aborts::abort()),
        "extern" => run(aborts::panic_in_extern_c()),
        "error" => run(goes_on::error()),
        "detached" => run(goes_on::detached_children()),
        "poison" => run(goes_on::poisoned_mutex()),
        "half" => run(goes_on::half_written()),
        "blocked" => return shut_down(goes_on::blocked()),
        way => panic!("no way to end is called {way:?}"),
    }
    ExitCode::SUCCESS
}

/// As in a service, on threads of a runtime.
fn run(worker: impl Future<Output = ()> + Send + 'static) {
    let ended = runtime().block_on(async { tokio::spawn(worker).await });
    ended.expect("the panics of these workers are contained");
}

/// As a `main` that does not hang.
fn shut_down(worker: impl Future<Output = ()> + Send + 'static) -> ExitCode {
    let workers = runtime();
    let supervisor = Supervisor::new().grace_period(Duration::from_millis(100));
    workers.block_on(async { drop(supervisor.spawn(worker)) });
    goes_on::wait_until_it_blocks();
    supervisor.shutdown();
    let main = Builder::new_current_thread().enable_all().build();
    let main = main.expect("a runtime");
    let result: Result<(), ShutdownError> = main.block_on(supervisor.wait());
    workers.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn runtime() -> Runtime {
    let builder = &mut Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build();
    runtime.expect("a runtime")
}
