//! What the workers of this program do: nothing, and now and then they fail.

use std::future::pending;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::sleep;

/// A part of the program. It works until it fails, if it is to.
pub struct Part {
    name: &'static str,
    failures: AtomicU32,
    after: Duration,
}

impl Part {
    pub const fn new(name: &'static str) -> Self {
        Self::failing(name, 0, 0)
    }

    /// Each of its first runs, as many as `times`, fails after some
    /// milliseconds.
    pub const fn failing(name: &'static str, times: u32, millis: u64) -> Self {
        Self {
            name,
            failures: AtomicU32::new(times),
            after: Duration::from_millis(millis),
        }
    }

    pub async fn work(&self) -> io::Result<()> {
        let _up = Up::new(self.name);
        let fails = |left: u32| left.checked_sub(1);
        if self.failures.fetch_update(Relaxed, Relaxed, fails).is_err() {
            return pending().await;
        }
        sleep(self.after).await;
        Err(io::Error::other(format!("{} broke", self.name.trim())))
    }
}

/// Tells when a part begins, and when it is gone for whatever reason.
struct Up(&'static str);

impl Up {
    fn new(name: &'static str) -> Self {
        println!("                + {name}");
        Self(name)
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        println!("                - {}", self.0);
    }
}
