//! Workers in all states that the page knows, as a service has them on a bad day.

use std::future::pending;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use supervise::{Backoff, MaxRestarts, Policy, Restart, Worker};
use tokio::runtime::Builder;
use tokio::time::sleep;

pub const HOSTILE: &str = "<script>document.title = 'owned'</script>\
    </pre></details></table><h1 style=\"color:red\">All is well</h1>\n\
    <img src=x onerror=alert(1)> &lt; \u{1b}[2J\u{202e}drawkcab\u{2069}\n\
    a third line\na fourth\na fifth";

/// Runs what `start` spawns, for as long as the process lives.
pub fn play(start: impl FnOnce() + Send + 'static) {
    thread::spawn(|| {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            start();
            pending::<()>().await;
        });
    });
}

/// One that is well.
pub fn one() {
    static WORKER: Worker = Worker::new("reaper");
    tokio::spawn(WORKER.supervise(pending::<()>));
}

/// One of each kind.
pub fn bad_day() {
    one();
    crash_loop();
    pool();
    periodic();
    static GIVES_UP: Worker = Worker::new("invoices::export")
        .policy(again(10, 60_000).max_restarts(MaxRestarts::since_healthy(3)));
    tokio::spawn(GIVES_UP.supervise(|| async {
        Err::<(), _>(
            "connecting to postgres://billing:hunter2@db-1:5432/invoices: connection refused",
        )
    }));
    static HOSTILE_ONE: Worker = Worker::new("<script>alert('a name')</script> \u{202e}eman a")
        .policy(again(30_000, 30_000));
    tokio::spawn(HOSTILE_ONE.supervise(|| async { panic!("{HOSTILE}") }));
    static STARTS: Worker = Worker::new("warm-up").critical(true);
    tokio::spawn(STARTS.supervise(|| async {
        sleep(Duration::from_secs(4)).await;
        pending::<()>().await;
    }));
    static ENDS: Worker = Worker::new("migrations");
    tokio::spawn(ENDS.supervise(|| async {}));
    supervise::spawn(async { panic!("a task, once") });
    recovered();
}

/// Of 24 workers one fails, each at other places; so do the others, but seldom.
pub fn many(count: usize) {
    for index in 0..count {
        let failing = index % 24 == 5;
        let name = format!(
            "tenant-{index:04}::{}",
            ["sync", "billing", "mail"][index % 3]
        );
        let worker = Worker::new(name.leak()).policy(again(1, 600_000));
        let worker: &'static Worker = Box::leak(Box::new(worker));
        let runs = AtomicU32::new(0);
        tokio::spawn(worker.supervise(move || {
            let run = runs.fetch_add(1, SeqCst);
            async move {
                match (failing, run % 3) {
                    (true, 0) => panic!("no tenant of this id: {index}"),
                    (true, 1) => Err::<(), _>(format!("timed out after {run} s")),
                    (true, _) => panic!("index out of bounds: the len is {run} but the index is 9"),
                    (false, 0) if index % 5 == 0 => Err("connection reset by peer".to_owned()),
                    _ => pending().await,
                }
            }
        }));
    }
}

const fn again(first: u64, longest: u64) -> Policy {
    let (first, longest) = (Duration::from_millis(first), Duration::from_millis(longest));
    Policy::new()
        .restart(Restart::OnFailure)
        .backoff(Backoff::doubling(first, longest))
}

fn crash_loop() {
    let worker = Worker::new("cleanup")
        .policy(again(10, 60_000))
        .critical(true);
    let worker: &'static Worker = Box::leak(Box::new(worker));
    tokio::spawn(worker.supervise(|| async {
        let ttl: Option<u64> = None;
        ttl.expect("the configuration has no cache.ttl_seconds");
    }));
}

/// 97 that run, and 3 that wait.
fn pool() {
    let worker = Worker::new("thumbnails").policy(again(300_000, 300_000));
    let worker: &'static Worker = Box::leak(Box::new(worker));
    for index in 0..100 {
        tokio::spawn(worker.supervise(move || async move {
            assert!(index >= 3, "assertion of picture {index}");
            pending::<()>().await;
        }));
    }
}

/// One in time, and one that hangs in its second tick.
fn periodic() {
    static IN_TIME: Worker = Worker::new("rates").every(Duration::from_secs(3600));
    tokio::spawn(IN_TIME.supervise(|| async {}));
    static LATE: Worker = Worker::new("heartbeat").every(Duration::from_millis(300));
    let ticks = AtomicU32::new(0);
    tokio::spawn(LATE.supervise(move || {
        let tick = ticks.fetch_add(1, SeqCst);
        async move {
            if tick > 0 {
                pending::<()>().await;
            }
        }
    }));
}

/// It failed once, and is healthy since.
fn recovered() {
    static WORKER: Worker = Worker::new("mailer").policy(
        Policy::new()
            .restart(Restart::OnFailure)
            .backoff(Backoff::constant(Duration::from_millis(10)))
            .healthy_after(Duration::from_millis(50)),
    );
    let runs = AtomicU32::new(0);
    tokio::spawn(WORKER.supervise(move || {
        let run = runs.fetch_add(1, SeqCst);
        async move {
            if run == 0 {
                return Err::<(), _>("421 try again later");
            }
            pending().await
        }
    }));
}
