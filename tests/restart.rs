//! The restart loop: waits, giving up, cancellation.

use std::future::{Future, pending};
use std::time::Duration;

use supervise::{Reason, supervised};
use supervise_tests::record::record;
use supervise_tests::{Runs, status};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep, timeout};

#[supervised(name = "doubling", restart = true, backoff = "1s..8s")]
async fn doubling(starts: UnboundedSender<Instant>) {
    let _ = starts.send(Instant::now());
    panic!("again");
}

#[tokio::test(start_paused = true)]
async fn waits_double_to_the_cap_each_drawn_from_its_upper_half() {
    let (sender, mut starts) = unbounded_channel();
    let task = tokio::spawn(doubling(sender));
    let mut last = starts.recv().await.unwrap();
    for longest in [1, 2, 4, 8, 8, 8, 8] {
        let next = starts.recv().await.unwrap();
        let (wait, longest) = (next - last, Duration::from_secs(longest));
        assert!(wait >= longest / 2, "{wait:?} of {longest:?}");
        assert!(
            wait <= longest + Duration::from_millis(1),
            "{wait:?} of {longest:?}"
        );
        last = next;
    }
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn workers_that_failed_together_do_not_come_back_together() {
    let mut first_waits = Vec::new();
    for _ in 0..20 {
        let (sender, mut starts) = unbounded_channel();
        let task = tokio::spawn(doubling(sender));
        let start = starts.recv().await.unwrap();
        first_waits.push(starts.recv().await.unwrap() - start);
        task.abort();
    }
    first_waits.sort_unstable();
    first_waits.dedup();
    assert!(first_waits.len() > 10, "{first_waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_waits_is_shown_waiting_with_its_next_start() {
    #[supervised(name = "shown waiting", restart = true, backoff = "1h")]
    async fn worker() -> Result<(), String> {
        Err("no".into())
    }
    let task = tokio::spawn(worker());
    sleep(Duration::from_secs(1)).await;
    let shown = status("shown waiting");
    assert_eq!((shown.running, shown.waiting), (0, 1));
    let wait = shown
        .next_start
        .unwrap()
        .duration_since(std::time::SystemTime::now())
        .unwrap();
    assert!((1_700..=3_600).contains(&wait.as_secs()), "{wait:?}");
    let last = shown.last_failure().unwrap();
    assert_eq!((last.reason, last.message.as_str()), (Reason::Error, "no"));
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    let gone = status("shown waiting");
    assert_eq!(
        (gone.running, gone.waiting, gone.consecutive_failures),
        (0, 0, 0)
    );
    assert_eq!(gone.next_start, None);
    assert_eq!(gone.exits[Reason::Cancelled], 0, "it was not running");
}

const HOT_RUNS: u32 = 20_000;

#[supervised(name = "hot", restart = true, backoff = "0s")]
async fn hot(runs: &Runs) {
    assert!(runs.next() > HOT_RUNS, "at the first poll");
}

/// How often a neighbour on the same thread could sleep for 1 ms meanwhile.
fn ticks_beside(worker: impl Future<Output = ()>) -> u32 {
    supervise::log_panics_only();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let mut ticks = 0;
    runtime.block_on(async {
        tokio::select! {
            () = worker => {}
            () = async { loop { sleep(Duration::from_millis(1)).await; ticks += 1; } } => {}
        }
    });
    ticks
}

#[test]
fn a_hot_crash_loop_leaves_another_task_ticking() {
    let runs = Runs::new();
    let ticks = ticks_beside(hot(&runs));
    assert_eq!(runs.count(), HOT_RUNS + 1);
    assert!(ticks >= 10, "{ticks} ticks");
}

#[test]
fn a_hot_crash_loop_in_a_task_of_its_own_leaves_another_task_ticking() {
    static RUNS: Runs = Runs::new();
    let ticks = ticks_beside(async {
        tokio::spawn(hot(&RUNS)).await.unwrap();
    });
    assert_eq!(RUNS.count(), HOT_RUNS + 1);
    assert!(ticks >= 10, "{ticks} ticks");
}

const BUSY_RUNS: u32 = 40;

#[supervised(name = "busy and hot", restart = true, backoff = "0s")]
async fn busy_and_hot(runs: &Runs) -> Result<(), &'static str> {
    let begin = std::time::Instant::now();
    while begin.elapsed() < Duration::from_millis(2) {}
    if runs.next() > BUSY_RUNS {
        Ok(())
    } else {
        Err("after some work")
    }
}

/// Tokio by itself looks after its timers at every 61st turn.
#[test]
fn runs_that_take_their_time_to_fail_leave_the_timers_their_turn_in_between() {
    static RUNS: Runs = Runs::new();
    let ticks = ticks_beside(async {
        tokio::spawn(busy_and_hot(&RUNS)).await.unwrap().unwrap();
    });
    assert_eq!(RUNS.count(), BUSY_RUNS + 1);
    assert!(ticks >= BUSY_RUNS / 4 - 1, "{ticks} ticks");
}

#[tokio::test(start_paused = true)]
async fn the_next_start_that_is_published_is_when_it_happens() {
    let (record, _guard) = record();
    let (sender, mut starts) = unbounded_channel();
    let worker = doubling(sender);
    assert!(timeout(Duration::from_secs(60), worker).await.is_err());
    let mut last = starts.recv().await.unwrap();
    let mut waits = 0;
    for line in record.with_message("worker panicked") {
        let Some(next) = starts.recv().await else {
            break;
        };
        let told = line.field("restart_in").unwrap();
        let (number, unit) = match told.strip_suffix("ms") {
            Some(number) => (number, 0.001),
            None => (told.trim_end_matches('s'), 1.0),
        };
        let waited = next.duration_since(last).as_secs_f64();
        // The log rounds to milliseconds, the timer up to the next one.
        let late = waited - number.parse::<f64>().unwrap() * unit;
        assert!(late.abs() <= 0.002, "{told} told, {waited} waited");
        last = next;
        waits += 1;
    }
    assert!(waits > 7, "{waits}");
}

#[tokio::test(start_paused = true)]
async fn the_last_failures_are_kept_by_place() {
    #[supervised(name = "fails variously", restart = true)]
    async fn worker(runs: &Runs) -> Result<(), String> {
        match runs.next() {
            run @ (1 | 2 | 6) => panic!("here in run {run}"),
            3 => panic!("there"),
            4 | 5 => Err("an error".into()),
            _ => Ok(()),
        }
    }
    assert!(worker(&Runs::new()).await.is_ok());
    let worker = status("fails variously");
    let told: Vec<_> = worker
        .last_failures
        .iter()
        .map(|failure| (failure.message.as_str(), failure.count))
        .collect();
    assert_eq!(
        told,
        [("here in run 6", 3), ("an error", 2), ("there", 1)],
        "the latest first"
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_that_finishes_is_not_restarted() {
    #[supervised(name = "finishes", restart = true)]
    async fn finishes(runs: &Runs) -> Result<u32, String> {
        Ok(runs.next())
    }
    assert_eq!(finishes(&Runs::new()).await, Ok(1));
    let worker = status("finishes");
    assert_eq!((worker.starts, worker.restarts.total()), (1, 0));
    assert_eq!(
        (worker.exits[Reason::Finished], worker.gave_up_total),
        (1, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn an_error_that_tells_of_somebody_elses_cancellation_is_an_error_like_any() {
    #[supervised(name = "foreign cancellation", restart = true)]
    async fn awaits(runs: &Runs) -> Result<u32, Box<dyn std::error::Error>> {
        let task = tokio::spawn(pending::<()>());
        match runs.next() {
            1 => {
                task.abort();
                task.await?;
            }
            2 => timeout(Duration::from_secs(1), pending::<()>()).await?,
            _ => {}
        }
        Ok(runs.count())
    }
    assert_eq!(awaits(&Runs::new()).await.unwrap(), 3);
    assert_eq!(status("foreign cancellation").restarts[Reason::Error], 2);
}

#[supervised(name = "never", restart = false)]
async fn never(runs: &Runs) -> Result<(), String> {
    runs.next();
    Err("final".into())
}

#[tokio::test]
async fn without_a_restart_a_failure_gives_up_and_is_told() {
    let (record, _guard) = record();
    let runs = Runs::new();
    assert_eq!(never(&runs).await, Err("final".into()));
    assert_eq!(runs.count(), 1);
    let worker = status("never");
    assert_eq!((worker.gave_up, worker.gave_up_total), (1, 1));
    assert_eq!(worker.consecutive_failures, 1);
    let told = record.with_message("worker gave up");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].level, tracing::Level::ERROR);
    assert_eq!(told[0].field("exception.message"), Some("final"));
}

#[supervised(name = "gives up at times")]
async fn gives_up(fails: bool) -> Result<(), String> {
    if fails { Err("no".into()) } else { Ok(()) }
}

#[tokio::test]
async fn having_given_up_clears_at_the_next_start_and_its_failures_with_health() {
    assert!(gives_up(true).await.is_err());
    let gave_up = status("gives up at times");
    assert_eq!((gave_up.gave_up, gave_up.consecutive_failures), (1, 1));
    assert!(gives_up(false).await.is_ok());
    let finished = status("gives up at times");
    assert_eq!((finished.gave_up, finished.consecutive_failures), (0, 0));
    assert_eq!(finished.gave_up_total, 1);
}

#[supervised(name = "on panic", restart = "on_panic")]
async fn on_panic(runs: &Runs) -> Result<(), String> {
    runs.panic_twice();
    Err("an error ends it".into())
}

#[tokio::test(start_paused = true)]
async fn on_panic_restarts_after_panics_and_ends_at_an_error() {
    let runs = Runs::new();
    assert!(on_panic(&runs).await.is_err());
    assert_eq!(runs.count(), 3);
    assert_eq!(status("on panic").gave_up, 1);
}

#[supervised(name = "always", restart = "always", backoff = "10s..1m")]
async fn always(starts: UnboundedSender<Instant>) {
    let _ = starts.send(Instant::now());
}

#[tokio::test(start_paused = true)]
async fn always_runs_again_after_a_return_with_waits_that_do_not_grow() {
    let (sender, mut starts) = unbounded_channel();
    let task = tokio::spawn(always(sender));
    let mut last = starts.recv().await.unwrap();
    for _ in 0..10 {
        let next = starts.recv().await.unwrap();
        let wait = next - last;
        assert!((5..=10).contains(&wait.as_secs()), "{wait:?}");
        last = next;
    }
    sleep(Duration::from_millis(1)).await;
    let worker = status("always");
    assert_eq!(
        (worker.running, worker.waiting, worker.scheduled),
        (0, 0, 1)
    );
    assert_eq!(worker.restarts[Reason::Finished], 10);
    assert_eq!(worker.consecutive_failures, 0);
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(status("always").scheduled, 0);
}

#[supervised(name = "cancelled", restart = true)]
async fn cancelled() {
    pending::<()>().await;
}

#[tokio::test]
async fn being_dropped_is_no_failure() {
    let task = tokio::spawn(cancelled());
    tokio::task::yield_now().await;
    assert_eq!(status("cancelled").running, 1);
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    drop(cancelled());
    let worker = status("cancelled");
    assert_eq!((worker.starts, worker.running, worker.panics), (1, 0, 0));
    assert_eq!(worker.exits[Reason::Cancelled], 1);
    assert_eq!(worker.restarts.total(), 0);
}

#[supervised(name = "pool", restart = true, backoff = "1h")]
async fn pool(fails: u32, runs: &'static Runs) {
    assert!(runs.next() > fails, "member");
    pending::<()>().await;
}

#[tokio::test(start_paused = true)]
async fn a_pool_counts_its_members_and_tells_the_worst_of_them() {
    static SICK: Runs = Runs::new();
    static WELL: Runs = Runs::new();
    let sick = tokio::spawn(pool(2, &SICK));
    let well = tokio::spawn(pool(0, &WELL));
    sleep(Duration::from_secs(1)).await;
    let worker = status("pool");
    assert_eq!((worker.running, worker.waiting), (1, 1));
    sleep(Duration::from_secs(3 * 3_600)).await;
    let worker = status("pool");
    assert_eq!((worker.running, worker.waiting), (2, 0));
    assert_eq!(worker.starts, 4);
    sick.abort();
    well.abort();
    assert!(sick.await.is_err() && well.await.is_err());
    assert_eq!(status("pool").running, 0);
}

#[test]
fn a_worker_that_never_waits_needs_no_tokio() {
    #[supervised(name = "no runtime")]
    async fn no_runtime() -> Result<u8, String> {
        Ok(1)
    }
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let poll = std::pin::pin!(no_runtime()).as_mut().poll(&mut context);
    assert_eq!(poll, std::task::Poll::Ready(Ok(1)));
}

#[test]
fn a_worker_that_never_waits_needs_no_timers_even_after_one_of_its_name_gave_up() {
    #[supervised(name = "no timers")]
    async fn no_timers(fails: bool) {
        assert!(!fails, "the first one");
        tokio::task::yield_now().await;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(async {
        no_timers(true).await;
        assert_eq!(status("no timers").consecutive_failures, 1);
        no_timers(false).await;
    });
    let worker = status("no timers");
    assert_eq!(worker.consecutive_failures, 0);
    assert_eq!(worker.exits[Reason::Finished], 1);
}
