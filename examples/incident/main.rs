//! A post-mortem, replayed: after a bad configuration push, the worker that
//! cleans up a cache panics.
//!
//! In the Go original that took every replica down. In tokio the worker is gone
//! without a trace, the service looks healthy, and its cache grows for ever:
//!
//! ```text
//! cargo run --example incident -- --unsupervised
//! ```
//!
//! With `#[supervised]` the log and the metrics tell, and a good push heals it:
//!
//! ```text
//! cargo run --example incident
//! ```

mod admin;
mod app;
mod cache;
mod signals;
mod supervised;
mod traffic;
#[expect(clippy::disallowed_methods, reason = "as it was on that day")]
mod unsupervised;

use std::env;
use std::error::Error;
use std::io::{self, IsTerminal};
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;
use tracing_subscriber::fmt::time::uptime;

use crate::app::App;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { port, unsupervised } = Arguments::parse(env::args().skip(1))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|error| format!("port {port}: {error}"))?;
    let address = listener.local_addr()?;
    print_what_to_try(address, unsupervised);
    tracing_subscriber::fmt()
        .with_ansi(io::stdout().is_terminal())
        .with_timer(uptime())
        .init();

    let app = App::new()?;
    let service = async {
        if unsupervised {
            unsupervised::Service(app).start(listener).await?;
        } else {
            // Panics are in the log, and need not be on stderr as well.
            supervise::log_panics_only();
            supervised::Service(app).start(listener).await?;
        }
        Ok(())
    };
    tokio::select! {
        ended = service => ended,
        never = traffic::visit(address) => never,
    }
}

struct Arguments {
    port: u16,
    unsupervised: bool,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        const USAGE: &str = "usage: incident [--port N] [--unsupervised]";
        let mut port = env::var("PORT").unwrap_or_else(|_| "3000".into());
        let mut unsupervised = false;
        while let Some(word) = words.next() {
            match word.as_str() {
                "--port" => port = words.next().ok_or(USAGE)?,
                "--unsupervised" => unsupervised = true,
                _ => return Err(USAGE.into()),
            }
        }
        let port = port
            .parse()
            .map_err(|_| format!("`{port}` is no port; {USAGE}"))?;
        Ok(Self { port, unsupervised })
    }
}

fn print_what_to_try(address: SocketAddr, unsupervised: bool) {
    let [bad, metrics, page, good] = if unsupervised {
        [
            "`cleanup` dies; a line on stderr, and that is all",
            "not a word about `cleanup`, and a cache that only grows",
            "nobody has heard of a worker",
            "too late: nobody is left to clean up",
        ]
    } else {
        [
            "`cleanup` panics; the log has a stack, then short repeats, up to 5 s apart",
            "panics_total rises, state=\"waiting\" is 1, the cache grows meanwhile",
            "what fails, where, how often, and when it is tried again",
            "`cleanup` works again within 5 s; 10 s later the log says recovered",
        ]
    };
    println!(
        "\
Serving on http://{address}

Try, from another terminal:

# A bad push: {bad}.
curl -X PUT http://{address}/config -d '{{\"cache\":{{}}}}'
# The metrics: {metrics}.
curl -s http://{address}/metrics | grep -E 'cleanup|^incident'
# The workers, as a page (`curl` gets a table): {page}.
http://{address}/workers
# A good push: {good}.
curl -X PUT http://{address}/config -d '{{\"cache\":{{\"ttl_seconds\":3}}}}'
"
    );
}
