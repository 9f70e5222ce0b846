//! A crate without a warning, which forbids itself whatever it can.

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(warnings)]
#![deny(unused, future_incompatible, let_underscore_drop, unit_bindings)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used,
    clippy::expect_used
)]
#![deny(clippy::allow_attributes, clippy::allow_attributes_without_reason)]
#![deny(clippy::infinite_loop, clippy::empty_loop, clippy::mem_forget)]

use std::convert::Infallible;
use std::fmt::Display;
use std::future::{pending, ready};
use std::io;
use std::sync::Arc;

use supervise::supervised;

/// Counts.
#[derive(Clone, Debug, Default)]
pub struct Counter {
    name: String,
    count: u32,
}

impl Counter {
    /// Reads.
    #[supervised]
    pub async fn shared(&self, by: u32) -> u32 {
        self.count + ready(by).await
    }

    /// Adds.
    #[supervised]
    pub async fn exclusive(&mut self, (by, more): (u32, u32), mut last: u32) {
        last += more;
        self.count += ready(by + last).await;
    }

    /// Ends.
    #[supervised]
    pub async fn owned(mut self, name: String) -> String {
        self.name.push_str(&name);
        ready(self.name).await
    }

    /// Shares.
    ///
    /// # Errors
    ///
    /// Always.
    #[supervised]
    pub async fn arc(self: Arc<Self>, text: &str) -> io::Result<u32> {
        ready(()).await;
        Err(io::Error::other(format!("{}{text}", self.name)))
    }
}

/// Shows.
#[supervised]
pub async fn opaque<T: Display + Sync>(value: &T) -> impl Display {
    ready(format!("<{value}>")).await
}

/// Never ends.
#[supervised]
pub async fn forever(counter: Arc<Counter>) -> ! {
    loop {
        let _count = ready(counter.count).await;
        pending::<()>().await;
    }
}

/// Ends with an error only.
///
/// # Errors
///
/// When the text is no number.
#[supervised]
pub async fn until_error(text: &str) -> Result<Infallible, std::num::ParseIntError> {
    loop {
        let number: u8 = text.parse()?;
        let _number = ready(number).await;
    }
}

/// Keeps its arguments until it ends.
#[supervised]
pub async fn guards(_guard: Arc<Counter>, _: String, mut count: u8, &step: &u8) -> u8 {
    while count < 100 {
        count += ready(step).await;
    }
    count
}

/// Does nothing.
#[supervised]
pub async fn nothing() {
    ready(()).await;
}

impl Counter {
    /// Reads on a thread.
    #[must_use]
    #[supervised(blocking)]
    pub fn read(&self, by: u32) -> u32 {
        println!("{}", self.name);
        self.count + by
    }

    /// Adds on a thread.
    ///
    /// # Errors
    ///
    /// When the text is no number.
    #[supervised(blocking)]
    pub fn add(&mut self, text: &str, (by, more): (u32, u32)) -> Result<u32, std::num::ParseIntError> {
        let number: u32 = text.parse()?;
        if number == 0 {
            return Ok(by);
        }
        self.count += number + more;
        Ok(self.count)
    }

    /// Ends on a thread.
    #[must_use]
    #[supervised(blocking)]
    pub fn end(mut self, name: &str) -> String {
        self.name.push_str(name);
        self.name
    }
}

/// Shows on a thread.
#[supervised(blocking)]
pub fn shown<T: Display>(value: &T) -> impl Display + use<T> {
    format!("<{value}>")
}

/// Never ends, on a thread.
#[supervised(blocking)]
pub fn forever_on_a_thread() -> ! {
    loop {
        std::thread::park();
    }
}

/// Keeps its arguments until it ends.
#[must_use]
#[supervised(blocking)]
pub fn guards_on_a_thread(_guard: Arc<Counter>, _: String, mut count: u8, (step, _): (u8, u8)) -> u8 {
    while count < 100 {
        println!("{count}");
        count += step;
    }
    count
}
