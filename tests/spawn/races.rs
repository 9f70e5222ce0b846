//! Spawns, aborts and shutdowns at once, on several threads: nothing is left
//! running, listed or waited for.

use std::future::{pending, ready};
use std::panic::panic_any;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use supervise::{Reason, Supervisor, is_shutting_down, shutdown_requested, supervised};
use supervise_tests::status;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::{alive, ended, is_listed};

fn seed() -> u64 {
    std::env::var("SUPERVISE_SEED").map_or(0, |seed| seed.parse().unwrap())
}

fn runtime(blocking_threads: usize) -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(blocking_threads)
        .enable_all()
        .build()
        .unwrap()
}

/// What there is to know once nothing of these names runs any more.
async fn all_ended(names: &[&str]) {
    let start = Instant::now();
    let is_over = |name: &&str| !is_listed(name) || status(name).running == 0;
    while alive() > 0 || !names.iter().all(is_over) {
        assert!(start.elapsed() < Duration::from_secs(20), "{}", alive());
        sleep(Duration::from_millis(1)).await;
    }
    for name in names.iter().filter(|name| is_listed(name)) {
        ended(name);
    }
}

static BEGUN: AtomicU64 = AtomicU64::new(0);

#[supervised(
    name = "in a spawned mix",
    restart = true,
    backoff = "1ms",
    max_restarts = 3
)]
async fn worker(number: u64) {
    match number % 3 {
        0 => shutdown_requested().await,
        1 => {
            yield_now().await;
            panic_any("of a worker");
        }
        _ => pending().await,
    }
}

fn closure(number: u64) -> impl FnOnce() + Send {
    move || {
        BEGUN.fetch_add(1, SeqCst);
        match number % 4 {
            0 => panic_any("of a closure"),
            1 => thread::sleep(Duration::from_micros(number % 500)),
            2 => Handle::current().block_on(async {
                tokio::select! {
                    () = worker(number) => {}
                    () = shutdown_requested() => {}
                }
            }),
            _ => {
                while !is_shutting_down() {
                    thread::sleep(Duration::from_millis(1));
                }
            }
        }
    }
}

fn spawn_any(random: &mut Rng, depth: u64) {
    let number = random.u64(..1_000);
    match random.u8(..8) {
        0 => drop(supervise::spawn_blocking(closure(number))),
        1 => {
            // A thread is in no runtime.
            let number = if number % 4 == 2 { 0 } else { number };
            drop(supervise::spawn_thread(closure(number)));
        }
        2 => drop(supervise::spawn(worker(number))),
        3 => supervise::spawn(task(Rng::with_seed(number), depth)).abort(),
        _ => drop(supervise::spawn(task(Rng::with_seed(number), depth))),
    }
}

async fn task(mut random: Rng, depth: u64) {
    BEGUN.fetch_add(1, SeqCst);
    for _ in 0..depth {
        spawn_any(&mut random, depth - 1);
    }
    match random.u8(..6) {
        0 => panic_any("of a task"),
        1 => shutdown_requested().await,
        2 => sleep(Duration::from_micros(random.u64(..500))).await,
        3 => worker(random.u64(..1_000)).await,
        4 => {
            shutdown_requested().await;
            spawn_any(&mut random, 0);
            sleep(Duration::from_micros(random.u64(..500))).await;
        }
        _ => pending().await,
    }
}

#[test]
fn any_mix_that_is_shut_down_at_any_time_comes_to_an_end_and_counts_exactly() {
    supervise::log_panics_only();
    for round in 0..60 {
        let mut random = Rng::with_seed(seed() * 1_000 + round);
        let runtime = runtime(random.usize(1..4));
        runtime.block_on(async {
            let supervisor = Supervisor::new().grace_period(Duration::from_millis(50));
            for number in 0..10 {
                let random = Rng::with_seed(round * 10 + number);
                supervisor.spawn(task(random, number % 4));
            }
            sleep(Duration::from_micros(random.u64(..2_000))).await;
            if let Err(error) = supervisor.wait_until(ready(())).await {
                // Tasks that began during the shutdown, and never end.
                let unstopped = error.unstopped().iter();
                for unstopped in unstopped {
                    assert!(!unstopped.still_running, "in round {round}: {error}");
                    assert_eq!(unstopped.worker, "races::task", "in round {round}");
                }
            }
            all_ended(&["races::task", "races::closure", "in a spawned mix"]).await;
        });
    }
    assert!(BEGUN.load(SeqCst) > 1_000, "{}", BEGUN.load(SeqCst));
}

#[test]
fn an_abort_that_races_the_first_poll_counts_what_began_and_only_that() {
    static POLLED: AtomicU64 = AtomicU64::new(0);
    async fn polled() {
        POLLED.fetch_add(1, SeqCst);
        pending::<()>().await;
    }
    const NAME: &str = "an_abort_that_races_the_first_poll_counts_what_began_and_only_that::polled";
    let runtime = runtime(1);
    runtime.block_on(async {
        let mut random = Rng::with_seed(seed());
        for _ in 0..2_000 {
            let handle = supervise::spawn(polled());
            for _ in 0..random.u8(..200) {
                std::hint::spin_loop();
            }
            handle.abort();
            assert!(handle.await.unwrap_err().is_cancelled());
        }
        all_ended(&[NAME]).await;
    });
    let polled = POLLED.load(SeqCst);
    if polled > 0 {
        assert_eq!(ended(NAME).exits[Reason::Cancelled], polled);
    }
}

#[test]
fn a_runtime_that_ends_while_others_spawn_on_it_leaves_nothing_running() {
    async fn spawned() {
        yield_now().await;
        pending::<()>().await;
    }
    const NAME: &str =
        "a_runtime_that_ends_while_others_spawn_on_it_leaves_nothing_running::spawned";
    for round in 0..50 {
        let runtime = runtime(1);
        let supervisor = Supervisor::new();
        let handle = runtime.handle().clone();
        let spawns = supervisor.clone();
        let thread = thread::spawn(move || {
            let _entered = handle.enter();
            for _ in 0..100 {
                drop(supervise::spawn(spawned()));
                drop(spawns.spawn(async { drop(supervise::spawn(spawned())) }));
            }
        });
        thread::sleep(Duration::from_micros(round * 5));
        runtime.shutdown_timeout(Duration::from_secs(5));
        thread.join().unwrap();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            supervisor.wait().await.unwrap();
            assert!(!supervisor.is_shutting_down());
        });
        if is_listed(NAME) {
            ended(NAME);
        }
    }
}
