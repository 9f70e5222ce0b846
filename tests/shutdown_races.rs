//! The shutdown at awkward moments, and what it leaves behind: nothing.

use std::future::{pending, ready};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use supervise::{Supervisor, is_shutting_down, shutdown_requested, supervised};
use supervise_tests::record::record;
use supervise_tests::{starts, status, stop};
use tokio::runtime::{Builder, Handle};
use tokio::task::{JoinSet, yield_now};
use tokio::time::sleep;

const SECOND: Duration = Duration::from_secs(1);

#[supervised(name = "stops when asked to", restart = true)]
async fn asks(takes: Duration) {
    shutdown_requested().await;
    sleep(takes).await;
}

#[tokio::test(start_paused = true)]
async fn a_request_before_the_first_poll_means_that_nothing_ever_runs() {
    #[supervised(name = "never polled")]
    async fn never_polled() {
        unreachable!("it never runs");
    }
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(never_polled());
    let plain = supervisor.spawn(async { unreachable!("nor does this") });
    assert_eq!(stop(&supervisor).await, 0);
    supervisor.wait().await.unwrap();
    assert!(handle.await.unwrap_err().is_cancelled());
    assert!(plain.await.unwrap_err().is_cancelled());
    assert_eq!(starts("never polled"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_request_out_of_a_panic_ends_in_order() {
    struct Requests(Supervisor);
    impl Drop for Requests {
        fn drop(&mut self) {
            self.0.shutdown();
        }
    }
    #[supervised(name = "requests as it unwinds", restart = true)]
    async fn worker(supervisor: Supervisor) {
        let _requests = Requests(supervisor);
        let _ = is_shutting_down();
        panic!("down");
    }
    let supervisor = Supervisor::new();
    let handle = supervisor.spawn(worker(supervisor.clone()));
    supervisor.wait().await.unwrap();
    handle.await.unwrap();
    let worker = status("requests as it unwinds");
    assert_eq!(
        (worker.starts, worker.panics, worker.gave_up_total),
        (1, 1, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn to_request_twice_and_from_inside_a_worker_is_to_request() {
    let (record, _guard) = record();
    let supervisor = Supervisor::new();
    let inside = supervisor.clone();
    let handle = supervisor.spawn(async move {
        let asked = shutdown_requested();
        inside.shutdown();
        inside.shutdown();
        asked.await;
    });
    sleep(SECOND).await;
    handle.await.unwrap();
    assert_eq!(stop(&supervisor).await, 0);
    assert_eq!(stop(&supervisor).await, 0);
    supervisor.wait().await.unwrap();
    assert_eq!(record.with_message("shutting down").len(), 1);
}

#[test]
fn a_spawn_that_races_the_shutdown_is_stopped_or_refused() {
    for _ in 0..200 {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let supervisor = Supervisor::new();
        let handle = runtime.handle().clone();
        let spawner = supervisor.clone();
        let racing = thread::spawn(move || {
            let _entered = handle.enter();
            let worker = || async {
                let _ = is_shutting_down();
                shutdown_requested().await;
            };
            (0..50).map(|_| spawner.spawn(worker())).collect::<Vec<_>>()
        });
        runtime.block_on(async {
            supervisor.shutdown();
            supervisor.wait().await.unwrap();
        });
        let handles = racing.join().unwrap();
        runtime.block_on(async {
            for handle in handles {
                // Stopped by itself, or refused.
                let _ = handle.await;
            }
            supervisor.wait().await.unwrap();
            settled(0).await;
        });
    }
}

#[supervised(name = "in a mix", restart = true, backoff = "1ms")]
async fn in_a_mix(number: u64) {
    if number % 2 == 0 {
        let _ = is_shutting_down();
    }
    match number % 5 {
        0 => shutdown_requested().await,
        1 => panic!("at once"),
        2 => {
            yield_now().await;
            panic!("later");
        }
        3 => sleep(Duration::from_millis(number % 7)).await,
        _ => pending().await,
    }
}

#[test]
fn any_mix_of_orders_from_several_threads_comes_to_an_end() {
    supervise::log_panics_only();
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let seed = std::env::var("SUPERVISE_SEED").map_or(0, |seed| seed.parse().unwrap());
    let root = Supervisor::new().grace_period(Duration::from_millis(20));
    let threads = (0..4).map(|thread| {
        let (mut random, root) = (fastrand::Rng::with_seed(seed * 4 + thread), root.clone());
        let handle = runtime.handle().clone();
        thread::spawn(move || {
            let _entered = handle.enter();
            let (mut handles, mut children) = (Vec::new(), vec![root]);
            for number in 0..2_000 {
                let supervisor = &children[random.usize(..children.len())];
                match random.u8(..16) {
                    0 if children.len() < 8 => {
                        let child = supervisor.child();
                        children.push(child);
                    }
                    1 if children.len() > 1 => {
                        let child = children.swap_remove(random.usize(1..children.len()));
                        child.shutdown();
                    }
                    2..6 => handles.push(supervisor.spawn(in_a_mix(number))),
                    6 => handles.push(supervisor.spawn(async move {
                        tokio::join!(in_a_mix(number), in_a_mix(number + 1)).0;
                    })),
                    7..10 if !handles.is_empty() => {
                        handles.swap_remove(random.usize(..handles.len()));
                    }
                    _ if handles.is_empty() => {}
                    10..13 => {
                        handles[random.usize(..handles.len())].restart();
                    }
                    13 => drop(handles[random.usize(..handles.len())].stop()),
                    14 => drop(handles[random.usize(..handles.len())].status()),
                    _ => thread::sleep(Duration::from_micros(random.u64(..200))),
                }
            }
        })
    });
    for thread in threads.collect::<Vec<_>>() {
        thread.join().unwrap();
    }
    // Several who wait, each on a runtime of its own, and one who does not.
    let waiting = [(); 3].map(|()| {
        let root = root.clone();
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(root.wait()).unwrap_err().to_string()
        })
    });
    root.shutdown();
    let told = waiting.map(|waiting| waiting.join().unwrap());
    assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
    runtime.block_on(async {
        let error = root.wait_until(ready(())).await.unwrap_err();
        assert!(error.unstopped().iter().all(|worker| !worker.still_running));
        assert_eq!(error.to_string(), told[0]);
        settled(0).await;
    });
    let worker = status("in a mix");
    assert_eq!(
        (worker.running, worker.waiting, worker.scheduled),
        (0, 0, 0)
    );
    assert_eq!(worker.starts, worker.exits.total());
    assert!(worker.starts > 2_000, "{}", worker.starts);
}

// What is left.

#[supervised(name = "leaves nothing", restart = true, backoff = "1s")]
async fn leaves_nothing(fails: bool) {
    stay_or_fail(fails).await;
}

/// With a name of its own, as the tests run at once and a name is counted once.
#[supervised(name = "leaves nothing on threads", restart = true, backoff = "1s")]
async fn leaves_nothing_on_threads(fails: bool) {
    stay_or_fail(fails).await;
}

async fn stay_or_fail(fails: bool) {
    shutdown_requested_or_not(fails).await;
    assert!(!fails, "again");
    pending::<()>().await;
}

async fn shutdown_requested_or_not(fails: bool) {
    if fails {
        yield_now().await;
    } else {
        shutdown_requested().await;
    }
}

async fn settled(tasks: usize) {
    for _ in 0..500 {
        if Handle::current().metrics().num_alive_tasks() == tasks {
            return;
        }
        thread::sleep(Duration::from_millis(1));
        yield_now().await;
    }
    let alive = Handle::current().metrics().num_alive_tasks();
    panic!("{alive} tasks are alive instead of {tasks}");
}

#[tokio::test(start_paused = true)]
async fn fifty_rounds_of_start_panic_and_shutdown_leave_no_task_behind() {
    let alive = || Handle::current().metrics().num_alive_tasks();
    let before = alive();
    for round in 0..50 {
        let supervisor = Supervisor::new().grace_period(SECOND);
        for worker in 0..10 {
            supervisor.spawn(leaves_nothing(worker % 2 == 0));
            supervisor.child().spawn(leaves_nothing(worker % 2 == 0));
        }
        sleep(Duration::from_millis(round * 100)).await;
        if round % 3 == 0 {
            supervisor.shutdown();
            yield_now().await;
        }
        supervisor.wait_until(ready(())).await.unwrap_err();
        if round % 3 > 0 {
            assert_eq!(alive(), before);
        }
        settled(before).await;
    }
    let worker = status("leaves nothing");
    assert_eq!((worker.running, worker.waiting), (0, 0));
}

#[test]
fn rounds_on_many_threads_leave_no_task_behind_either() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        for _ in 0..50 {
            let supervisor = Supervisor::new().grace_period(Duration::from_millis(5));
            for worker in 0..20 {
                supervisor.spawn(leaves_nothing_on_threads(worker % 2 == 0));
            }
            yield_now().await;
            let _ = supervisor.wait_until(ready(())).await;
            settled(0).await;
        }
    });
}

#[test]
fn a_worker_that_blocks_its_thread_is_named_and_holds_up_nobody() {
    #[supervised(name = "blocks")]
    async fn blocks(until: mpsc::Receiver<()>) {
        let _ = until.recv();
    }
    let (record, _guard) = record();
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let (release, until) = mpsc::channel();
    let supervisor = Supervisor::new().grace_period(Duration::from_millis(50));
    let others: Vec<_> = runtime.block_on(async {
        let others = (0..10)
            .map(|_| supervisor.spawn(asks(Duration::ZERO)))
            .collect();
        sleep(Duration::from_millis(10)).await;
        supervisor.spawn(blocks(until));
        others
    });
    let error = runtime.block_on(async {
        let soon = sleep(Duration::from_millis(10));
        supervisor.wait_until(soon).await.unwrap_err()
    });
    let text = "did not stop, blocking its thread: `blocks`";
    assert_eq!(error.to_string(), text);
    assert!(error.unstopped()[0].still_running);
    assert_eq!(record.with_message("worker did not stop").len(), 1);
    for other in others {
        runtime.block_on(other).unwrap();
    }
    drop(release);
}

#[test]
fn a_plain_task_that_blocks_its_thread_at_its_first_poll_is_named_too() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let (release, until) = mpsc::channel::<()>();
    let supervisor = Supervisor::new().grace_period(Duration::from_millis(20));
    let error = runtime.block_on(async {
        supervisor.spawn(async move {
            let _ = until.recv();
        });
        sleep(Duration::from_millis(10)).await;
        supervisor.shutdown();
        supervisor.wait().await.unwrap_err()
    });
    let name = "shutdown_races::a_plain_task_that_blocks_its_thread_at_its_first_poll_is_named_too";
    assert_eq!(error.unstopped()[0].worker, name);
    drop(release);
}

