//! Ten thousand workers fail for ever, each restarted about a second after its
//! failure, and a ticker of a millisecond beside them: what a restart costs when
//! many want one, and what others notice.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use cpu_time::ProcessTime;
use supervise::{Supervisor, supervised};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::Fallible;
use crate::handwritten::supervise;
use crate::job::{Job, number};
use crate::process::{Task, printed};
use crate::resident;
use crate::table::{self, dash, figure};
use crate::variant::Variant;
use crate::ways;

/// Its name as a scenario.
pub const STORM: &str = "storm";

/// Before a restart, if nothing is drawn from it.
pub const WAIT: Duration = Duration::from_secs(1);

pub const WORKERS: u32 = 10_000;
pub const SECONDS: f64 = 10.0;

static RUNS: AtomicU64 = AtomicU64::new(0);

pub async fn crash() -> Fallible {
    RUNS.fetch_add(1, Relaxed);
    panic!("boom")
}

#[supervised(name = "storm", restart = true, backoff = "1s")]
async fn crash_with_attribute() -> Fallible {
    RUNS.fetch_add(1, Relaxed);
    panic!("boom")
}

pub fn under_supervisor(way: &'static str) -> Job {
    Job {
        way,
        run: |runtime, workers| {
            let _runtime = runtime.enter();
            let supervisor = Supervisor::new();
            for _ in 0..workers {
                supervisor.spawn(crash_with_attribute());
            }
            // Nobody stops them.
            std::mem::forget(supervisor);
            Ok(())
        },
        ..job(Variant::Supervised)
    }
}

/// Those who draw nothing by themselves wait as those do who have the attribute.
pub fn jittered() -> Duration {
    WAIT.mul_f64(0.5 + fastrand::f64() / 2.0)
}

pub fn job(variant: Variant) -> Job {
    Job {
        scenario: STORM,
        way: variant.name(),
        run: match variant {
            // Its tasks fail not: it is what the timers cost.
            Variant::Bare => |runtime, workers| {
                start(runtime, workers, || async {
                    loop {
                        RUNS.fetch_add(1, Relaxed);
                        sleep(jittered()).await;
                    }
                })
            },
            Variant::Handwritten => {
                |runtime, workers| start(runtime, workers, || supervise("storm", jittered, crash))
            }
            Variant::Supervised => |runtime, workers| start(runtime, workers, crash_with_attribute),
        },
        units: [0, WORKERS],
        subscriber: false,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a job may fail")]
fn start<F>(runtime: &Runtime, workers: u32, worker: impl Fn() -> F) -> Fallible
where
    F: Future<Output: Send> + Send + 'static,
{
    for _ in 0..workers {
        runtime.spawn(worker());
    }
    Ok(())
}

/// The table of all ways, each storm in a process of its own.
pub fn print() -> Fallible {
    let head = [
        "",
        "restarts per second",
        "µs of processor time per restart",
        "delay of a ticker, p50: ms",
        "p99: ms",
        "resident: MB",
    ];
    let mut lines = Vec::new();
    for way in ways::all() {
        eprintln!("a storm of {SECONDS} s: {}", way.name);
        let told = printed(&way.storm, Task::Storm)?;
        let mut line = vec![way.name.to_owned()];
        line.extend(told.split(' ').map(str::to_owned));
        lines.push(line);
    }
    table::print_lines(&head, lines);
    Ok(())
}

/// In that process. Ends it: there is no end to a storm.
pub fn run(job: &Job) -> Fallible {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let began = ProcessTime::now();
    (job.run)(&runtime, job.units[1])?;
    let mut delays = runtime.block_on(async { tokio::spawn(delays()).await })?;
    let runs = number(usize::try_from(RUNS.load(Relaxed))?);
    let microseconds = began.elapsed().as_secs_f64() * 1e6;
    delays.sort_by(f64::total_cmp);
    let [half, most] = [50, 99].map(|percent| delays[delays.len() * percent / 100]);
    let figures = [runs / SECONDS, microseconds / runs, half, most];
    let megabytes = |bytes| figure(number(bytes) / 1024.0 / 1024.0);
    let resident = resident::now().map_or_else(dash, megabytes);
    println!("{} {resident}", figures.map(figure).join(" "));
    std::process::exit(0)
}

/// How late a tick of each millisecond is.
async fn delays() -> Vec<f64> {
    let began = Instant::now();
    let mut ticks = interval(Duration::from_millis(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut delays = Vec::new();
    while began.elapsed().as_secs_f64() < SECONDS {
        let due = ticks.tick().await;
        delays.push(due.elapsed().as_secs_f64() * 1e3);
    }
    delays
}
