use supervise::{Policy, supervised};

const POLICY: Policy = Policy::new();

#[supervised(policy = POLICY, restart = true, backoff = "5s", timeout = "1m")]
async fn twice() {}

#[supervised(policy = "on_failure")]
async fn word() {}

#[supervised(policy = of_nobody)]
async fn unknown() {}

#[supervised(policy = )]
async fn nothing() {}

#[supervised(policy = POLICY)]
async fn not_clone(lock: std::sync::Mutex<u8>) {
    drop(lock);
}

fn main() {}
