//! What is said once in a process: one test, in a process of its own.

use std::panic::resume_unwind;
use std::process::Command;
use std::time::Duration;

use supervise::{Supervisor, shutdown_requested, supervised};
use supervise_tests::Runs;
use supervise_tests::scene::scene;
use tokio::runtime::Builder;
use tokio::time::{sleep, timeout};

#[supervised(name = "once")]
async fn once() {}

/// The first worker adds the metrics to the registry, where something is already.
async fn the_metrics_have_no_room() {
    let taken = prometheus::IntCounter::new("supervise_panics_total", "taken").unwrap();
    prometheus::register(Box::new(taken)).unwrap();
    let (told, _guard) = scene();
    once().await;
    once().await;
    told.has(
        r#" WARN supervise: the metrics are not in the default Prometheus registry error="*""#,
    );
}

#[supervised(name = "no hook", restart = true, backoff = "0s")]
async fn no_hook(runs: &Runs) {
    if runs.next() <= 2 {
        resume_unwind(Box::new("as a joined thread does"));
    }
}

async fn a_panic_comes_without_a_place() {
    let (told, _guard) = scene();
    no_hook(&Runs::new()).await;
    told.is([
        r#"DEBUG worker{worker="no hook" run=1}: supervise: worker started worker="no hook" run=1"#,
        r#"ERROR worker{worker="no hook" run=1}: supervise::panic: worker panicked worker="no hook" run=1 failures=1 restart_in=0ns uptime=* exception.type="panic" exception.message="as a joined thread does""#,
        r#" WARN worker{worker="no hook" run=1}: supervise: a panic without a place: another panic hook was set over supervise's and does not call it, or `resume_unwind` raised it worker="no hook" run=1"#,
        r#"DEBUG worker{worker="no hook" run=2}: supervise: worker started worker="no hook" run=2"#,
        r#"ERROR worker{worker="no hook" run=2}: supervise::panic: worker panicked worker="no hook" run=2 failures=2 restart_in=0ns uptime=* exception.type="panic" exception.message="as a joined thread does""#,
        r#"DEBUG worker{worker="no hook" run=3}: supervise: worker started worker="no hook" run=3"#,
        r#" INFO worker{worker="no hook" run=3}: supervise: worker finished worker="no hook" run=3 uptime=*"#,
    ]);
}

#[supervised(name = "in no hurry")]
async fn in_no_hurry() {
    shutdown_requested().await;
    sleep(Duration::from_secs(3_600)).await;
}

/// As a person does who does not want to wait.
async fn ctrl_c_comes_twice() {
    let (told, _guard) = scene();
    let supervisor = Supervisor::new().grace_period(Duration::from_secs(60));
    supervisor.spawn(in_no_hurry());
    let sends = async {
        for line in ["worker started", "shutting down"] {
            while told.with(line).is_empty() {
                sleep(Duration::from_millis(1)).await;
            }
            let pid = std::process::id().to_string();
            let kill = Command::new("kill").args(["-s", "INT", &pid]).status();
            assert!(kill.unwrap().success());
        }
    };
    let (ended, ()) = tokio::join!(timeout(Duration::from_secs(30), supervisor.wait()), sends);
    assert!(ended.unwrap().is_err());
    for line in [
        r#" INFO supervise: shutting down cause="Ctrl-C" tasks=1"#,
        r" WARN supervise: Ctrl-C during the shutdown: the grace period is over",
        r#" WARN worker{worker="in no hurry" run=1}: supervise: worker dropped: it did not stop within the grace period worker="in no hurry" run=1 uptime=*"#,
    ] {
        told.has(line);
    }
}

#[test]
fn what_is_said_once_in_a_process() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        the_metrics_have_no_room().await;
        a_panic_comes_without_a_place().await;
        if cfg!(unix) {
            ctrl_c_comes_twice().await;
        } else {
            println!("no Ctrl-C comes: it is sent with the command `kill`");
        }
    });
}
