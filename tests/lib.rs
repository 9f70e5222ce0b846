//! What the tests share.
//!
//! # The cases that supervisors elsewhere had to learn
//!
//! They were collected from the sources, tests and issues of the Erlang/OTP
//! supervisor, suture, Kubernetes, systemd, Pekko and others. Each that applies
//! to a worker is protected by a test:
//!
//! | case | what | test |
//! |---|---|---|
//! | 1 | a run that returns is done | `restart::a_run_that_finishes_is_not_restarted` |
//! | 2, 25 | under `always` a return is no failure, and its wait does not grow | `restart::always_runs_again_after_a_return_with_waits_that_do_not_grow` |
//! | 3 | an `Err` is restarted, and told | `log/failures::an_error_is_a_warning_until_it_is_the_fifth_in_a_row` |
//! | 4 | any payload is told | `containment::every_kind_of_payload_is_told` |
//! | 5 | a panic before the first await | `containment::a_panic_in_the_body_is_contained_and_counted_once` |
//! | 5 | a panic in making the future | `function_form::a_panic_in_the_closure_itself_is_a_failure_of_that_run` |
//! | 6 | an error for which a restart is pointless | `give_up::an_error_that_a_restart_cannot_help_ends_the_worker` |
//! | 7 | a fatal end stops the group and what is around it | `supervisor::the_shutdown_of_a_child_is_not_that_of_the_parent_but_its_critical_end_is` |
//! | 7 | or, if one decides so, nothing else | `supervisor::a_supervisor_that_is_awaited_inside_a_worker_decides_by_itself` |
//! | 8 | somebody else's cancellation is an error like any | `restart::an_error_that_tells_of_somebody_elses_cancellation_is_an_error_like_any` |
//! | 9 | a return after the request is no failure and the last | `shutdown::under_always_a_return_during_the_shutdown_is_the_last` |
//! | 10 | a payload that panics when dropped | `containment::a_panic_in_dropping_a_payload_is_contained_and_counted` |
//! | 10 | an error that panics when displayed | `containment::a_panic_in_formatting_an_error_is_no_second_failure` |
//! | 12 | waits double up to the longest | `restart::waits_double_to_the_cap_each_drawn_from_its_upper_half` |
//! | 13 | any number of failures, any duration | `policy/backoff::waits_never_overflow_and_never_shrink` |
//! | 15 | jitter within its range, and different for two | `policy/decide/tests::jitter_lies_between_half_the_backoff_and_the_whole_and_covers_that_range` |
//! | 15 | workers that failed together do not come back together | `restart::workers_that_failed_together_do_not_come_back_together` |
//! | 16 | jitter applies to the backed-off wait | `policy/decide/tests::jitter_lies_between_half_the_backoff_and_the_whole_and_covers_that_range` |
//! | 17 | the published next start is when it happens | `restart::the_next_start_that_is_published_is_when_it_happens` |
//! | 18 | health resets, a little less does not | `health::a_healthy_run_resets_the_backoff_and_a_slightly_shorter_one_does_not` |
//! | 19 | waiting is not health | `health::time_spent_waiting_is_not_health` |
//! | 20 | an outage stays at the longest wait | `policy/decide/tests::a_permanent_outage_stays_at_the_longest_wait_for_ever` |
//! | 21 | a worker that barely lives backs off | `policy/decide/tests::a_worker_that_barely_lives_backs_off` |
//! | 22 | an old reset is ignored | `health::the_moment_of_health_of_a_run_that_failed_is_not_told_in_the_next` |
//! | 22 | a moment of health that is past forgives nothing that comes later | `health::a_run_whose_moment_of_health_is_past_forgives_no_later_failure` |
//! | 23 | a reset is of the count, too | `health::health_is_told_at_its_moment_and_clears_the_crash_loop_signal` |
//! | 24 | one failure a month waits the first wait | `policy/decide/tests::one_failure_a_month_waits_the_first_wait_each_time` |
//! | 26 | the window slides, to the millisecond | `policy/decide/tests/limits::the_window_slides_and_is_exact_to_the_millisecond` |
//! | 26, 30 | one more gives up, once, with the last error | `limits::one_restart_more_than_the_limit_gives_up_and_tells_the_last_error` |
//! | 27 | no restarts at all | `limits::no_restarts_at_all_give_up_at_the_first_failure_but_run_again_after_a_return` |
//! | 28 | nobody else spends the limit | `limits::a_limit_is_spent_by_its_own_worker_alone` |
//! | 29, 48 | a run that fails to start counts once, and is tried again | `containment::a_panic_in_cloning_an_argument_is_a_failed_run` |
//! | 31 | a restart by hand spends nothing | `restart_by_hand::a_restart_takes_nothing_from_the_limit` |
//! | 31 | and inherits no delay | `restart_by_hand::a_restart_cuts_a_wait_short_and_the_next_wait_is_the_first_again` |
//! | 32 | a policy that makes no sense, from a file | `policy_file::what_is_wrong_is_told_with_its_field` |
//! | 32 | the same in the attribute and in a `const` | `ui::mistakes_are_told_at_the_users_own_tokens` |
//! | 33 | cancelled before the first poll | `tasks::a_future_that_is_never_polled_never_starts` |
//! | 33 | stopped before the first poll | `shutdown_races::a_request_before_the_first_poll_means_that_nothing_ever_runs` |
//! | 34 | stopped in a run, at once, and not run again | `shutdown::a_worker_that_never_asked_is_dropped_at_once_and_the_log_says_so` |
//! | 35 | stopped in a wait | `shutdown::a_worker_that_waits_ends_at_once_and_never_runs_again_whether_or_not_it_asked` |
//! | 36 | the request and the timer at one moment | `shutdown::a_request_at_the_very_moment_of_a_restart_wins` |
//! | 35, 45 | dropped while it waits, nothing stays behind | `tasks::a_runtime_that_is_shut_down_leaves_no_waiting_worker_behind` |
//! | 37 | a panic while being cancelled | `containment::a_panic_in_dropping_a_cancelled_run_is_counted_and_reaches_nobody` |
//! | 37 | a panic while being stopped | `shutdown_races::a_request_out_of_a_panic_ends_in_order` |
//! | 38 | one that does not stop | `shutdown::a_worker_that_asked_and_does_not_stop_is_dropped_after_the_grace_period_and_named` |
//! | 39 | one that blocks its thread | `shutdown_races::a_worker_that_blocks_its_thread_is_named_and_holds_up_nobody` |
//! | 40 | all stop together | `shutdown::a_hundred_workers_that_stop_in_a_second_each_stop_in_a_second_together` |
//! | 40 | or in order | `supervisor::children_are_stopped_before_it` |
//! | 41 | a failure while being stopped | `shutdown::a_failure_during_the_shutdown_is_the_last_run_and_no_giving_up` |
//! | 42 | stopped twice, before the start, after the end | `handle::to_stop_twice_before_the_start_or_after_the_end_is_fine` |
//! | 43 | started after the request | `supervisor::after_the_request_nothing_is_spawned` |
//! | 44 | stopped one by one, and hung | `handle::what_blocks_its_thread_is_an_error_and_not_waited_for` |
//! | 45 | fifty rounds leave no task | `shutdown_races::fifty_rounds_of_start_panic_and_shutdown_leave_no_task_behind` |
//! | 42 | dropped at any point | `tasks::a_worker_may_be_dropped_at_any_point_and_leaves_no_state_behind` |
//! | 46, 47, 51 | one run of a call at a time, over any operations | `random::any_operations_agree_with_the_model` |
//! | 46 | never two runs at once, whatever is ordered | `restart_by_hand::restarts_from_another_thread_are_all_carried_out_and_never_two_runs_at_once` |
//! | 49 | each run gets its own copies | `functions::by_value_each_run_has_a_copy_of_what_the_caller_passed` |
//! | 50 | messages sent during the wait are kept | `keep::the_queue_and_what_is_sent_during_the_wait_outlive_a_panic` |
//! | 52 | every series from the first start, exact | `metrics::every_series_of_a_worker_is_there_from_its_first_start_and_counts_exactly` |
//! | 52 | registering twice | `metrics::registering_twice_is_an_error_and_no_panic` |
//! | 53 | one that waits is shown waiting | `restart::a_worker_that_waits_is_shown_waiting_with_its_next_start` |
//! | 54 | a subscriber that panics | `containment::a_subscriber_that_panics_loses_no_failure_and_adds_none` |
//! | 55 | the level rises with the fifth failure | `log/failures::an_error_is_a_warning_until_it_is_the_fifth_in_a_row` |
//! | 55 | and falls with health | `health::after_health_an_error_is_a_mere_warning_again` |
//! | 56 | the hook that was there, and ours | `hook::the_hook_chains_captures_and_survives_being_replaced` |
//! | 57 | two workers with one name | `log/mistakes::two_workers_of_one_name_are_told_once_with_both_places` |
//! | 58 | a run that hangs | `limits::a_run_that_takes_longer_than_its_timeout_is_dropped_told_and_restarted` |
//!
//! Not here: 11 needs a build of its own; 14 would be a list of waits, which a
//! backoff is not; 59 is of a supervisor that is asked about its children. 60,
//! the paused clock, is how all of them run.

