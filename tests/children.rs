//! Tasks that belong to a run: dropped with it, in whatever way it ends, and
//! gone before the next one.

#[path = "children/ends.rs"]
mod ends;
#[path = "children/nested.rs"]
mod nested;
#[path = "children/races.rs"]
mod races;
#[path = "children/shutdown.rs"]
mod shutdown;
#[path = "children/slow.rs"]
mod slow;

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use supervise::{Kind, Reason, Worker, spawn_child, supervised};
use supervise_tests::record::record;
use supervise_tests::status;
use tokio::runtime::Handle;
use tokio::task::{JoinError, yield_now};

/// How many tasks this runtime has.
fn alive() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

/// Lets what can go on go on.
async fn settle() {
    for _ in 0..20 {
        yield_now().await;
    }
}

/// Counts the futures that hold one.
#[derive(Clone, Default)]
struct Present(Arc<AtomicUsize>);

struct Guard(Arc<AtomicUsize>);

impl Present {
    fn guard(&self) -> Guard {
        self.0.fetch_add(1, SeqCst);
        Guard(Arc::clone(&self.0))
    }

    fn count(&self) -> usize {
        self.0.load(SeqCst)
    }

    /// Never ends, and holds a guard from now on.
    fn child(&self) -> impl Future<Output = ()> + Send + use<> {
        let guard = self.guard();
        async move {
            let _guard = guard;
            pending::<()>().await;
        }
    }

    /// The same, with a child of its own.
    fn parent(&self) -> impl Future<Output = ()> + Send + use<> {
        let (present, guard) = (self.clone(), self.guard());
        async move {
            let _guard = guard;
            spawn_child(present.child());
            pending::<()>().await;
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[tokio::test]
async fn the_handle_of_a_child_gives_its_value_or_says_how_it_was_lost() {
    let lost = Worker::new("handles of children")
        .supervise(async || {
            assert_eq!(spawn_child(async { 3 }).await.unwrap(), 3);
            let aborted = spawn_child(pending::<()>());
            aborted.abort();
            assert!(aborted.await.unwrap_err().is_cancelled());
            let crash = spawn_child(async { panic!("its own") }).await;
            assert_eq!(
                crash.unwrap_err().into_panic().downcast_ref(),
                Some(&"its own")
            );
            Ok::<_, JoinError>(spawn_child(pending::<()>()))
        })
        .await
        .unwrap();
    // It outlives the run, which its child does not.
    assert!(lost.await.unwrap_err().is_cancelled());
}

async fn crashes() {
    yield_now().await;
    panic!("in a child");
}

#[tokio::test]
async fn a_panic_of_a_child_is_its_own_and_ends_neither_the_run_nor_its_siblings() {
    #[supervised(name = "parent of a crash", restart = true)]
    async fn parent(present: &Present) {
        spawn_child(present.child());
        spawn_child(crashes());
        settle().await;
        assert_eq!(present.count(), 1);
    }
    let (record, _guard) = record();
    parent(&Present::default()).await;

    let parent = status("parent of a crash");
    assert_eq!((parent.starts, parent.panics), (1, 0));
    assert_eq!(parent.exits[Reason::Finished], 1);
    let child = status("children::crashes");
    assert_eq!(child.kind, Kind::Task);
    assert_eq!((child.starts, child.panics, child.running), (1, 1, 0));
    assert_eq!(child.exits[Reason::Panic], 1);
    let lines = record.with_message("task panicked");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].level, tracing::Level::ERROR);
    assert_eq!(lines[0].field("worker"), Some("children::crashes"));
    assert_eq!(lines[0].field("exception.message"), Some("in a child"));
}

#[tokio::test]
async fn outside_of_a_run_the_panic_at_the_call_names_the_ways_out() {
    for outside in [
        tokio::spawn(async { drop(spawn_child(async {})) }),
        supervise::spawn(async { drop(spawn_child(async {})) }),
    ] {
        let payload = outside.await.unwrap_err().into_panic();
        let message = payload.downcast_ref::<&str>().unwrap();
        for way_out in [
            "`#[supervised]`",
            "`Worker::supervise`",
            "`supervise::spawn`",
        ] {
            assert!(message.contains(way_out), "{message}");
        }
    }
    let failures = supervise::workers().into_iter().find_map(|task| {
        let name = "children::outside_of_a_run_the_panic_at_the_call_names_the_ways_out";
        (task.name == name).then_some(task.last_failures)
    });
    let place = failures.unwrap()[0].place.clone().unwrap();
    assert!(place.file().ends_with("children.rs"), "{place}");
}
