//! tokio = { version = "1", features = ["macros", "rt-multi-thread", "time"] }
//! ractor = "0.16"
//! ractor-supervisor = "=0.2.0"

use std::time::Duration;

use ractor_supervisor::{TaskOptions, TaskSupervisor, TaskSupervisorOptions};

#[tokio::main]
async fn main() {
    let options = TaskSupervisorOptions {
        max_children: None,
        max_restarts: 3,
        max_window: Duration::from_secs(1),
        reset_after: None,
    };
    let (supervisor, ended) = TaskSupervisor::spawn("root".into(), options).await.unwrap();
    let hello = || async {
        println!("hello");
        Ok(())
    };
    TaskSupervisor::spawn_task(supervisor.clone(), hello, TaskOptions::new())
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    supervisor.stop(None);
    ended.await.unwrap();
}