#[tokio::test]
async fn a_join_set_in_a_worker_goes_with_it() {
    static ALIVE: AtomicU32 = AtomicU32::new(0);
    struct Alive;
    impl Drop for Alive {
        fn drop(&mut self) {
            ALIVE.fetch_sub(1, SeqCst);
        }
    }
    let supervisor = Supervisor::new();
    supervisor.spawn(async {
        let mut set = JoinSet::new();
        for _ in 0..10 {
            ALIVE.fetch_add(1, SeqCst);
            let alive = Alive;
            set.spawn(async move {
                let _alive = alive;
                pending::<()>().await;
            });
        }
        set.join_all().await;
    });
    yield_now().await;
    assert_eq!(ALIVE.load(SeqCst), 10);
    stop(&supervisor).await;
    settled(0).await;
    assert_eq!(ALIVE.load(SeqCst), 0);
}

#[test]
fn without_timers_a_shutdown_still_comes_to_its_end() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let supervisor = Supervisor::new().grace_period(Duration::from_millis(20));
        supervisor.spawn(async {
            shutdown_requested().await;
            pending::<()>().await;
        });
        supervisor.spawn(pending::<()>());
        yield_now().await;
        let error = supervisor.wait_until(ready(())).await.unwrap_err();
        assert_eq!(error.unstopped().len(), 1);
        assert!(!error.unstopped()[0].still_running);
    });
}

#[test]
fn a_runtime_that_ends_without_a_shutdown_takes_its_workers_along() {
    let supervisor = Supervisor::new();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        supervisor.spawn(asks(SECOND));
        supervisor.spawn(pending::<()>());
        yield_now().await;
    });
    drop(runtime);
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(supervisor.wait()).unwrap();
}
