//! The last failures of a worker, grouped by place.

use std::time::SystemTime;

use crate::excerpt;
use crate::failure::Failed;
use crate::policy::Reason;
use crate::status::LastFailure;

/// The latest first, of each no more than an excerpt of its message. A crash loop
/// is one of them, however long it lasts, and does not push out the others.
#[derive(Default)]
pub(super) struct LastFailures(Vec<LastFailure>);

impl LastFailures {
    /// How many are kept.
    const MOST: usize = 8;

    /// Adds the failure to those at its place, in the memory of one of them.
    #[inline]
    pub(super) fn add(&mut self, failed: &Failed<'_>, at: SystemTime) {
        let message = excerpt::of(failed.message);
        let is_same = |known: &LastFailure| is_same(known, failed, &message);
        let index = match self.0.iter().position(is_same) {
            Some(index) => index,
            None => self.make_room(failed, at),
        };
        let failure = &mut self.0[index];
        failure.count += 1;
        if failed.place.is_some() || failure.count == 1 {
            // Else it is what they are known by.
            message.as_ref().clone_into(&mut failure.message);
        }
        failure.at = at;
        if index > 0 {
            self.0[..=index].rotate_right(1);
        }
    }

    fn make_room(&mut self, failed: &Failed<'_>, at: SystemTime) -> usize {
        if self.0.len() < Self::MOST {
            self.0.push(LastFailure {
                reason: failed.reason,
                message: String::new(),
                place: None,
                count: 0,
                at,
            });
        }
        let last = self.0.len() - 1;
        let failure = &mut self.0[last];
        failure.reason = failed.reason;
        failure.place = failed.place.cloned();
        failure.count = 0;
        last
    }

    pub(super) fn last(&self) -> Option<&LastFailure> {
        self.0.first()
    }

    pub(super) fn to_vec(&self) -> Vec<LastFailure> {
        self.0.clone()
    }
}

/// An `Err` has no place of its own: one that says the same stands for it.
fn is_same(known: &LastFailure, failed: &Failed<'_>, message: &str) -> bool {
    known.reason == failed.reason
        && match failed.reason {
            Reason::Panic if failed.place.is_some() => known.place.as_ref() == failed.place,
            _ => known.message == message,
        }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::place::Place;

    fn failed<'a>(message: &'a str, place: Option<&'a Place>) -> Failed<'a> {
        Failed {
            reason: match place {
                Some(_) => Reason::Panic,
                None => Reason::Error,
            },
            message,
            place,
            failures: 1,
            uptime: Duration::ZERO,
            restart_in: None,
            at_shutdown: false,
        }
    }

    fn told(failures: &LastFailures) -> Vec<(String, u64)> {
        let told = failures.to_vec().into_iter();
        told.map(|failure| (failure.message, failure.count))
            .collect()
    }

    #[test]
    fn a_place_that_panics_again_is_one_of_them_with_its_latest_message() {
        let (here, there) = (Place::new("a.rs", 1, 1), Place::new("a.rs", 2, 1));
        let mut failures = LastFailures::default();
        for (message, place) in [("one", &here), ("two", &there), ("three", &here)] {
            failures.add(&failed(message, Some(place)), SystemTime::now());
        }
        assert_eq!(told(&failures), [("three".into(), 2), ("two".into(), 1)]);
    }

    #[test]
    fn errors_that_say_the_same_are_one_of_them() {
        let mut failures = LastFailures::default();
        for message in ["refused", "reset", "refused"] {
            failures.add(&failed(message, None), SystemTime::now());
        }
        assert_eq!(
            told(&failures),
            [("refused".into(), 2), ("reset".into(), 1)]
        );
    }

    #[test]
    fn a_long_message_is_kept_as_an_excerpt_and_known_by_it() {
        let here = Place::new("a.rs", 1, 1);
        let long = "x".repeat(1 << 20);
        let mut failures = LastFailures::default();
        for place in [None, None, Some(&here), Some(&here)] {
            failures.add(&failed(&long, place), SystemTime::now());
        }
        let kept = excerpt::of(&long);
        let kept = [(kept.to_string(), 2), (kept.to_string(), 2)];
        assert_eq!(told(&failures), kept);
        assert!(
            failures
                .0
                .iter()
                .all(|kept| kept.message.capacity() < 5_000)
        );
    }

    #[test]
    fn the_last_eight_are_kept_however_often_one_repeats() {
        let start = SystemTime::now();
        let mut failures = LastFailures::default();
        let mut add = |n: u32| {
            let at = start + Duration::from_secs(n.into());
            failures.add(&failed(&n.to_string(), None), at);
        };
        (0..10).for_each(&mut add);
        (0..100).for_each(|_| add(9));
        let told = told(&failures);
        assert_eq!(told.len(), 8);
        assert_eq!(told[0], ("9".into(), 101));
        assert_eq!(told[7], ("2".into(), 1));
        assert_eq!(failures.to_vec()[0].at, start + Duration::from_secs(9));
    }
}
