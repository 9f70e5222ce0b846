use std::future::Future;
use std::time::Duration;

use supervise::supervised;

#[supervised(name = "value", blocking = true)]
fn with_a_value() {}

#[supervised(blocking("on a thread"))]
fn with_a_list() {}

#[supervised(blocking, blocking)]
fn twice() {}

#[supervised(restart = true, blocking)]
async fn not_plain() {}

#[supervised(blocking)]
fn a_future(time: Duration) -> impl Future<Output = ()> {
    async move { std::thread::sleep(time) }
}

#[supervised(blocking, timeout = "5s", restart = true)]
fn timed() {}

#[supervised(blockin)]
fn nearly() {}

struct NotClone;

#[supervised(blocking, restart = true)]
fn not_clone(value: NotClone) {
    drop(value);
}

#[supervised(blocking, on_give_up = "return")]
fn can_not_hold() -> u8 {
    1
}

#[supervised(blocking, every = "5s")]
fn no_tick() -> u8 {
    1
}

#[supervised(blocking)]
fn wrong_type() -> u8 {
    "text"
}

fn main() {
    // All are there, of the right type: no second wave of errors.
    with_a_value();
    with_a_list();
    twice();
    drop(not_plain());
    timed();
    nearly();
    let _: u8 = can_not_hold();
}
