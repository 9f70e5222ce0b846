//! What is counted under which name: that of the function it came from.

use std::future::{Future, ready};
use std::pin::Pin;

use supervise::Kind;
use tokio::task::yield_now;
use tracing::{Instrument, Span};

use crate::ended;

/// How many of this name there were, all of which have finished.
fn finished(name: &str) -> u64 {
    let task = ended(name);
    assert_eq!(task.kind, Kind::Task, "{name}");
    assert_eq!(
        task.exits[supervise::Reason::Finished],
        task.starts,
        "{name}"
    );
    task.starts
}

struct Shop<T>(T);

impl<T: Copy + Send + 'static> Shop<T> {
    async fn open(self) -> T {
        yield_now().await;
        self.0
    }

    async fn open_by_closure(&self) {
        let goods = self.0;
        supervise::spawn_blocking(move || _ = goods).await.unwrap();
        let goods = self.0;
        let nested = move || move || _ = goods;
        supervise::spawn_blocking(nested()).await.unwrap();
    }
}

async fn generic<T>(_: T) {
    ready(()).await;
}

fn function() {}

fn generic_function<T>() {}

#[tokio::test]
async fn a_future_is_named_after_the_function_that_made_it() {
    supervise::spawn(Shop(1_u8).open()).await.unwrap();
    assert_eq!(finished("Shop<u8>::open"), 1);
    supervise::spawn(generic(vec![""])).await.unwrap();
    assert_eq!(finished("names::generic<Vec<&str>>"), 1);
    supervise::spawn(async {
        yield_now().await;
        async { generic(1_u8).await }.await;
    })
    .await
    .unwrap();
    let test = "names::a_future_is_named_after_the_function_that_made_it";
    assert_eq!(finished(test), 1);
    let boxed: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(generic(()));
    supervise::spawn(boxed).await.unwrap();
    assert_eq!(finished("Pin<Box<dyn Future<Output = ()> + Send>>"), 1);
}

#[tokio::test]
async fn what_is_around_the_future_does_not_hide_the_function() {
    async fn boxed() {
        ready(()).await;
    }
    async fn instrumented(_: u8) {
        ready(()).await;
    }
    let test = "what_is_around_the_future_does_not_hide_the_function";
    supervise::spawn(Box::pin(boxed())).await.unwrap();
    assert_eq!(finished(&format!("{test}::boxed")), 1);
    let task = instrumented(1).instrument(Span::current());
    supervise::spawn(Box::pin(task)).await.unwrap();
    assert_eq!(finished(&format!("{test}::instrumented")), 1);
    supervise::spawn(Shop(1_i8).open().in_current_span())
        .await
        .unwrap();
    assert_eq!(finished("Shop<i8>::open"), 1);
}

#[tokio::test]
async fn a_closure_is_named_after_the_function_that_it_is_in_or_is() {
    Shop(1_u16).open_by_closure().await;
    assert_eq!(finished("Shop<u16>::open_by_closure"), 2);
    supervise::spawn_blocking(function).await.unwrap();
    supervise::spawn_thread(function).join().unwrap();
    assert_eq!(finished("names::function"), 2);
    supervise::spawn_blocking(generic_function::<Vec<u8>>)
        .await
        .unwrap();
    assert_eq!(finished("names::generic_function<Vec<u8>>"), 1);
    let boxed: Box<dyn FnOnce() + Send> = Box::new(|| ());
    supervise::spawn_blocking(boxed).await.unwrap();
    assert_eq!(finished("Box<dyn FnOnce() + Send>"), 1);
    supervise::spawn_thread(function as fn()).join().unwrap();
    supervise::spawn_thread(|| ()).join().unwrap();
    let test = "names::a_closure_is_named_after_the_function_that_it_is_in_or_is";
    assert_eq!(finished(test), 1);
}
