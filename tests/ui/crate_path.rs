use supervise::supervised;

#[supervised(crate = "supervise")]
async fn text() {}

#[supervised(crate = no::such::path)]
async fn missing() {}

#[supervised(crate)]
async fn bare() {}

fn main() {}
