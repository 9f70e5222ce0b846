use std::future::Future;

use supervise::supervised;

#[supervised(restart = true)]
fn statement_before(text: String) -> impl Future<Output = usize> {
    let copy = text.clone();
    async move { copy.len() }
}

#[supervised]
fn not_move(text: &str) -> impl Future<Output = usize> {
    async { text.len() }
}

#[supervised]
fn no_block() -> impl Future<Output = ()> {
    std::future::ready(())
}

fn main() {}
