//! What is told of a panic, and how often with its stack.

use std::time::Duration;

use supervise::{Backoff, Policy, Restart, Worker, supervised};
use supervise_tests::Runs;
use supervise_tests::scene::{Scene, scene};
use tokio::time::sleep;

#[tokio::test(start_paused = true)]
async fn a_panic_is_one_error_with_what_where_and_why() {
    #[supervised(name = "told panic", restart = true, backoff = "4s")]
    async fn told_panic(runs: &Runs) {
        sleep(Duration::from_millis(1_500)).await;
        let run = runs.next();
        assert!(run >= 3, "run {run}");
    }
    let (told, _guard) = scene();
    told_panic(&Runs::new()).await;
    told.is([
        r#"DEBUG worker{worker="told panic" run=1}: supervise: worker started worker="told panic" run=1"#,
        r#"ERROR worker{worker="told panic" run=1}: supervise::panic: worker panicked worker="told panic" run=1 failures=1 restart_in=*s uptime=1.5*s exception.type="panic" exception.message="run 1" code.file.path="tests/log/panics.rs" code.line.number=* exception.stacktrace=0: *told_panic*"#,
        r#"DEBUG worker{worker="told panic" run=2}: supervise: worker started worker="told panic" run=2"#,
        r#"ERROR worker{worker="told panic" run=2}: supervise::panic: worker panicked worker="told panic" run=2 failures=2 restart_in=*s uptime=1.5*s exception.type="panic" exception.message="run 2" code.file.path="tests/log/panics.rs" code.line.number=*"#,
        r#"DEBUG worker{worker="told panic" run=3}: supervise: worker started worker="told panic" run=3"#,
        r#" INFO worker{worker="told panic" run=3}: supervise: worker finished worker="told panic" run=3 uptime=1.5*s"#,
    ]);
    let stack = told.value_of("worker panicked", "exception.stacktrace");
    assert!(
        !stack.contains("supervise::") && !stack.contains("tokio::"),
        "{stack}"
    );
    assert!(!stack.contains("core::panicking"), "{stack}");
}

#[tokio::test(start_paused = true)]
async fn a_last_panic_has_no_restart_and_is_followed_by_the_giving_up() {
    #[supervised(name = "told last panic")]
    async fn told_last_panic() {
        panic!("over");
    }
    let (told, _guard) = scene();
    told_last_panic().await;
    told.is([
        r#"DEBUG worker{worker="told last panic" run=1}: supervise: worker started worker="told last panic" run=1"#,
        r#"ERROR worker{worker="told last panic" run=1}: supervise::panic: worker panicked worker="told last panic" run=1 failures=1 uptime=0ns exception.type="panic" exception.message="over" code.file.path="tests/log/panics.rs" code.line.number=* exception.stacktrace=0: *"#,
        r#"ERROR worker{worker="told last panic" run=1}: supervise: worker gave up: it will not be restarted worker="told last panic" run=1 failures=1 exception.message="over""#,
    ]);
}

#[tokio::test]
async fn a_panic_in_the_clean_up_after_a_run_is_told_beside_its_end() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in the destructor");
        }
    }
    #[supervised(name = "untidy", restart = true, backoff = "0s")]
    async fn untidy(runs: &Runs) -> Result<(), Bomb> {
        if runs.next() == 1 { Err(Bomb) } else { Ok(()) }
    }
    let (told, _guard) = scene();
    assert!(untidy(&Runs::new()).await.is_ok());
    told.has(
        r#"ERROR worker{worker="untidy" run=1}: supervise::panic: panic in the clean-up after a run worker="untidy" run=1 exception.type="panic" exception.message="in the destructor" code.file.path="tests/log/panics.rs" code.line.number=* exception.stacktrace=0: *"#,
    );
}

/// How many of these lines have a stack.
fn stacks(told: &Scene) -> usize {
    told.with("exception.stacktrace=").len()
}

#[tokio::test]
async fn of_a_thousand_panics_one_is_told_with_a_stack_for_each_place() {
    #[supervised(name = "two places", restart = true, backoff = "0s")]
    async fn two_places(runs: &Runs) {
        match runs.next() {
            1_001.. => {}
            run if run % 2 == 0 => panic!("even run {run}"),
            run => panic!("odd run {run}"),
        }
    }
    let (told, _guard) = scene();
    two_places(&Runs::new()).await;
    assert_eq!(told.with("worker panicked").len(), 1_000);
    assert_eq!(stacks(&told), 2);
    let texts = told.with("worker panicked");
    assert!(
        texts[..2]
            .iter()
            .all(|line| line.contains("stacktrace=0: "))
    );
    // Nor does another call of it tell them again.
    two_places(&Runs::new()).await;
    assert_eq!(told.with("worker panicked").len(), 2_000);
    assert_eq!(stacks(&told), 2);
}

#[tokio::test]
async fn of_a_thousand_errors_none_is_told_with_a_stack() {
    #[supervised(name = "only errors", restart = true, backoff = "0s")]
    async fn only_errors(runs: &Runs) -> Result<(), &'static str> {
        match runs.next() {
            1_001.. => Ok(()),
            _ => Err("refused"),
        }
    }
    let (told, _guard) = scene();
    only_errors(&Runs::new()).await.unwrap();
    assert_eq!(told.with("worker failed").len(), 1_000);
    assert_eq!(stacks(&told), 0);
}

#[test]
fn a_pool_on_several_threads_tells_one_stack() {
    static POOL: Worker = Worker::new("pool with one stack").policy(
        Policy::new()
            .restart(Restart::OnFailure)
            .backoff(Backoff::constant(Duration::ZERO)),
    );
    static RUNS: Runs = Runs::new();
    let (told, _guard) = scene();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                told.on_this_thread();
                POOL.supervise_blocking(|| {
                    let run = RUNS.next();
                    assert!(run > 1_000, "run {run}");
                });
            });
        }
    });
    assert_eq!(told.with("worker panicked").len(), 1_000);
    assert_eq!(stacks(&told), 1);
}
