//! When there are too many restarts.

use super::*;

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
