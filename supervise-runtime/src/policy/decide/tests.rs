//! The rules of section "Restarts", each as a property over chance policies and
//! histories.

use fastrand::Rng;

use super::*;
use crate::policy::{Backoff, Restart};

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const ON_FAILURE: Policy = Policy::new().restart(Restart::OnFailure);

fn plan(policy: Policy) -> Plan {
    let every = None;
    Plan { policy, every }
}

fn periodic(policy: Policy, period: Duration) -> Plan {
    let every = Some(period);
    Plan { policy, every }
}

/// A run that fails.
fn failed(began: Duration, at: Duration) -> Ended {
    ended(Reason::Error, began, at)
}

fn ended(reason: Reason, began: Duration, at: Duration) -> Ended {
    Ended {
        reason,
        is_final: false,
        uptime: at.saturating_sub(began),
        at,
    }
}

/// The wait, which there has to be.
fn wait(next: Next) -> Duration {
    next.wait().expect("a wait")
}

/// The full waits of runs that fail at once, one after another.
fn instant_failures(plan: &Plan) -> impl Iterator<Item = Duration> {
    let (mut history, mut now) = (History::default(), Duration::ZERO);
    std::iter::repeat_with(move || {
        let next = history.after(&failed(now, now), plan, || 0);
        let wait = wait(next);
        now = now.saturating_add(wait);
        wait
    })
}

fn any_policy(random: &mut Rng) -> Policy {
    let first = millis(random.u64(1..100_000));
    let longest = first.saturating_mul(random.u32(1..1000));
    let policy = ON_FAILURE
        .backoff(Backoff::doubling(first, longest))
        .jitter(random.bool());
    if random.bool() {
        policy
    } else {
        policy.healthy_after(millis(random.u64(1..1_000_000)))
    }
}

#[test]
fn each_policy_restarts_after_exactly_the_ends_it_names() {
    use Reason::{Cancelled, Error, Finished, Panic, Shutdown, Timeout};
    let table = [
        (Restart::Never, &[][..]),
        (Restart::OnPanic, &[Panic, Timeout]),
        (Restart::OnFailure, &[Panic, Timeout, Error]),
        (Restart::Always, &[Panic, Timeout, Error, Finished]),
    ];
    for (restart, again) in table {
        let plan = plan(Policy::new().restart(restart));
        for reason in Reason::ALL {
            let expected = if again.contains(&reason) {
                Next::Wait(secs(1))
            } else if matches!(reason, Finished | Shutdown | Cancelled) {
                Next::Done
            } else {
                Next::GiveUp
            };
            let ended = ended(reason, Duration::ZERO, Duration::ZERO);
            let next = History::default().after(&ended, &plan, || 0);
            assert_eq!(next, expected, "{restart:?} {reason:?}");
        }
    }
}

#[test]
fn a_final_error_gives_up_whatever_the_policy() {
    for restart in [Restart::OnFailure, Restart::Always] {
        let plan = periodic(Policy::new().restart(restart), secs(1));
        let ended = Ended {
            is_final: true,
            ..failed(secs(1), secs(1))
        };
        assert_eq!(History::default().after(&ended, &plan, || 0), Next::GiveUp);
    }
}

#[test]
fn waits_never_decrease_while_failing_and_never_exceed_the_longest() {
    let mut random = Rng::with_seed(1);
    for _ in 0..500 {
        let policy = any_policy(&mut random);
        let mut last = Duration::ZERO;
        for wait in instant_failures(&plan(policy)).take(50) {
            assert!(
                last <= wait && wait <= policy.get_backoff().longest(),
                "{policy:?}"
            );
            last = wait;
        }
        assert!(
            policy.get_backoff().longest() == last,
            "{policy:?} ends at {last:?}"
        );
    }
}

#[test]
fn a_permanent_outage_stays_at_the_longest_wait_for_ever() {
    let mut history = History {
        failures: (1 << 32) - 3,
        ..History::default()
    };
    for n in 0..6 {
        let at = secs(n * 60);
        assert_eq!(
            history.after(&failed(at, at), &plan(ON_FAILURE), || 0),
            Next::Wait(secs(60))
        );
    }
    assert_eq!(history.failures(), (1 << 32) + 3);
    let longest = ON_FAILURE.backoff(Backoff::doubling(secs(1), Duration::MAX));
    assert_eq!(
        instant_failures(&plan(longest)).nth(100),
        Some(Duration::MAX)
    );
}

