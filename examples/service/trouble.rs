//! Workers that make a shutdown hard.

use std::future::pending;
use std::thread;

use supervise::{Supervisor, supervised};
use tracing::warn;

#[derive(Clone, Copy)]
pub enum Trouble {
    Waiting,
    Thread,
    Critical,
    Stubborn,
    Blocked,
}

impl Trouble {
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "waiting" => Self::Waiting,
            "thread" => Self::Thread,
            "critical" => Self::Critical,
            "stubborn" => Self::Stubborn,
            "blocked" => Self::Blocked,
            _ => return None,
        })
    }

    pub fn spawn(self, supervisor: &Supervisor) {
        match self {
            Self::Waiting => drop(supervisor.spawn(waiting())),
            Self::Thread => drop(supervisor.spawn_blocking(thread)),
            Self::Critical => drop(supervisor.spawn(critical())),
            Self::Stubborn => drop(supervisor.spawn(stubborn())),
            Self::Blocked => drop(supervisor.spawn(blocked())),
        }
    }
}

#[supervised(name = "waiting", restart = true, backoff = "5m")]
async fn waiting() {
    panic!("the mail server is not there");
}

#[supervised(blocking, name = "thread", restart = true, backoff = "1s")]
fn thread() {
    panic!("the device is not there");
}

#[supervised(
    name = "critical",
    restart = true,
    backoff = "10ms",
    max_restarts = 2,
    critical = true
)]
async fn critical() -> Result<(), String> {
    Err("the table `customers` is not there".into())
}

#[supervised(name = "stubborn")]
async fn stubborn() {
    let requested = supervise::shutdown_requested();
    warn!("will not stop when it is asked to");
    requested.await;
    pending::<()>().await;
}

#[supervised(name = "blocked")]
async fn blocked() -> ! {
    warn!("blocks its thread");
    loop {
        thread::park();
    }
}