pub mod markup;
pub mod record;
pub mod scene;

/// The programs in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use supervise::{Supervisor, WorkerStatus};
use tokio::time::Instant;

/// What `supervise::workers()` tells of the worker called `name`.
///
/// # Panics
///
/// If none of that name was ever started.
#[must_use]
pub fn status(name: &str) -> WorkerStatus {
    supervise::workers()
        .into_iter()
        .find(|worker| worker.name == name)
        .unwrap_or_else(|| panic!("no worker `{name}`"))
}

/// How many runs of the worker called `name` there were; none if it was never
/// started.
#[must_use]
pub fn starts(name: &str) -> u64 {
    let workers = supervise::workers();
    let worker = workers.iter().find(|worker| worker.name == name);
    worker.map_or(0, |worker| worker.starts)
}

/// How long the shutdown of what was spawned takes, in milliseconds.
pub async fn stop(supervisor: &Supervisor) -> u128 {
    let start = Instant::now();
    supervisor.shutdown();
    // Who did not stop is the business of another test.
    let _ = supervisor.wait().await;
    start.elapsed().as_millis()
}

/// Counts the runs of a body, which calls it first.
#[derive(Debug, Default)]
pub struct Runs(AtomicU32);

impl Runs {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// Counts a run and returns its number, from 1.
    pub fn next(&self) -> u32 {
        self.0.fetch_add(1, SeqCst) + 1
    }