#[test]
fn jitter_lies_between_half_the_backoff_and_the_whole_and_covers_that_range() {
    let mut random = Rng::with_seed(2);
    for failures in 0..8 {
        let (mut least, mut most) = (Duration::MAX, Duration::ZERO);
        let full = ON_FAILURE.wait(failures + 1, || 0);
        for _ in 0..10_000 {
            let mut history = History {
                failures,
                ..History::default()
            };
            let ended = failed(Duration::ZERO, Duration::ZERO);
            let wait = wait(history.after(&ended, &plan(ON_FAILURE), || random.u32(..)));
            assert!(full / 2 <= wait && wait <= full, "{wait:?} of {full:?}");
            (least, most) = (least.min(wait), most.max(wait));
        }
        assert!(
            least < full * 51 / 100 && most > full * 99 / 100,
            "{least:?}..{most:?}"
        );
    }
}

#[test]
fn without_jitter_the_wait_is_the_backoff_whatever_was_drawn() {
    let plan = plan(ON_FAILURE.jitter(false));
    for draw in [0, 1, u32::MAX / 2, u32::MAX] {
        let ended = failed(Duration::ZERO, Duration::ZERO);
        assert_eq!(
            History::default().after(&ended, &plan, || draw),
            Next::Wait(secs(1))
        );
    }
}

#[test]
fn a_healthy_run_resets_and_one_a_millisecond_shorter_does_not() {
    let mut random = Rng::with_seed(3);
    for _ in 0..500 {
        let policy = any_policy(&mut random).jitter(false);
        let before = random.u64(1..40);
        let healthy_after = policy.get_healthy_after();
        for (uptime, failures) in [
            (healthy_after, 1),
            (healthy_after.saturating_sub(millis(1)), before + 1),
        ] {
            let mut history = History {
                failures: before,
                ..History::default()
            };
            let began = secs(random.u64(..1_000_000));
            let next = history.after(&failed(began, began + uptime), &plan(policy), || 0);
            assert_eq!(history.failures(), failures, "{policy:?} after {uptime:?}");
            assert_eq!(next, Next::Wait(policy.get_backoff().wait(failures)));
        }
    }
}

#[test]
fn time_spent_waiting_never_counts_as_health() {
    // Each wait is longer than a run has to stay up.
    let policy = ON_FAILURE
        .healthy_after(secs(10))
        .backoff(Backoff::doubling(secs(20), secs(80)));
    let waits: Vec<_> = instant_failures(&plan(policy)).take(4).collect();
    assert_eq!(waits, [secs(20), secs(40), secs(80), secs(80)]);
}

