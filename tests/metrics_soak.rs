//! The numbers while everything happens at once, by chance: ten thousand times
//! they are read, and each time they are consistent and true.
//!
//! `SUPERVISE_SEED` draws other chances. What several threads do with them differs
//! from run to run.

mod metrics_soak {
    pub mod crowd;
    pub mod known;
    pub mod sample;
}

use std::future::ready;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use prometheus::Registry;
use supervise::{Reason, Supervisor};
use supervise_tests::status;
use tokio::runtime::Builder;

use self::metrics_soak::crowd::{self, CROWD};
use self::metrics_soak::known::KNOWN;
use self::metrics_soak::sample::Sampler;

const SAMPLES: u32 = 10_000;

#[test]
fn ten_thousand_times_starts_are_exits_and_running_ones_and_nobody_runs_who_waits() {
    let seed = std::env::var("SUPERVISE_SEED").map_or(0, |seed| seed.parse().unwrap());
    println!("SUPERVISE_SEED={seed}");
    supervise::log_panics_only();
    let registry = Registry::new();
    supervise::metrics::register(&registry).unwrap();
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap();
    let _entered = runtime.enter();
    let root = Supervisor::new().grace_period(Duration::from_millis(20));
    let known = KNOWN.each_ref().map(|known| root.spawn(known.live(seed)));

    let (taken, over) = (AtomicU32::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for thread in 0..2 {
            let (root, handle) = (root.clone(), runtime.handle().clone());
            let (known, over) = (&known, &over);
            scope.spawn(move || {
                let _entered = handle.enter();
                let random = fastrand::Rng::with_seed(seed * 2 + thread);
                crowd::act(random, &root, known, || over.load(SeqCst));
            });
        }
        let samplers = [(); 2].map(|()| {
            scope.spawn(|| {
                let mut sampler = Sampler::new(&registry);
                while taken.fetch_add(1, SeqCst) < SAMPLES {
                    sampler.sample();
                }
                sampler.certain()
            })
        });
        let certain = samplers.map(thread::ScopedJoinHandle::join);
        over.store(true, SeqCst);
        let certain = certain.map(thread::Result::unwrap);
        let [paused, running] = [0, 1].map(|state| certain[0][state] + certain[1][state]);
        println!("certainly paused {paused} times, running {running} times");
        assert!(paused > 1_000 && running > 1_000);
    });
    root.shutdown();
    // Who did not stop in time was dropped.
    let _ = runtime.block_on(root.wait_until(ready(())));
    drop(runtime);

    for name in KNOWN.iter().map(|known| known.name).chain([CROWD.name]) {
        let status = status(name);
        assert_eq!(status.running + status.waiting + status.scheduled, 0);
        assert_eq!(status.starts, status.exits.total(), "{name}");
    }
    let crowd = status(CROWD.name);
    for (reason, exits) in crowd.exits.iter() {
        assert!(exits > 0, "none for {reason:?}: {crowd:?}");
        let restarts = crowd.restarts[reason];
        assert_eq!(restarts > 0, reason != Reason::Shutdown, "{reason:?}");
    }
    assert!(crowd.gave_up_total > 0);
}
