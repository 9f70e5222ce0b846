use supervise::supervised;

#[supervised(restart = true, backoff = "fast")]
async fn no_duration() {}

#[supervised(restart = true, backoff = "1m..1s")]
async fn falling() {}

#[supervised(restart = true, backoff = "0s..1m")]
async fn from_zero() {}

#[supervised(restart = true, backoff = "1s..forever")]
async fn half() {}

#[supervised(backoff = "5s")]
async fn without_restart() {}

#[supervised(restart = false, backoff = "5s")]
async fn never_restarted() {}

fn main() {}
