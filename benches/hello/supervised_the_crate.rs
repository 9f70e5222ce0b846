//! tokio = { version = "1", features = ["macros", "rt-multi-thread", "time"] }
//! supervised = "=0.3.0"

use supervised::{Context, SupervisorBuilder, service_fn};

#[tokio::main]
async fn main() {
    let hello = service_fn("hello", |_: Context<()>| async { println!("hello") });
    let supervisor = SupervisorBuilder::new(()).add(hello).build();
    supervisor.run().await.unwrap();
}
