//! Ticks on a grid.

use super::*;

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
