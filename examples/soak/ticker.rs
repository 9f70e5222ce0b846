//! A task that has nothing to do with the workers: how late it wakes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// Wakes every millisecond.
pub struct Ticker {
    late: Arc<Mutex<Vec<Duration>>>,
    task: JoinHandle<()>,
}

/// How late it was over some time.
#[derive(Clone, Copy)]
pub struct Late {
    pub p50: Duration,
    pub p99: Duration,
    pub max: Duration,
}

impl Ticker {
    /// The memory for its ticks over `at_most` is allocated now.
    pub fn start(at_most: Duration) -> Self {
        let ticks = usize::try_from(at_most.as_millis()).unwrap();
        let late = Arc::new(Mutex::new(Vec::with_capacity(ticks)));
        let ticks = late.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "what it measures has no part in it"
        )]
        let task = tokio::spawn(async move {
            let mut interval = interval(Duration::from_millis(1));
            // After a late tick the next one is due a millisecond later: one
            // delay is one late tick, not many.
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                let due = interval.tick().await;
                ticks.lock().unwrap().push(Instant::now() - due);
            }
        });
        Self { late, task }
    }

    /// How late it has been since this was last called.
    pub fn take(&self) -> Late {
        let mut late = self.late.lock().unwrap();
        late.sort_unstable();
        let last = late.len().saturating_sub(1);
        // One that did not wake at all is as late as can be.
        let at = |percent| *late.get(last * percent / 100).unwrap_or(&Duration::MAX);
        let taken = Late {
            p50: at(50),
            p99: at(99),
            max: at(100),
        };
        late.clear();
        taken
    }

    pub async fn stop(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}
