//! tokio = { version = "1", features = ["macros", "rt-multi-thread", "time"] }
//! task-supervisor = "=0.5.2"

use std::time::Duration;

use task_supervisor::{CancellationToken, SupervisedTask, SupervisorBuilder, TaskResult};

#[derive(Clone)]
struct Hello;

impl SupervisedTask for Hello {
    async fn run(self, _: CancellationToken) -> TaskResult {
        println!("hello");
        Ok(())
    }
}

#[tokio::main]
async fn main() {
    let supervisor = SupervisorBuilder::new().with_task("hello", Hello).spawn();
    tokio::time::sleep(Duration::from_millis(10)).await;
    supervisor.shutdown().await.unwrap();
}
