//! The rules about restarts, each as a property over chance policies and
//! histories.

mod limits;
mod periods;

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
