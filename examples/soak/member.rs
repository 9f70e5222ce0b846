//! One worker of a pool: what happens to it, and the counting of it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use fastrand::Rng;

use crate::fate::Fate;
use crate::pool::{End, Pool, add, get};

/// How many workers have failed at least once.
pub static FAILED_ONCE: AtomicU64 = AtomicU64::new(0);

/// One of the workers of a pool.
pub struct Member {
    pub pool: &'static Pool,
    /// What chance has for it depends on this alone.
    seed: u64,
    runs: AtomicU64,
    /// How the last run of the present call ended.
    last: Mutex<Option<End>>,
    has_failed: AtomicBool,
    /// The present call is being dropped, as a whole.
    is_leaving: AtomicBool,
}

impl Member {
    pub fn new(pool: &'static Pool, seed: u64) -> Self {
        Self {
            pool,
            seed,
            runs: AtomicU64::new(0),
            last: Mutex::new(None),
            has_failed: AtomicBool::new(false),
            is_leaving: AtomicBool::new(false),
        }
    }

    /// A call of the worker begins. The guard is to be dropped before the call.
    pub fn call(&self) -> Leaving<'_> {
        self.is_leaving.store(false, SeqCst);
        *self.last.lock().unwrap() = None;
        Leaving(self)
    }

    /// The call returned: a failure was its last word.
    pub fn returned(&self) {
        if self.last.lock().unwrap().is_some_and(End::is_failure) {
            add(&self.pool.counts.gave_up);
        }
    }

    /// Whether a run that is dropped goes with its worker.
    pub fn is_leaving(&self) -> bool {
        self.is_leaving.load(SeqCst)
    }

    /// How long it waits before its first call.
    pub fn stagger(&self) -> Duration {
        Duration::from_secs(1).mul_f64(Rng::with_seed(self.seed).f64())
    }

    /// How long its next run sleeps, and its fate.
    pub fn draw(&self) -> (Duration, Fate) {
        let run = get(&self.runs);
        if run == 0 {
            return (Duration::ZERO, self.pool.fates[0]);
        }
        let mut chance = Rng::with_seed((self.seed << 32) + run);
        let nap = self.pool.longest.mul_f64(chance.f64());
        (nap, *chance.choice(self.pool.fates).unwrap())
    }

    /// A run begins, with what was drawn for it.
    pub fn begin(&self) -> (Duration, Fate) {
        let counts = &self.pool.counts;
        add(&counts.starts);
        match *self.last.lock().unwrap() {
            // A tick after a successful one is no restart.
            Some(End::Finished) if self.pool.is_periodic => {}
            Some(last) => add(&counts.restarts[last as usize]),
            None => {}
        }
        let drawn = self.draw();
        add(&self.runs);
        drawn
    }

    /// A run ended.
    pub fn ended(&self, end: End) {
        add(&self.pool.counts.ends[end as usize]);
        *self.last.lock().unwrap() = Some(end);
        if end.is_failure() && !self.has_failed.swap(true, SeqCst) {
            add(&FAILED_ONCE);
        }
    }

    /// A run ended with a panic.
    pub fn panicked(&self) {
        self.ended(End::Panic);
        self.pool.panicked();
    }

    /// The run that has just begun is over.
    pub fn panic_early(&self) -> ! {
        self.pool.meet(Fate::PanicEarly);
        self.panicked();
        panic!("no run at all");
    }
}

/// Tells a member that its call is being dropped.
pub struct Leaving<'a>(&'a Member);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.is_leaving.store(true, SeqCst);
    }
}
