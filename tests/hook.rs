//! The panic hook: one test, as a process has one hook.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::{panic, thread};

use supervise::supervised;
use supervise_tests::record::record;
use supervise_tests::status;
use tokio::runtime::Builder;

static SEEN: AtomicU32 = AtomicU32::new(0);

#[supervised(name = "hooked")]
async fn hooked() {
    panic!("supervised");
}

fn unsupervised() {
    assert!(panic::catch_unwind(|| panic!("unsupervised")).is_err());
}

/// How often the hook of this test was called since the last time.
fn seen() -> u32 {
    SEEN.swap(0, SeqCst)
}

#[tokio::test]
async fn the_hook_chains_captures_and_survives_being_replaced() {
    panic::set_hook(Box::new(|_| {
        SEEN.fetch_add(1, SeqCst);
    }));
    hooked().await;
    assert_eq!(seen(), 1, "the hook from before sees a supervised panic");
    unsupervised();
    assert_eq!(seen(), 1, "and any other");

    let start = || {
        let runtime = Builder::new_current_thread().enable_time().build();
        runtime.unwrap().block_on(hooked());
    };
    for thread in [start; 4].map(thread::spawn) {
        thread.join().unwrap();
    }
    assert_eq!(seen(), 4, "it is installed once, not once for each start");

    supervise::log_panics_only();
    hooked().await;
    assert_eq!(seen(), 0, "a supervised panic is in the log only");
    unsupervised();
    assert_eq!(seen(), 1, "others are not touched");

    let (record, _guard) = record();
    panic::set_hook(Box::new(|_| {}));
    hooked().await;
    hooked().await;
    let lines = record.with_message("worker panicked");
    assert_eq!(lines.len(), 2, "a hook set over ours costs no report");
    let placeless =
        |line: &&_| supervise_tests::record::Line::field(line, "code.file.path").is_none();
    assert_eq!(lines.iter().filter(placeless).count(), 2, "but the place");
    let said = record.with_message("a panic without a place");
    assert_eq!(said.len(), 1, "which is said once");
    assert_eq!(status("hooked").panics, 8);
}
