//! The span of a run, around the user's own lines, and the span of a panic, which
//! is the innermost.

use std::future::pending;
use std::mem;
use std::panic::catch_unwind;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use supervise::{Supervisor, spawn_child, supervised};
use supervise_tests::Runs;
use supervise_tests::scene::scene;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};
use tracing::span::Id;
use tracing::subscriber::DefaultGuard;
use tracing::{Subscriber, info, info_span, instrument};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

#[tokio::test(start_paused = true)]
async fn the_users_own_lines_are_in_the_span_of_the_run() {
    #[supervised(name = "spanned", restart = true)]
    async fn spanned(runs: &Runs) -> Result<(), &'static str> {
        info!(target: "mine", "before");
        sleep(Duration::from_millis(10)).await;
        info!(target: "mine", worker = "not of ours", run = "nor this", name = "x", "after");
        if runs.next() == 1 {
            Err("again")
        } else {
            Ok(())
        }
    }
    let (told, _guard) = scene();
    info!(target: "mine", "outside");
    spanned(&Runs::new()).await.unwrap();
    info!(target: "mine", "outside again");
    told.is([
        r" INFO mine: outside",
        r#"DEBUG worker{worker="spanned" run=1}: supervise: worker started worker="spanned" run=1"#,
        r#" INFO worker{worker="spanned" run=1}: mine: before"#,
        r#" INFO worker{worker="spanned" run=1}: mine: after worker="not of ours" run="nor this" name="x""#,
        r#" WARN worker{worker="spanned" run=1}: supervise: worker failed worker="spanned" run=1 failures=1 restart_in=* uptime=1*ms exception.type="&str" exception.message="again""#,
        r#"DEBUG worker{worker="spanned" run=2}: supervise: worker started worker="spanned" run=2"#,
        r#" INFO worker{worker="spanned" run=2}: mine: before"#,
        r#" INFO worker{worker="spanned" run=2}: mine: after worker="not of ours" run="nor this" name="x""#,
        r#" INFO worker{worker="spanned" run=2}: supervise: worker finished worker="spanned" run=2 uptime=1*ms"#,
        r" INFO mine: outside again",
    ]);
}

/// Panics after an await, deep inside of a span.
#[instrument(fields(job_id))]
async fn job() {
    tracing::Span::current().record("job_id", 42);
    step().await;
}

#[instrument(fields(step = "last"))]
async fn step() {
    yield_now().await;
    panic!("inside");
}

const FAILED: &str = r#"failures=1 uptime=*s exception.type="panic" exception.message="inside" code.file.path="tests/log/spans.rs" code.line.number=*"#;

#[tokio::test]
async fn a_panic_is_told_in_the_span_that_it_happened_in() {
    #[supervised(name = "in a span")]
    async fn in_a_span() {
        info_span!("job", job_id = 42).in_scope(|| panic!("inside"));
    }
    let (told, _guard) = scene();
    in_a_span().await;
    told.has(&format!(
        r#"ERROR worker{{worker="in a span" run=1}}:job{{job_id=42}}: supervise::panic: worker panicked worker="in a span" run=1 {FAILED} exception.stacktrace=*"#
    ));
}

#[tokio::test]
async fn a_panic_is_told_in_the_span_of_an_instrumented_function_after_an_await() {
    #[supervised(name = "in an instrumented function")]
    async fn instrumented() {
        job().await;
    }
    let (told, _guard) = scene();
    instrumented().await;
    told.has(&format!(
        r#"ERROR worker{{worker="in an instrumented function" run=1}}:job{{job_id=42}}:step{{step="last"}}: supervise::panic: worker panicked worker="in an instrumented function" run=1 {FAILED} exception.stacktrace=*"#
    ));
}

#[tokio::test]
async fn a_panic_is_told_in_the_spans_of_attributes_above_and_below() {
    // The one above is expanded first, and so is part of the body.
    #[instrument(fields(job_id = 7))]
    #[supervised(name = "above and below")]
    #[instrument(fields(job_id = 8))]
    async fn both() {
        yield_now().await;
        panic!("inside");
    }
    let (told, _guard) = scene();
    both().await;
    told.has(&format!(
        r#"ERROR both{{job_id=8}}:worker{{worker="above and below" run=1}}:both{{job_id=7}}: supervise::panic: worker panicked worker="above and below" run=1 {FAILED} exception.stacktrace=*"#
    ));
}

