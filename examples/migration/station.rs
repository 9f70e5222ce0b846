//! A weather station at the other end of a bad line.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::sleep;
use tracing::info;

/// A line to it, which breaks after a second.
pub struct Station {
    line: u32,
    readings: AtomicI32,
}

impl Station {
    pub async fn connect() -> io::Result<Arc<Self>> {
        static LINES: AtomicU32 = AtomicU32::new(1);
        sleep(Duration::from_millis(10)).await;
        Ok(Arc::new(Self {
            line: LINES.fetch_add(1, Relaxed),
            readings: AtomicI32::new(0),
        }))
    }

    /// The temperature, in degrees.
    pub async fn read(&self) -> io::Result<i32> {
        sleep(Duration::from_millis(100)).await;
        match self.readings.fetch_add(1, Relaxed) {
            reading @ 0..10 => Ok(25 + reading),
            _ => Err(io::ErrorKind::ConnectionReset.into()),
        }
    }

    /// Keeps the line from being closed.
    pub fn ping(&self) {
        info!(line = self.line, "ping");
    }
}
