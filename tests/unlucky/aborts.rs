//! Workers that take the process with them.

use std::hint::black_box;
use std::panic::set_hook;
use std::process;

use supervise::supervised;
use supervise_tests::Runs;

static RUNS: Runs = Runs::new();

/// Is contained, and is well in its third run, unless the build says otherwise.
#[supervised(name = "unlucky", restart = true, backoff = "1ms")]
pub async fn panic() {
    RUNS.panic_twice();
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("in the destructor");
    }
}

#[supervised(name = "unlucky", restart = true, backoff = "1ms")]
pub async fn panic_in_drop() {
    let _bomb = Bomb;
    panic!("in the body");
}

pub async fn panic_in_hook() {
    set_hook(Box::new(|_| panic!("in the hook")));
    panic().await;
}

/// As many services have it, to be restarted as a whole.
pub async fn hook_that_exits() {
    set_hook(Box::new(|info| {
        eprintln!("the hook: {info}");
        process::exit(3);
    }));
    panic().await;
}

#[supervised(name = "unlucky", restart = true, backoff = "1ms")]
pub async fn stack_overflow() {
    deeper();
}

#[expect(unconditional_recursion)]
fn deeper() -> u64 {
    // Not in tail position: each call needs its frame.
    black_box(deeper()) + 1
}

#[supervised(name = "unlucky", restart = true, backoff = "1ms")]
pub async fn no_memory() {
    // One byte more would be a panic, and contained: a capacity overflow.
    black_box(Vec::<u8>::with_capacity(isize::MAX.unsigned_abs()));
}

#[supervised(name = "unlucky", restart = true, backoff = "1ms")]
pub async fn exit() {
    process::exit(0);
}

#[supervised(name = "unlucky", restart = true, backoff = "1ms")]
pub async fn abort() {
    process::abort();
}

#[supervised(name = "unlucky", restart = true, backoff = "1ms")]
pub async fn panic_in_extern_c() {
    callback();
}

extern "C" fn callback() {
    panic!("in a callback");
}
