//! tokio = { version = "1", features = ["macros", "rt-multi-thread", "time"] }
//! kameo = "=0.22.2"

use kameo::actor::{Actor, ActorRef, Spawn};
use kameo::error::Infallible;

struct Supervisor;

impl Actor for Supervisor {
    type Args = ();
    type Error = Infallible;

    async fn on_start((): (), _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

struct Hello;

impl Actor for Hello {
    type Args = ();
    type Error = Infallible;

    async fn on_start((): (), _: ActorRef<Self>) -> Result<Self, Infallible> {
        println!("hello");
        Ok(Self)
    }
}

#[tokio::main]
async fn main() {
    let supervisor = Supervisor::spawn(());
    let hello = Hello::supervise(&supervisor, ()).spawn().await;
    hello.wait_for_startup().await;
    supervisor.stop_gracefully().await.unwrap();
    supervisor.wait_for_shutdown().await;
}
