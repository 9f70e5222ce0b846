//! tokio = { version = "1", features = ["macros", "rt-multi-thread", "time"] }

#[tokio::main]
async fn main() {
    tokio::spawn(async { println!("hello") }).await.unwrap();
}