    /// Counts a run, and panics before the third.
    ///
    /// # Panics
    ///
    /// In the first and the second run.
    pub fn panic_twice(&self) {
        let run = self.next();
        assert!(run >= 3, "run {run}");
    }

    /// How many runs there were.
    pub fn count(&self) -> u32 {
        self.0.load(SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_case_has_the_test_that_is_said_to_protect_it() {
        let rows = include_str!("lib.rs").lines();
        let rows = rows.filter_map(|line| line.strip_prefix("//! |")?.split('`').rev().nth(1));
        let mut found = 0;
        for row in rows.filter(|row| row.contains("::")) {
            let (file, test) = row.rsplit_once("::").unwrap();
            let folder = if file.starts_with("policy/") {
                "../supervise-runtime/src"
            } else {
                "."
            };
            let file = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join(folder)
                .join(file)
                .with_extension("rs");
            let source = fs::read_to_string(&file).unwrap_or_default();
            assert!(
                source.contains(&format!("fn {test}(")),
                "{row} is not there"
            );
            found += 1;
        }
        assert!(found > 40, "{found}");
    }

    #[test]
    fn what_cannot_be_caught_has_the_tests_that_are_said_to_show_it() {
        let page = include_str!("../supervise-runtime/src/uncaught.rs");
        let tests = [
            include_str!("uncaught/ends.rs"),
            include_str!("uncaught/goes_on.rs"),
        ];
        let sections = page.split("//! ## ").skip(1);
        for section in sections.clone().skip(1) {
            let (_, shown_by) = section.split_once("*Shown by*").unwrap();
            for test in shown_by.split('`').skip(1).step_by(2) {
                let name = format!("fn {test}(");
                assert!(tests.iter().any(|tests| tests.contains(&name)), "{test}");
            }
        }
        assert_eq!(sections.count(), 13);
    }
}
