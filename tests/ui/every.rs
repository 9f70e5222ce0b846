use supervise::supervised;

#[supervised(every = "0s")]
async fn no_time() {}

#[supervised(every = 5)]
async fn number() {}

#[supervised(every = "hourly")]
async fn word() {}

#[supervised(every = "1h", restart = "always")]
async fn always() {}

#[supervised(every = "1h")]
async fn counts() -> u32 {
    1
}

#[supervised(every = "1h")]
async fn finds() -> Result<String, std::io::Error> {
    Ok(String::new())
}

#[supervised(every = "1h")]
async fn never() -> ! {
    std::future::pending().await
}

#[supervised(every = "1h", restart = false, backoff = "5s")]
async fn without_restart() {}

#[supervised(every = "1h")]
async fn not_clone(lock: std::sync::Mutex<u8>) {
    drop(lock);
}

fn main() {}
