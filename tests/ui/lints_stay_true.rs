#![deny(warnings)]

use supervise::supervised;

#[supervised(restart = true)]
async fn unused_argument(argument: String, mut changed: u8, never_changed: u8) -> u8 {
    changed += never_changed;
    changed
}

#[supervised]
async fn unused_once(argument: String) {}

#[supervised(restart = true)]
async fn unused_mut(mut argument: String) -> usize {
    argument.len()
}

#[supervised(restart = true)]
async fn unreachable() {
    return;
    println!("never");
}

#[supervised(restart = true)]
async fn dead() {}

fn main() {
    let _ = (unused_argument(String::new(), 1, 2), unused_once(String::new()));
    let _ = (unused_mut(String::new()), unreachable());
}
