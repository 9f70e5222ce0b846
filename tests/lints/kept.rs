//! Arguments that are kept, and functions whose tail is their future.

use std::future::{Future, ready};
use std::pin::Pin;

use supervise::supervised;

pub struct Queue {
    pub jobs: Vec<u8>,
}

#[supervised]
pub async fn kept(#[keep] mut queue: Queue, limit: usize) -> usize {
    queue.jobs.push(1);
    ready(queue.jobs.len() + limit).await
}

#[supervised]
pub async fn kept_and_only_read(#[keep] queue: Queue) -> usize {
    ready(queue.jobs.len()).await
}

#[supervised]
pub async fn kept_and_never_read(#[keep] queue: Queue, #[keep] _other: Queue) {
    ready(()).await;
}

#[supervised]
pub async fn kept_with_a_needless_mut(#[keep] mut queue: Queue) -> usize {
    ready(queue.jobs.len()).await
}

#[supervised]
pub async fn kept_after_a_pattern((a, b): (u8, u8), #[keep] mut queue: Queue) -> u8 {
    queue.jobs.push(a);
    ready(b).await
}

#[supervised]
pub async fn kept_generic<T: Iterator<Item = u8>>(#[keep] mut items: T, unused: impl Clone) {
    while let Some(item) = items.next() {
        println!("{item}");
        ready(()).await;
    }
}

impl Queue {
    #[supervised]
    pub async fn kept_self(#[keep] mut self) -> usize {
        self.jobs.push(1);
        ready(self.jobs.len()).await
    }

    #[supervised]
    pub async fn kept_self_only_read(#[keep] self) -> usize {
        ready(self.jobs.len()).await
    }

    #[supervised]
    async fn kept_self_dead(#[keep] self) {}
}

#[supervised]
pub fn tail(text: String, unused: String) -> impl Future<Output = usize> {
    async move {
        let local = 1;
        ready(text.len()).await
    }
}

#[supervised(restart = false)]
pub fn tail_after_statements(text: &str) -> impl Future<Output = usize> {
    let mut length = text.len();
    async move {
        return ready(length).await;
        println!("never");
    }
}

#[supervised]
pub fn boxed_tail(number: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
    Box::pin(async move { ready(number).await })
}

#[supervised]
fn dead_tail(number: u8) -> impl Future<Output = u8> {
    async move { number }
}

#[supervised]
pub fn allowed_in_the_tail(number: u8) -> impl Future<Output = u8> {
    async move {
        #![allow(unused_variables)]
        let local = 1;
        ready(number).await
    }
}

#[supervised]
pub fn expected_in_the_tail(number: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
    Box::pin(async move {
        #![expect(unused_variables)]
        let local = 1;
        ready(number).await
    })
}
