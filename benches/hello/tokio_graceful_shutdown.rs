//! tokio = { version = "1", features = ["macros", "rt-multi-thread", "time"] }
//! tokio-graceful-shutdown = "=0.20.0"

use std::error::Error;
use std::time::Duration;

use tokio_graceful_shutdown::{SubsystemBuilder, SubsystemHandle, Toplevel};

async fn hello(_: &mut SubsystemHandle) -> Result<(), Box<dyn Error + Send + Sync>> {
    println!("hello");
    Ok(())
}

#[tokio::main]
async fn main() {
    let root: Toplevel = Toplevel::new(async |root: &mut SubsystemHandle| {
        root.start(SubsystemBuilder::new("hello", hello));
    });
    root.handle_shutdown_requests(Duration::from_secs(1))
        .await
        .unwrap();
}
