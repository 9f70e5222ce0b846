//! A program in parts that fail when a test says so, and a journal of which were
//! up when.

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use supervise::{Policy, Worker};
use tokio::sync::broadcast::{self, Sender};
use tokio::time::sleep;

/// All backoffs of these tests are a second.
const LONGER_THAN_ANY_BACKOFF: Duration = Duration::from_millis(1_100);

pub struct Scene {
    journal: Mutex<Vec<String>>,
    faults: Sender<(&'static str, Fault)>,
}

#[derive(Clone, Copy)]
enum Fault {
    Error,
    Panic,
}

/// A run of a part, from its first poll until its future is dropped.
struct Up<'a>(&'a Scene, &'static str);

impl Scene {
    pub fn new() -> &'static Self {
        Box::leak(Box::new(Self {
            journal: Mutex::default(),
            faults: broadcast::channel(16).0,
        }))
    }

    /// A part of the program, for one run.
    pub async fn part(&self, name: &'static str) -> Result<(), String> {
        let mut faults = self.faults.subscribe();
        self.write('+', name);
        let _up = Up(self, name);
        loop {
            match faults.recv().await {
                Ok((part, Fault::Error)) if part == name => return Err(format!("{name} failed")),
                Ok((part, Fault::Panic)) if part == name => panic!("{name} panicked"),
                _ => {}
            }
        }
    }

    /// A part that is a worker of its own.
    pub fn worker(
        &'static self,
        name: &'static str,
        policy: Policy,
    ) -> impl Future<Output = Result<(), String>> + Send {
        let worker = Worker::new(name).policy(policy);
        worker.supervise(move || self.part(name))
    }

    /// What is up once all have begun.
    pub async fn start(&self) -> String {
        sleep(Duration::from_millis(1)).await;
        self.take()
    }

    /// What happens at once when this part returns an `Err`.
    pub async fn fail(&self, part: &'static str) -> String {
        self.order(part, Fault::Error).await
    }

    /// What happens at once when this part panics.
    pub async fn crash(&self, part: &'static str) -> String {
        self.order(part, Fault::Panic).await
    }

    /// What happens when the waits are over.
    pub async fn restart(&self) -> String {
        sleep(LONGER_THAN_ANY_BACKOFF).await;
        self.take()
    }

    async fn order(&self, part: &'static str, fault: Fault) -> String {
        assert!(
            self.faults.send((part, fault)).is_ok(),
            "there is nothing up"
        );
        sleep(Duration::from_millis(1)).await;
        self.take()
    }

    fn write(&self, what: char, name: &str) {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        journal.push(format!("{what}{name}"));
    }

    fn take(&self) -> String {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *journal).join(" ")
    }
}

impl Drop for Up<'_> {
    fn drop(&mut self) {
        self.0.write('-', self.1);
    }
}
