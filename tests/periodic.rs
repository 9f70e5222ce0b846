//! Periodic workers: `every`.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use prometheus::proto::MetricType;
use supervise::{Reason, metrics, supervised};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{AbortHandle, yield_now};
use tokio::time::{Instant, sleep};
use tracing::Level;

type Starts = UnboundedSender<Instant>;

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The starts of ticks, as seconds since the first.
struct Ticks {
    starts: UnboundedReceiver<Instant>,
    first: Option<Instant>,
    task: AbortHandle,
}

impl Ticks {
    fn of<F>(worker: impl FnOnce(Starts) -> F) -> Self
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let (sender, starts) = unbounded_channel();
        let task = tokio::spawn(worker(sender)).abort_handle();
        let first = None;
        Self {
            starts,
            first,
            task,
        }
    }

    /// The next `n`, rounded down from what a timer adds.
    async fn next(&mut self, n: usize) -> Vec<u64> {
        let mut seconds = Vec::new();
        for _ in 0..n {
            let start = self.starts.recv().await.unwrap();
            let first = *self.first.get_or_insert(start);
            seconds.push((start - first).as_secs());
        }
        seconds
    }
}

impl Drop for Ticks {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[supervised(name = "ticks", every = "10s")]
async fn ticks(starts: Starts, took: Duration) {
    let _ = starts.send(Instant::now());
    sleep(took).await;
}

#[tokio::test(start_paused = true)]
async fn the_first_tick_comes_at_once_and_the_others_on_a_fixed_grid() {
    let start = Instant::now();
    let mut quick = Ticks::of(|starts| ticks(starts, secs(3)));
    assert_eq!(quick.next(5).await, [0, 10, 20, 30, 40]);
    assert_eq!(quick.first, Some(start));
}

#[tokio::test(start_paused = true)]
async fn a_slow_tick_skips_slots_and_never_overlaps_or_bursts() {
    let mut slow = Ticks::of(|starts| ticks(starts, secs(25)));
    assert_eq!(slow.next(4).await, [0, 30, 60, 90]);
    let mut exact = Ticks::of(|starts| ticks(starts, secs(10)));
    let exact = exact.next(4).await;
    // A timer may be a millisecond late, which is then too late for the slot.
    assert!(exact[3] == 30 || exact[3] == 60, "{exact:?}");
}

#[supervised(name = "uneven", every = "10s")]
async fn uneven(starts: Starts, runs: &'static Runs) {
    let _ = starts.send(Instant::now());
    let took = [1, 34, 1, 9, 1][runs.next() as usize % 5];
    sleep(secs(took)).await;
}

#[tokio::test(start_paused = true)]
async fn ticks_after_a_slow_one_are_on_the_grid_again() {
    static RUNS: Runs = Runs::new();
    let mut uneven = Ticks::of(|starts| uneven(starts, &RUNS));
    assert_eq!(uneven.next(6).await, [0, 40, 50, 60, 70, 80]);
}

#[supervised(name = "fails at times", every = "10s", backoff = "4s..1m")]
async fn fails(starts: Starts, runs: &'static Runs) -> Result<(), String> {
    let _ = starts.send(Instant::now());
    match runs.next() {
        2..=4 => Err("not now".into()),
        _ => Ok(()),
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_tick_is_followed_at_the_later_of_the_next_slot_and_the_backoff() {
    static RUNS: Runs = Runs::new();
    let mut fails = Ticks::of(|starts| fails(starts, &RUNS));
    let starts = fails.next(7).await;
    // After waits of at most 4 s and 8 s comes the next slot; the third is of
    // 8 s to 16 s; what follows is on the grid.
    assert_eq!(starts[..4], [0, 10, 20, 30]);
    assert!((40..=46).contains(&starts[4]), "{starts:?}");
    assert_eq!(starts[5..], [50, 60], "{starts:?}");
    sleep(Duration::from_millis(1)).await;
    let worker = status("fails at times");
    assert_eq!(worker.restarts[Reason::Error], 3);
    assert_eq!(worker.consecutive_failures, 0);
}

#[tokio::test(start_paused = true)]
async fn a_worker_between_ticks_is_scheduled_and_after_a_failed_one_it_waits() {
    #[supervised(name = "between ticks", every = "1h")]
    async fn worker(runs: &Runs) {
        yield_now().await;
        assert!(runs.next() < 2, "the second");
    }
    static RUNS: Runs = Runs::new();
    let task = tokio::spawn(worker(&RUNS));
    sleep(secs(1)).await;
    let between = status("between ticks");
    let states = (between.running, between.waiting, between.scheduled);
    assert_eq!(states, (0, 0, 1));
    let next_in = between
        .next_start
        .unwrap()
        .duration_since(SystemTime::now());
    assert!((3_590..=3_600).contains(&next_in.unwrap().as_secs()));
    sleep(secs(3_600)).await;
    let failed = status("between ticks");
    assert_eq!(
        (failed.running, failed.waiting, failed.scheduled),
        (0, 1, 0)
    );
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    let gone = status("between ticks");
    assert_eq!((gone.running, gone.waiting, gone.scheduled), (0, 0, 0));
    assert_eq!(gone.exits[Reason::Cancelled], 0, "no run was cut short");
}

#[tokio::test(start_paused = true)]
async fn a_tick_that_takes_too_long_times_out_and_the_next_one_is_on_time() {
    #[supervised(name = "stuck tick", every = "10s", timeout = "5s", backoff = "1s")]
    async fn worker(starts: Starts, runs: &'static Runs) {
        let _ = starts.send(Instant::now());
        if runs.next() == 2 {
            std::future::pending::<()>().await;
        }
    }
    static RUNS: Runs = Runs::new();
    let mut stuck = Ticks::of(|starts| worker(starts, &RUNS));
    assert_eq!(stuck.next(4).await, [0, 10, 20, 30]);
    assert_eq!(status("stuck tick").exits[Reason::Timeout], 1);
}

#[tokio::test(start_paused = true)]
async fn without_restarts_ticks_go_on_until_the_first_that_fails() {
    #[supervised(name = "until it fails", every = "10s", restart = false)]
    async fn worker(runs: &Runs) -> Result<(), String> {
        match runs.next() {
            4 => Err("the fourth".into()),
            _ => Ok(()),
        }
    }
    assert_eq!(worker(&Runs::new()).await, Err("the fourth".into()));
    assert_eq!(status("until it fails").gave_up_total, 1);
}

struct Service {
    ticks: u32,
}

#[async_trait::async_trait]
trait Boxed {
    async fn boxed(&self, runs: &Runs) -> Result<(), String>;
}

#[async_trait::async_trait]
impl Boxed for Service {
    #[supervised(name = "shapes", every = "10s", restart = false)]
    async fn boxed(&self, runs: &Runs) -> Result<(), String> {
        match runs.next() {
            3 => Err("the third".into()),
            _ => Ok(()),
        }
    }
}

impl Service {
    #[supervised(name = "shapes", every = "10s", max_restarts = 1)]
    async fn exclusive(&mut self, name: String) -> Result<(), String> {
        self.ticks += 1;
        if self.ticks > 3 { Err(name) } else { Ok(()) }
    }

    #[supervised(name = "shapes", every = "10s", give_up_if = String::is_empty)]
    async fn kept(#[keep] self, #[keep] mut jobs: UnboundedReceiver<String>) -> Result<(), String> {
        self.ticks += 1;
        Err(jobs.recv().await.unwrap())
    }
}

#[tokio::test(start_paused = true)]
async fn a_tick_is_a_run_in_every_shape() {
    let mut service = Service { ticks: 0 };
    assert_eq!(service.exclusive("name".into()).await, Err("name".into()));
    assert_eq!(service.ticks, 5);
    let runs = Runs::new();
    assert_eq!(service.boxed(&runs).await, Err("the third".into()));
    let (sender, jobs) = unbounded_channel();
    for job in ["first", "second", "", "never taken"] {
        sender.send(job.into()).unwrap();
    }
    assert_eq!(service.kept(jobs).await, Err(String::new()));
    assert!(sender.is_closed());
}

#[tokio::test(start_paused = true)]
async fn so_many_failed_ticks_in_a_row_give_up() {
    #[supervised(name = "limited ticks", every = "10s", max_restarts = 2)]
    async fn worker(runs: &Runs) -> Result<(), String> {
        match runs.next() {
            // A successful tick is healthy at once.
            3 => Ok(()),
            run => Err(format!("run {run}")),
        }
    }
    assert_eq!(worker(&Runs::new()).await, Err("run 6".into()));
}

#[tokio::test(start_paused = true)]
async fn a_tick_after_a_success_is_no_restart_and_no_news() {
    #[supervised(name = "quiet", every = "10s")]
    async fn worker(runs: &Runs) {
        assert!(runs.next() != 3, "the third");
    }
    let (record, _guard) = record();
    let runs = Runs::new();
    let worker = worker(&runs);
    assert!(tokio::time::timeout(secs(55), worker).await.is_err());
    let quiet = status("quiet");
    assert_eq!((quiet.starts, quiet.restarts.total()), (6, 1));
    assert_eq!(quiet.exits[Reason::Finished], 5);
    let ticks = record.with_message("tick finished");
    assert_eq!(ticks.len(), 5);
    assert!(ticks.iter().all(|line| line.level == Level::DEBUG));
    assert!(record.with_message("worker finished").is_empty());
    assert_eq!(record.with_message("worker recovered").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_period_of_less_than_the_clock_can_tell_neither_bursts_nor_starves() {
    #[supervised(name = "too often", every = "1ns")]
    async fn worker(runs: &Runs) {
        runs.next();
    }
    let runs = Runs::new();
    assert!(tokio::time::timeout(secs(1), worker(&runs)).await.is_err());
    assert!((100..=1_010).contains(&runs.count()), "{}", runs.count());
}

#[tokio::test(start_paused = true)]
async fn the_longest_period_never_ticks_twice() {
    #[supervised(name = "once in an age", every = "18446744073709551615s")]
    async fn worker(runs: &Runs) {
        runs.next();
    }
    let runs = Runs::new();
    let age = secs(20 * 365 * 86_400);
    assert!(tokio::time::timeout(age, worker(&runs)).await.is_err());
    assert_eq!(runs.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_families_of_periodic_workers_tell_period_success_and_durations() {
    #[supervised(name = "measured", every = "1h")]
    async fn measured(runs: &Runs) -> Result<(), String> {
        sleep(Duration::from_millis(500)).await;
        if runs.next() == 1 {
            return Err("the first".into());
        }
        sleep(secs(30)).await;
        Ok(())
    }
    #[supervised(name = "not periodic")]
    async fn not_periodic() {}

    let registry = prometheus::Registry::new();
    metrics::register(&registry).unwrap();
    let before = SystemTime::now();
    not_periodic().await;
    let runs = Runs::new();
    let mut worker = std::pin::pin!(measured(&runs));
    assert!(tokio::time::timeout(secs(60), &mut worker).await.is_err());
    let failed = status("measured").periodic.unwrap();
    assert_eq!((failed.period, failed.last_success), (secs(3_600), None));
    assert!(failed.first_start >= before);
    assert!(
        tokio::time::timeout(secs(2 * 3_600), &mut worker)
            .await
            .is_err()
    );
    let succeeded = status("measured").periodic.unwrap();
    assert!(succeeded.last_success.unwrap() >= failed.first_start);
    assert_eq!(succeeded.tick_durations.count(), 3);
    assert_eq!(succeeded.tick_durations.total().as_secs(), 61);

    let mut found = BTreeMap::new();
    for family in registry.gather() {
        for metric in family.get_metric() {
            let labels = metric.get_label();
            let is_of = |name: &str| labels.iter().any(|label| label.value() == name);
            if is_of("measured") && family.get_field_type() == MetricType::HISTOGRAM {
                let histogram = metric.get_histogram();
                assert_eq!(histogram.get_sample_count(), 3);
                assert!((histogram.get_sample_sum() - 61.5).abs() < 0.1);
                let buckets = histogram.get_bucket().iter();
                let buckets = buckets.map(|it| (it.upper_bound(), it.cumulative_count()));
                found.insert(
                    family.name().to_owned(),
                    format!("{:?}", buckets.collect::<Vec<_>>()),
                );
            } else if is_of("measured") {
                let value = metric.get_gauge().get_value();
                found.insert(family.name().to_owned(), value.to_string());
            }
            let of_ticks = ["period", "last_success", "tick_duration"];
            if is_of("not periodic") {
                let name = family.name();
                assert!(of_ticks.iter().all(|part| !name.contains(part)), "{name}");
            }
        }
    }
    assert_eq!(found["supervise_period_seconds"], "3600");
    let buckets = "[(0.01, 0), (0.1, 0), (1.0, 1), (10.0, 1), (60.0, 3), (600.0, 3), (3600.0, 3)]";
    assert_eq!(found["supervise_tick_duration_seconds"], buckets);
    let success: f64 = found["supervise_last_success_timestamp_seconds"]
        .parse()
        .unwrap();
    let expected = succeeded
        .last_success
        .unwrap()
        .duration_since(SystemTime::UNIX_EPOCH);
    assert!((success - expected.unwrap().as_secs_f64()).abs() < 0.001);
}
