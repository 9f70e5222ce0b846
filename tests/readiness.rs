//! Whether the process is to be sent requests: `/readyz`, and `/livez`, which no
//! worker makes fail.

use std::future::pending;
use std::time::Duration;

use http::{Request, StatusCode};
use supervise::{Supervisor, supervised};
use supervise_tests::Runs;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, sleep};

/// A process is ready or not as a whole: each test has it for itself, and leaves
/// it ready.
async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::const_new(());
    let alone = ALONE.lock().await;
    assert_eq!(readyz(), "ready\n", "before the test");
    alone
}

fn readyz() -> String {
    let get = |path| supervise::http::respond(&Request::get(path).body(()).unwrap());
    assert_eq!(get("/livez").status(), StatusCode::OK);
    let ready = get("/readyz");
    let expected = if ready.body() == "ready\n" {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    assert_eq!(ready.status(), expected);
    ready.into_body()
}

async fn millis(millis: u64) {
    sleep(Duration::from_millis(millis)).await;
}

#[tokio::test(start_paused = true)]
async fn not_before_a_critical_worker_has_said_so() {
    #[supervised(name = "says so", critical = true)]
    async fn listen() {
        millis(1_000).await;
        supervise::ready();
        pending::<()>().await;
    }
    let _alone = alone().await;
    let supervisor = Supervisor::new();
    let task = supervisor.spawn(listen());
    millis(900).await;
    assert_eq!(
        readyz(),
        "not ready\ncritical worker is starting: says so\n"
    );
    millis(200).await;
    assert_eq!(readyz(), "ready\n");
    task.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn nor_before_it_has_stayed_up_for_five_seconds() {
    #[supervised(name = "stays up", critical = true)]
    async fn listen() {
        pending::<()>().await;
    }
    let _alone = alone().await;
    let supervisor = Supervisor::new();
    let task = supervisor.spawn(listen());
    millis(4_900).await;
    assert_eq!(
        readyz(),
        "not ready\ncritical worker is starting: stays up\n"
    );
    millis(200).await;
    assert_eq!(readyz(), "ready\n");
    task.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_crash_loop_from_the_start_is_not_ready_and_a_later_one_is_no_reason() {
    #[supervised(name = "bad push", critical = true, restart = true, backoff = "1s")]
    async fn listen(runs: &'static Runs) {
        let run = runs.next();
        if run == 20 {
            millis(6_000).await;
        }
        assert!(run > 100, "crash loop");
        pending::<()>().await;
    }
    static RUNS: Runs = Runs::new();
    let _alone = alone().await;
    let supervisor = Supervisor::new();
    let task = supervisor.spawn(listen(&RUNS));
    // Between its runs, it must not be taken for up.
    for _ in 0..50 {
        millis(100).await;
        assert_eq!(
            readyz(),
            "not ready\ncritical worker is starting: bad push\n"
        );
    }
    while supervise_tests::starts("bad push") < 22 {
        millis(100).await;
    }
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(30) {
        assert_eq!(readyz(), "ready\n");
        millis(100).await;
    }
    task.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn workers_that_are_not_critical_are_no_reason() {
    #[supervised(name = "no reason", restart = true)]
    async fn failing() {
        panic!("again");
    }
    #[supervised(name = "no reason either")]
    async fn gives_up() {
        panic!("for ever");
    }
    let _alone = alone().await;
    let task = tokio::spawn(failing());
    gives_up().await;
    millis(10).await;
    assert_eq!(readyz(), "ready\n");
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn not_after_a_critical_worker_gave_up_until_it_is_started_again() {
    #[supervised(name = "gave up", critical = true)]
    async fn listen(runs: &'static Runs) {
        supervise::ready();
        assert!(runs.next() > 1, "no port");
        pending::<()>().await;
    }
    static RUNS: Runs = Runs::new();
    let _alone = alone().await;
    // Outside of a supervisor, so that only this is the reason.
    listen(&RUNS).await;
    assert_eq!(readyz(), "not ready\ncritical worker gave up: gave up\n");
    let task = tokio::spawn(listen(&RUNS));
    millis(10).await;
    assert_eq!(readyz(), "ready\n");
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn who_gave_up_at_its_start_is_not_said_to_be_starting() {
    #[supervised(name = "never up", critical = true)]
    async fn listen(runs: &'static Runs) {
        assert!(runs.next() > 1, "no port");
        supervise::ready();
    }
    static RUNS: Runs = Runs::new();
    let _alone = alone().await;
    listen(&RUNS).await;
    assert_eq!(readyz(), "not ready\ncritical worker gave up: never up\n");
    listen(&RUNS).await;
}

#[tokio::test(start_paused = true)]
async fn not_from_the_request_of_the_shutdown_on_as_long_as_the_supervisor_is_there() {
    #[supervised(name = "takes its time")]
    async fn flushes() {
        supervise::shutdown_requested().await;
        millis(1_000).await;
    }
    let _alone = alone().await;
    let supervisor = Supervisor::new();
    supervisor.spawn(flushes());
    millis(10).await;
    assert_eq!(readyz(), "ready\n");
    supervisor.shutdown();
    assert_eq!(readyz(), "not ready\nshutting down\n");
    supervisor.wait().await.unwrap();
    assert_eq!(
        readyz(),
        "not ready\nshutting down\n",
        "what main does afterwards"
    );
    drop(supervisor);
    assert_eq!(readyz(), "ready\n");
}

/// No thread that has begun something keeps it, and with it the supervisor.
#[tokio::test(start_paused = true)]
async fn a_supervisor_of_what_is_no_worker_is_gone_as_any() {
    let _alone = alone().await;
    let supervisor = Supervisor::new();
    supervisor.spawn(tokio::task::yield_now());
    supervisor.spawn_blocking(|| ());
    supervisor.wait().await.unwrap();
    supervisor.shutdown();
    assert_eq!(readyz(), "not ready\nshutting down\n");
    drop(supervisor);
    // The thread of the closure has told of its end before it lets go of it.
    millis(100).await;
    assert_eq!(readyz(), "ready\n");
}

#[tokio::test(start_paused = true)]
async fn the_shutdown_of_a_child_is_no_reason_nor_is_an_idle_supervisor() {
    let _alone = alone().await;
    let supervisor = Supervisor::new();
    let child = supervisor.child();
    child.shutdown();
    child.wait().await.unwrap();
    assert_eq!(readyz(), "ready\n");
    drop((child, supervisor));
    assert_eq!(readyz(), "ready\n");
}

#[tokio::test(start_paused = true)]
async fn a_supervisor_that_a_worker_has_in_each_run_is_a_reason_while_it_ends() {
    #[supervised(name = "has its own", restart = true, backoff = "1s")]
    async fn owner(runs: &'static Runs) {
        let own = Supervisor::new();
        if runs.next() == 1 {
            own.shutdown();
            assert_eq!(readyz(), "not ready\nshutting down\n");
            panic!("the run is over, and with it the supervisor");
        }
        pending::<()>().await;
    }
    static RUNS: Runs = Runs::new();
    let _alone = alone().await;
    let task = tokio::spawn(owner(&RUNS));
    millis(10).await;
    assert_eq!(readyz(), "ready\n");
    task.abort();
}
