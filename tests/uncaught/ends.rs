//! The process ends in the middle of a run.

use super::process::run;

#[test]
fn a_panic_in_drop_during_unwinding_aborts_and_both_are_on_stderr() {
    let ended = run(&["drop"]);
    ended.is_aborted();
    ended.is_cut_off();
    ended.says([
        "in the body",
        "in the destructor",
        "panic in a destructor during cleanup",
        "aborting",
    ]);
}

#[test]
fn a_panic_in_a_panic_hook_aborts() {
    let ended = run(&["hook"]);
    ended.is_aborted();
    ended.is_cut_off();
    ended.says(["in the hook", "panicked while processing panic", "aborting"]);
}

#[test]
fn a_panic_hook_that_exits_ends_the_process_with_its_code() {
    let ended = run(&["exiting-hook"]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    ended.is_cut_off();
    ended.says(["the hook: panicked at"]);
}

#[test]
fn a_panic_hook_does_nothing_to_workers_whose_panics_are_only_logged() {
    for hook in ["hook", "exiting-hook"] {
        let ended = run(&[hook, "--log-only"]);
        ended.is_a_success();
        assert!(!ended.stderr.contains("the hook"), "{ended:?}");
        let panics = ended
            .logged()
            .filter(|line| line.contains("worker panicked"));
        assert_eq!(panics.count(), 2, "{ended:?}");
    }
}

#[test]
fn a_stack_overflow_aborts_and_names_the_thread() {
    let ended = run(&["stack"]);
    ended.is_aborted();
    ended.is_cut_off();
    ended.says(["thread 'tokio-rt-worker'", "has overflowed its stack"]);
}

#[test]
fn a_failed_allocation_aborts_and_tells_its_size() {
    let ended = run(&["memory"]);
    ended.is_aborted();
    ended.is_cut_off();
    let size = isize::MAX;
    ended.says([&format!("memory allocation of {size} bytes failed")]);
}

#[test]
fn process_exit_ends_it_without_a_word_even_with_success() {
    let ended = run(&["exit"]);
    ended.is_a_success();
    ended.is_cut_off();
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
}

#[test]
fn process_abort_ends_it_without_a_word() {
    let ended = run(&["abort"]);
    ended.is_aborted();
    ended.is_cut_off();
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
}

#[test]
fn a_panic_that_leaves_an_extern_c_function_aborts() {
    let ended = run(&["extern"]);
    ended.is_aborted();
    ended.is_cut_off();
    ended.says([
        "in a callback",
        "panic in a function that cannot unwind",
        "aborting",
    ]);
}

#[test]
fn what_aborts_is_on_stderr_also_where_panics_are_only_logged() {
    let ended = run(&["drop", "--log-only"]);
    ended.is_aborted();
    ended.is_cut_off();
    ended.says(["in the destructor", "panic in a destructor during cleanup"]);

    let ended = run(&["extern", "--log-only"]);
    ended.is_aborted();
    ended.is_cut_off();
    ended.says([
        "panic in a function that cannot unwind",
        "panic_in_extern_c",
    ]);
}
