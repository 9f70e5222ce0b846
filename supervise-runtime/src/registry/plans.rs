//! The plans that calls of a worker are given, instead of the one that it has.

use std::sync::{Arc, Mutex};

use super::lock;
use crate::policy::Plan;

/// The first few are kept: a program has no more, as a rule, and its calls
/// allocate nothing. One that computes ever new ones allocates each.
#[derive(Default)]
pub(super) struct Plans(Mutex<Vec<Arc<Plan>>>);

impl Plans {
    /// How many are kept.
    const MOST: usize = 8;

    pub(super) fn share(&self, plan: Plan) -> Arc<Plan> {
        let mut kept = lock(&self.0);
        if let Some(known) = kept.iter().find(|known| ***known == plan) {
            return Arc::clone(known);
        }
        let plan = Arc::new(plan);
        if kept.len() < Self::MOST {
            kept.push(Arc::clone(&plan));
        }
        plan
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::policy::Policy;

    #[test]
    fn a_plan_is_kept_once_and_no_more_than_a_few_are() {
        let plans = Plans::default();
        for _ in 0..3 {
            for seconds in 1..=20 {
                let plan = Plan {
                    policy: Policy::new(),
                    every: Some(Duration::from_secs(seconds)),
                };
                let shared = plans.share(plan);
                assert_eq!(*shared, plan);
                assert_eq!(Arc::strong_count(&shared) > 1, seconds <= 8);
            }
        }
        assert_eq!(lock(&plans.0).len(), Plans::MOST);
    }
}
