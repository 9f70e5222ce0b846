//! A service that can be stopped at any time: it accepts records over HTTP,
//! holds them, and writes them to a file once a minute. What it has accepted is
//! in the file when it has ended, unless that could not be written.
//!
//! ```text
//! cargo run --example service -- records.txt
//! curl -d 'a record' http://127.0.0.1:3000/records
//! ```
//!
//! Ctrl-C, or SIGTERM, and the process is gone at once, with success. With one
//! more worker, which makes trouble, it is as fast as can be, and says what went
//! wrong:
//!
//! | | what it does | how the process ends |
//! |---|---|---|
//! | `--with waiting` | has panicked, and waits minutes for its restart | at once, with success |
//! | `--with thread` | has a thread, and panics on it every second | at once, with success |
//! | `--with critical` | fails until it gives up, and nothing goes without it | by itself, at once, with 1 |
//! | `--with stubborn` | asks for the shutdown, and then takes for ever | after 10 s, or a second Ctrl-C, with 1 |
//! | `--with blocked` | blocks a thread, for ever | after 10 s, with 1 |
//!
//! `--grace 0.5` waits half a second, and not 10 s, for the last two. With
//! `--threads 1` there is no thread but the one that is blocked.

mod arguments;
mod records;
mod trouble;

use std::env;
use std::error::Error;
use std::io::{self, IsTerminal};
use std::net::{Ipv4Addr, SocketAddr};

use supervise::{ShutdownError, Supervisor};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tracing_subscriber::fmt::time::uptime;

use crate::arguments::Arguments;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse(env::args().skip(1))?;
    tracing_subscriber::fmt()
        .with_ansi(io::stdout().is_terminal())
        .with_timer(uptime())
        .init();
    supervise::log_panics_only();

    let workers = Builder::new_multi_thread()
        .worker_threads(arguments.threads.get())
        .enable_all()
        .build()?;
    let (supervisor, address) = workers.block_on(start(arguments))?;
    // On a runtime of its own: a worker that blocks its thread can keep a whole
    // runtime from receiving signals.
    let main = Builder::new_current_thread().enable_all().build()?;
    let result = main.block_on(wait(&supervisor, address));
    // To drop it would be to wait for the thread that is blocked.
    workers.shutdown_background();
    Ok(result?)
}

async fn start(arguments: Arguments) -> io::Result<(Supervisor, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port)).await?;
    let address = listener.local_addr()?;
    let (accepted, to_store) = mpsc::channel(1_000);

    let supervisor = Supervisor::new().grace_period(arguments.grace);
    supervisor.spawn(records::store(to_store, Vec::new(), arguments.file));
    // A child stops first, and `store` gets all that it has accepted.
    supervisor.child().spawn(records::serve(listener, accepted));
    if let Some(trouble) = arguments.trouble {
        trouble.spawn(&supervisor);
    }
    Ok((supervisor, address))
}

async fn wait(supervisor: &Supervisor, address: SocketAddr) -> Result<(), ShutdownError> {
    let (result, ()) = tokio::join! {
        // First, so that signals are received by the time that it says so.
        biased;
        supervisor.wait(),
        async { println!("Serving on http://{address}") },
    };
    result
}
