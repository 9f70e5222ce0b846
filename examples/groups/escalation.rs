//! A worker that gives up has failed for the one around it, which is restarted,
//! and gives up in turn. The outermost one is critical: its end is that of the
//! program.
//!
//! The limits are windows: an outer worker that stays up while the inner one is
//! tried again can be healthy by then, which would clear a plain number.

use std::io;

use supervise::{Supervisor, supervised};
use tokio::try_join;

use crate::part::Part;

static MARKET: Part = Part::new("market");
static LOGIN: Part = Part::new("  login");
static ORDERS: Part = Part::failing("    orders", u32::MAX, 50);

#[supervised(name = "market", critical = true)]
async fn market() -> io::Result<()> {
    try_join!(MARKET.work(), login())?;
    Ok(())
}

/// A panic that leaves `orders` is one in here, too. When it is the last one,
/// it becomes the `io::Error` that the caller gets.
#[supervised(
    name = "login",
    restart = true,
    backoff = "200ms",
    max_restarts = "1 in 1m"
)]
async fn login() -> io::Result<()> {
    let orders = async {
        orders().await;
        Ok(())
    };
    try_join!(LOGIN.work(), orders)?;
    Ok(())
}

/// It returns nothing, so only a panic can tell that it gave up.
#[supervised(
    name = "orders",
    restart = true,
    backoff = "100ms",
    max_restarts = "2 in 10s",
    on_give_up = "panic"
)]
async fn orders() {
    if let Err(error) = ORDERS.work().await {
        panic!("{error}");
    }
}

pub fn spawn(supervisor: &Supervisor) {
    supervisor.spawn(market());
}
