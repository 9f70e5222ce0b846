//! tokio = { version = "1", features = ["macros", "rt-multi-thread", "time"] }
//! supervise = { package = "supervise-runtime", path = "RUNTIME" }

use supervise::supervised;

#[supervised(name = "hello", restart = true)]
async fn hello() {
    println!("hello");
}

#[tokio::main]
async fn main() {
    tokio::spawn(hello()).await.unwrap();
}
