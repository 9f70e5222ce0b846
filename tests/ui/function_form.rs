use std::time::Duration;

use supervise::{Backoff, MaxRestarts, Policy, Worker};

static NO_NAME: Worker = Worker::new(" ");
static NO_PERIOD: Worker = Worker::new("ticker").every(Duration::ZERO);
const NO_TIME: Policy = Policy::new().timeout(Duration::ZERO);
const NO_HEALTH: Policy = Policy::new().healthy_after(Duration::ZERO);
const NO_WINDOW: MaxRestarts = MaxRestarts::within(5, Duration::ZERO);
const FALLING: Backoff = Backoff::doubling(Duration::from_secs(60), Duration::from_secs(1));

static WORKER: Worker = Worker::new("worker");

struct Mute;

async fn outputs() {
    WORKER.supervise(|| async { 1 }).await;
    let _ = WORKER.supervise(|| async { Err::<(), _>(Mute) }).await;
}

fn main() {}
