//! The process goes on, with what no restart undoes.

use super::process::run;

#[test]
fn a_poll_that_blocks_can_not_be_dropped_and_is_named_at_the_shutdown() {
    let ended = run(&["blocked"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.says([
        "worker started worker=\"blocked\"",
        "worker did not stop, and could not be dropped: it blocks its thread worker=\"blocked\"",
        "Error: did not stop, blocking its thread: `blocked`",
    ]);
    let told = |line: &str| line.contains("timed out");
    assert!(!ended.logged().any(told), "its timeout is never looked at");
}

#[test]
fn a_detached_child_outlives_its_run_and_its_panic_is_silent() {
    let ended = run(&["detached"]);
    ended.is_a_success();
    // Of three runs, two of which panicked, as did a second child of each.
    assert_eq!(ended.stdout, "3 children, 2 panics counted\n");
    ended.says(["in a child", "in a child", "in a child"]);
    let of_a_child = |line: &str| line.contains("in a child");
    assert!(!ended.logged().any(of_a_child), "{ended:?}");
}

#[test]
fn a_poisoned_mutex_fails_each_restart_until_the_worker_gives_up_and_names_the_poison() {
    let ended = run(&["poison"]);
    ended.is_a_success();
    ended.says([
        "exception.message=\"in the first run, with the lock\"",
        "worker gave up",
        "PoisonError",
    ]);
    let poison = |line: &&str| line.contains("worker panicked") && line.contains("PoisonError");
    assert_eq!(ended.logged().filter(poison).count(), 3, "{ended:?}");
}

#[test]
fn what_is_half_written_in_an_arc_is_what_the_next_run_finds() {
    let ended = run(&["half"]);
    ended.is_a_success();
    assert_eq!(ended.stdout, "0 on the left, 0 on the right\n");
    ended.says(["worker panicked", "in the middle", "worker finished"]);
}