#[test]
fn a_panic_of_a_worker_with_a_thread_is_told_in_its_span() {
    #[instrument(fields(job_id = 42))]
    #[supervised(blocking, name = "blocking in a span")]
    fn blocks() {
        panic!("inside");
    }
    let (told, _guard) = scene();
    blocks();
    told.has(&format!(
        r#"ERROR worker{{worker="blocking in a span" run=1}}:blocks{{job_id=42}}: supervise::panic: worker panicked worker="blocking in a span" run=1 {FAILED} exception.stacktrace=*"#
    ));
}

/// The lines of a task are in its own spans: it has none of who spawned it.
const OF_A_TASK: &str = r#"exception.type="panic" exception.message="inside" code.file.path="tests/log/spans.rs" code.line.number=*"#;

#[tokio::test]
async fn a_panic_of_a_child_and_of_a_task_is_told_in_its_span() {
    async fn child() {
        job().await;
    }
    async fn task() {
        job().await;
    }
    #[supervised(name = "parent of one in a span")]
    async fn parent() {
        assert!(spawn_child(child()).await.is_err());
    }
    let (told, _guard) = scene();
    parent().await;
    assert!(supervise::spawn(task()).await.is_err());
    let at = "a_panic_of_a_child_and_of_a_task_is_told_in_its_span";
    told.has(&format!(
        r#"ERROR job{{job_id=42}}:step{{step="last"}}: supervise::panic: task panicked worker="{at}::child" {OF_A_TASK} exception.stacktrace=*"#
    ));
    told.has(&format!(
        r#"ERROR job{{job_id=42}}:step{{step="last"}}: supervise::panic: task panicked worker="{at}::task" {OF_A_TASK}"#
    ));
}

#[tokio::test]
async fn a_panic_of_a_closure_with_a_thread_is_told_in_its_span() {
    let (told, _guard) = scene();
    let threads = told.clone();
    let panics = move || {
        threads.on_this_thread();
        info_span!("job", job_id = 42).in_scope(|| panic!("inside"));
    };
    assert!(supervise::spawn_blocking(panics).await.is_err());
    told.has(&format!(
        r#"ERROR job{{job_id=42}}: supervise::panic: task panicked worker="spans::a_panic_of_a_closure_with_a_thread_is_told_in_its_span" {OF_A_TASK} exception.stacktrace=*"#
    ));
}

/// The names of the spans that were closed.
#[derive(Clone, Default)]
struct Closed(Arc<Mutex<Vec<&'static str>>>);

impl Closed {
    /// Notes those of this thread, until the guard is dropped.
    fn on_this_thread(&self) -> DefaultGuard {
        // Keeps the interest of other tests.
        drop(scene());
        let subscriber = tracing_subscriber::registry().with(self.clone());
        tracing::subscriber::set_default(subscriber)
    }

    fn take(&self) -> Vec<&'static str> {
        mem::take(&mut self.0.lock().unwrap())
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Closed {
    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let name = context.span(&id).unwrap().name();
        self.0.lock().unwrap().push(name);
    }
}

#[tokio::test(start_paused = true)]
async fn the_span_of_a_panic_that_the_body_handles_is_closed_though_the_run_goes_on() {
    #[supervised(name = "handles")]
    async fn handles() {
        let fails = || info_span!("handled").in_scope(|| panic!("in a span"));
        assert!(catch_unwind(fails).is_err());
        yield_now().await;
        pending::<()>().await;
    }
    let closed = Closed::default();
    let _guard = closed.on_this_thread();
    let mut worker = pin!(handles());
    assert!(timeout(Duration::from_secs(1), &mut worker).await.is_err());
    assert_eq!(closed.take(), ["handled"]);
}

fn handles_a_panic() {
    let fails = || info_span!("handled").in_scope(|| panic!("in a span"));
    assert!(catch_unwind(fails).is_err());
}

#[tokio::test(start_paused = true)]
async fn the_span_of_a_panic_that_a_task_handles_is_closed_though_the_task_goes_on() {
    #[supervised(name = "after a panic that its task handles")]
    async fn worker() {
        pending::<()>().await;
    }
    async fn at_its_first_poll_and_later() {
        handles_a_panic();
        yield_now().await;
        handles_a_panic();
        pending::<()>().await;
    }
    async fn before_a_worker() {
        handles_a_panic();
        worker().await;
    }
    let closed = Closed::default();
    let _guard = closed.on_this_thread();
    let supervisor = Supervisor::new();
    supervisor.spawn(at_its_first_poll_and_later());
    yield_now().await;
    assert_eq!(closed.take(), ["handled"]);
    yield_now().await;
    assert_eq!(closed.take(), ["handled"]);
    supervisor.spawn(before_a_worker());
    yield_now().await;
    assert_eq!(closed.take(), ["handled"]);
    supervisor.shutdown();
    supervisor.wait().await.unwrap();
}