#[test]
fn a_worker_that_barely_lives_backs_off() {
    let policy = ON_FAILURE.backoff(Backoff::doubling(millis(200), secs(10)));
    let (mut history, mut now) = (History::default(), Duration::ZERO);
    let waits: Vec<_> = (0..8)
        .map(|_| {
            let ended = failed(now, now + millis(250));
            let wait = wait(history.after(&ended, &plan(policy), || 0));
            now = ended.at + wait;
            wait.as_millis()
        })
        .collect();
    assert_eq!(waits, [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
}

#[test]
fn one_failure_a_month_waits_the_first_wait_each_time() {
    let mut history = History::default();
    for month in 0..12 {
        let began = secs(month * 30 * 86_400);
        let ended = failed(began, began + secs(30 * 86_400));
        assert_eq!(
            history.after(&ended, &plan(ON_FAILURE), || 0),
            Next::Wait(secs(1))
        );
    }
}

#[test]
fn the_limit_since_healthy_gives_up_at_one_more() {
    let plan = plan(ON_FAILURE.max_restarts(MaxRestarts::since_healthy(3)));
    let mut history = History::default();
    let mut at = Duration::ZERO;
    let mut fail = |uptime: Duration| {
        let ended = failed(at, at + uptime);
        at = ended.at + secs(1);
        history.after(&ended, &plan, || 0)
    };
    let nexts: Vec<_> = (0..3).map(|_| fail(secs(1))).collect();
    assert!(!nexts.contains(&Next::GiveUp), "{nexts:?}");
    // Healthy once: all three are back.
    let nexts: Vec<_> = (0..3)
        .map(|i| fail(secs(if i == 0 { 120 } else { 1 })))
        .collect();
    assert!(!nexts.contains(&Next::GiveUp), "{nexts:?}");
    assert_eq!(fail(secs(1)), Next::GiveUp);
}

#[test]
fn no_restarts_at_all_give_up_at_the_first_failure() {
    for limit in [
        MaxRestarts::since_healthy(0),
        MaxRestarts::within(0, secs(60)),
    ] {
        let plan = plan(ON_FAILURE.max_restarts(limit));
        let ended = failed(Duration::ZERO, secs(1000));
        assert_eq!(History::default().after(&ended, &plan, || 0), Next::GiveUp);
    }
}

#[test]
fn the_window_slides_and_is_exact_to_the_millisecond() {
    let plan = plan(ON_FAILURE.max_restarts(MaxRestarts::within(5, secs(60))));
    for (sixth, gives_up) in [(secs(60), true), (millis(60_001), false)] {
        let mut history = History::default();
        let offset = millis(123_456);
        for n in 0..5 {
            let at = offset + secs(n * 7);
            assert_ne!(history.after(&failed(at, at), &plan, || 0), Next::GiveUp);
        }
        let at = offset + sixth;
        let next = history.after(&failed(at, at), &plan, || 0);
        assert_eq!(next == Next::GiveUp, gives_up, "at {sixth:?}");
    }
}

#[test]
fn health_does_not_clear_the_window() {
    let limit = MaxRestarts::within(2, secs(3600));
    let plan = plan(ON_FAILURE.healthy_after(secs(10)).max_restarts(limit));
    let mut history = History::default();
    let mut fail_after = |minute: u64| {
        let began = secs(minute * 60);
        history.after(&failed(began, began + secs(30)), &plan, || 0)
    };
    assert_eq!(fail_after(0), Next::Wait(secs(1)));
    assert_eq!(fail_after(10), Next::Wait(secs(1)));
    assert_eq!(fail_after(20), Next::GiveUp);
}

/// Against a list of all restarts that there ever were.
#[test]
fn the_window_agrees_with_counting_all_restarts() {
    let mut random = Rng::with_seed(4);
    for _ in 0..300 {
        let restarts = random.u32(0..6);
        let window = millis(random.u64(1..5_000));
        let plan = plan(ON_FAILURE.max_restarts(MaxRestarts::within(restarts, window)));
        let (mut history, mut at) = (History::default(), Duration::ZERO);
        let mut granted = Vec::new();
        for _ in 0..50 {
            at += millis(random.u64(0..2_000));
            let recent = granted.iter().filter(|&&then| at <= window + then).count();
            let next = history.after(&failed(at, at), &plan, || 0);
            if recent < restarts as usize {
                assert_ne!(next, Next::GiveUp);
                granted.push(at);
            } else {
                assert_eq!(next, Next::GiveUp);
            }
            assert!(history.restarts.len() <= restarts as usize);
        }
    }
}

#[test]
fn only_restarts_after_failures_count() {
    let policy = Policy::new().restart(Restart::Always);
    let plan = plan(policy.max_restarts(MaxRestarts::within(1, secs(1000))));
    let mut history = History::default();
    for n in 0..100 {
        let finished = ended(Reason::Finished, secs(n), secs(n));
        assert_eq!(history.after(&finished, &plan, || 0), Next::Wait(secs(1)));
    }
    assert_ne!(
        history.after(&failed(secs(100), secs(100)), &plan, || 0),
        Next::GiveUp
    );
    assert_eq!(
        history.after(&failed(secs(101), secs(101)), &plan, || 0),
        Next::GiveUp
    );
}

#[test]
fn under_always_the_wait_after_a_return_is_the_first_jittered_and_never_grows() {
    let plan = plan(Policy::new().restart(Restart::Always));
    let mut random = Rng::with_seed(5);
    let mut history = History::default();
    for n in 0..100 {
        history.after(&failed(secs(n), secs(n)), &plan, || 0);
        let finished = ended(Reason::Finished, secs(n), secs(n));
        let wait = wait(history.after(&finished, &plan, || random.u32(..)));
        assert!(millis(500) <= wait && wait <= secs(1), "{wait:?}");
        assert_eq!(history.failures(), 0);
    }
}

#[test]
fn ticks_are_on_the_grid_whatever_they_take() {
    let mut random = Rng::with_seed(6);
    for _ in 0..500 {
        let period = millis(random.u64(1..10_000));
        let plan = periodic(ON_FAILURE, period);
        let (mut history, mut began) = (History::default(), Duration::ZERO);
        let mut slot = 0;
        for _ in 0..50 {
            let took = millis(random.u64(0..30_000));
            let ended = ended(Reason::Finished, began, began + took);
            let next = ended.at + wait(history.after(&ended, &plan, || random.u32(..)));
            assert_eq!(
                next.as_nanos() % period.as_nanos(),
                0,
                "off the grid of {period:?}"
            );
            let this = next.as_nanos() / period.as_nanos();
            assert!(this > slot, "two ticks in slot {slot}");
            assert!(
                next < ended.at + period || this == slot + 1,
                "skipped one that was to come"
            );
            (began, slot) = (next, this);
        }
    }
}

#[test]
fn a_tick_that_takes_no_time_is_not_followed_by_another_in_its_slot() {
    let plan = periodic(ON_FAILURE, secs(10));
    let at = |at| ended(Reason::Finished, at, at);
    let next = |ended| History::default().after(&ended, &plan, || 0);
    assert_eq!(next(at(Duration::ZERO)), Next::Wait(secs(10)));
    assert_eq!(next(at(secs(20))), Next::Wait(secs(10)));
    // Off the grid, after a backoff: the next slot is its own.
    assert_eq!(next(at(secs(21))), Next::Wait(secs(9)));
    // It ended just when the next slot began, which is not too late for it.
    let long = ended(Reason::Finished, Duration::ZERO, secs(10));
    assert_eq!(next(long), Next::Wait(Duration::ZERO));
}

#[test]
fn a_failed_tick_is_followed_at_the_later_of_the_next_slot_and_the_backoff() {
    let backoff = Backoff::doubling(secs(4), secs(60));
    let plan = periodic(ON_FAILURE.backoff(backoff), secs(10));
    let mut history = History::default();
    // 4 s and 8 s are over before the next slot.
    for slot in 0..2 {
        let at = secs(slot * 10);
        assert_eq!(
            history.after(&failed(at, at), &plan, || 0),
            Next::Wait(secs(10))
        );
    }
    // 16 s are not; the tick after is on the grid again.
    assert_eq!(
        history.after(&failed(secs(20), secs(20)), &plan, || 0),
        Next::Wait(secs(16))
    );
    let finished = ended(Reason::Finished, secs(36), secs(36));
    assert_eq!(history.after(&finished, &plan, || 0), Next::Wait(secs(4)));
    assert_eq!(history.failures(), 0);
}

#[test]
fn a_successful_tick_is_followed_by_another_even_without_restarts() {
    let plan = periodic(Policy::new(), secs(10));
    let mut history = History::default();
    let finished = ended(Reason::Finished, Duration::ZERO, secs(1));
    assert_eq!(history.after(&finished, &plan, || 0), Next::Wait(secs(9)));
    assert_eq!(
        history.after(&failed(secs(10), secs(11)), &plan, || 0),
        Next::GiveUp
    );
}

#[test]
fn the_longest_times_do_not_overflow() {
    let plan = periodic(
        ON_FAILURE.backoff(Backoff::constant(Duration::MAX)),
        Duration::MAX,
    );
    for (began, at) in [
        (Duration::ZERO, Duration::ZERO),
        (Duration::ZERO, Duration::MAX),
        (Duration::MAX, Duration::MAX),
    ] {
        let mut history = History {
            failures: u64::MAX - 1,
            ..History::default()
        };
        for reason in [Reason::Finished, Reason::Panic] {
            wait(history.after(&ended(reason, began, at), &plan, || u32::MAX));
        }
    }
}
