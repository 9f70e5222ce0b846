//! Workers in all states that the page knows, as a service has them on a bad day.

use std::future::pending;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use supervise::{Backoff, MaxRestarts, Policy, Restart, Worker};
use tokio::runtime::Builder;
use tokio::time::sleep;

/// Five lines, the first of which would like to end the page and begin another.
pub const HOSTILE: &str = "<script>document.title = 'owned'</script>\
    </pre></details></table><h1 style=\"color:red\">All is well</h1>\n\
    <img src=x onerror=alert(1)> &lt; \u{1b}[2J\u{202e}drawkcab\u{2069}\n\
    a third line\na fourth\na fifth";

static REAPER: Worker = Worker::new("reaper");

static CLEANUP: Worker = Worker::new("cleanup")
    .policy(again(10, 60_000))
    .critical(true);

static EXPORT: Worker = Worker::new("invoices::export")
    .policy(again(10, 60_000).max_restarts(MaxRestarts::since_healthy(3)));

static THUMBNAILS: Worker = Worker::new("thumbnails").policy(again(300_000, 300_000));

static RATES: Worker = Worker::new("rates").every(Duration::from_secs(3600));

static HEARTBEAT: Worker = Worker::new("heartbeat").every(Duration::from_millis(300));

static HOSTILE_ONE: Worker =
    Worker::new("<script>alert('a name')</script> \u{202e}eman a").policy(again(30_000, 30_000));

static WARM_UP: Worker = Worker::new("warm-up").critical(true);

static MIGRATIONS: Worker = Worker::new("migrations");

static MAILER: Worker =
    Worker::new("mailer").policy(again(10, 10).healthy_after(Duration::from_millis(50)));

const fn again(first: u64, longest: u64) -> Policy {
    let (first, longest) = (Duration::from_millis(first), Duration::from_millis(longest));
    Policy::new()
        .restart(Restart::OnFailure)
        .backoff(Backoff::doubling(first, longest))
}

/// Runs what `start` spawns, for as long as the process lives.
pub fn play(start: impl FnOnce() + Send + 'static) {
    supervise::log_panics_only();
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
    tokio::spawn(REAPER.supervise(pending::<()>));
}

/// One of each kind.
pub fn bad_day() {
    one();
    tokio::spawn(CLEANUP.supervise(|| async {
        panic!("the configuration has no cache.ttl_seconds");
    }));
    tokio::spawn(EXPORT.supervise(|| async {
        Err::<(), _>("postgres://billing:hunter2@db-1:5432/invoices: connection refused")
    }));
    for picture in 0..100 {
        tokio::spawn(THUMBNAILS.supervise(move || async move {
            assert!(picture >= 3, "picture {picture} has no width");
            pending::<()>().await;
        }));
    }
    tokio::spawn(RATES.supervise(|| async {}));
    tokio::spawn(hanging());
    tokio::spawn(HOSTILE_ONE.supervise(|| async { panic!("{HOSTILE}") }));
    tokio::spawn(WARM_UP.supervise(|| async {
        sleep(Duration::from_secs(4)).await;
        pending::<()>().await;
    }));
    tokio::spawn(MIGRATIONS.supervise(|| async {}));
    tokio::spawn(recovering());
    supervise::spawn(async { panic!("a task, once") });
}

/// In its second tick.
async fn hanging() {
    let ticks = AtomicU32::new(0);
    let tick = move || {
        let tick = ticks.fetch_add(1, SeqCst);
        async move {
            if tick > 0 {
                pending::<()>().await;
            }
        }
    };
    HEARTBEAT.supervise(tick).await;
}

/// It fails once, and is healthy then.
async fn recovering() {
    let runs = AtomicU32::new(0);
    let run = move || {
        let run = runs.fetch_add(1, SeqCst);
        async move {
            if run == 0 {
                return Err("421 try again later");
            }
            pending().await
        }
    };
    let _: Result<(), &str> = MAILER.supervise(run).await;
}

/// So many, of whom each 24th fails in many ways; of the others some failed once.
pub fn many(count: u32) {
    for number in 0..count {
        tokio::spawn(tenant(number));
    }
}

async fn tenant(number: u32) {
    let topic = ["sync", "billing", "mail"][number as usize % 3];
    let name = format!("tenant-{number:04}::{topic}");
    let worker = Worker::new(name.leak()).policy(again(1, 600_000));
    let runs = AtomicU32::new(0);
    let run = move || {
        let run = runs.fetch_add(1, SeqCst);
        async move {
            match (number % 24 == 5, run % 3) {
                (true, 0) => panic!("there is no tenant {number}"),
                (true, 1) => Err(format!("timed out after {run} s")),
                (true, _) => panic!("index out of bounds: the len is {run} but the index is 9"),
                (false, 0) if number % 5 == 0 => Err("connection reset by peer".to_owned()),
                _ => pending().await,
            }
        }
    };
    let _: Result<(), String> = worker.supervise(run).await;
}
