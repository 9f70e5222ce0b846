//! Workers that each need the one before: each runs the next one inside. What
//! fails is restarted with all that is in it, and nothing around it is.

use std::io;

use supervise::{Supervisor, supervised};
use tokio::try_join;

use crate::part::Part;

static CONNECTION: Part = Part::failing("connection", 1, 1_300);
static SESSION: Part = Part::failing("  session", 1, 700);
static PRICES: Part = Part::failing("    prices", 1, 200);

#[supervised(name = "connection", restart = true, backoff = "200ms")]
async fn connection() -> io::Result<()> {
    try_join!(CONNECTION.work(), session())?;
    Ok(())
}

#[supervised(name = "session", restart = true, backoff = "200ms")]
async fn session() -> io::Result<()> {
    try_join!(SESSION.work(), prices())?;
    Ok(())
}

#[supervised(name = "prices", restart = true, backoff = "200ms")]
async fn prices() -> io::Result<()> {
    PRICES.work().await
}

pub fn spawn(supervisor: &Supervisor) {
    supervisor.spawn(connection());
}
