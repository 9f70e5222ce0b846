//! Workers that have nothing to do with each other are spawned one by one.

use std::io;

use supervise::{Supervisor, supervised};

use crate::part::Part;

static MAIL: Part = Part::new("mail");
static REPORT: Part = Part::failing("report", 1, 200);

#[supervised(name = "mail", restart = true, backoff = "200ms")]
async fn mail() -> io::Result<()> {
    MAIL.work().await
}

#[supervised(name = "report", restart = true, backoff = "200ms")]
async fn report() -> io::Result<()> {
    REPORT.work().await
}

pub fn spawn(supervisor: &Supervisor) {
    supervisor.spawn(mail());
    supervisor.spawn(report());
}
