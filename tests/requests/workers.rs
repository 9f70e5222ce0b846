//! Requests and workers, in and around each other.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use supervise::tower::{Supervised, SupervisedLayer};
use supervise::{Reason, Supervisor, TaskState, supervised};
use supervise_tests::record::record;
use supervise_tests::status;
use tokio::task::yield_now;
use tokio::time::sleep;
use tower::{Layer, Service, ServiceExt, service_fn};

use super::service::{Abc, At, read, requests};

async fn status_of<S, B>(service: S) -> StatusCode
where
    S: Service<Request<()>, Response = Response<B>, Error = Infallible>,
{
    let response = service.oneshot(Request::new(())).await.unwrap();
    response.status()
}

#[supervised(name = "lets go in a request", on_give_up = "panic")]
async fn lets_go() {
    yield_now().await;
    panic!("told by the worker");
}

#[tokio::test]
async fn a_panic_that_a_worker_has_told_is_answered_and_not_told_again() {
    let (record, _guard) = record();
    let service = service_fn(async |_| -> Result<Response<String>, Infallible> {
        lets_go().await;
        unreachable!()
    });
    let supervised = SupervisedLayer::new("told").layer(service);
    assert_eq!(
        status_of(supervised).await,
        StatusCode::INTERNAL_SERVER_ERROR
    );
    assert!(status("lets go in a request").panics > 0);
    assert_eq!(requests("told").panics, 0);
    assert_eq!(record.with_message("worker panicked").len(), 1);
    assert!(record.with_message("request panicked").is_empty());
}

#[supervised(
    name = "in a request",
    restart = true,
    backoff = "1s",
    max_restarts = 1
)]
async fn in_a_request() -> Result<(), String> {
    Err("again".into())
}

#[tokio::test(start_paused = true)]
async fn a_worker_in_a_request_is_a_worker_of_its_own() {
    let service = service_fn(async |_| {
        let failed = in_a_request().await.is_err();
        Ok::<_, Infallible>(Response::new(failed.to_string()))
    });
    let supervised = SupervisedLayer::new("around a worker").layer(service);
    assert_eq!(status_of(supervised).await, StatusCode::OK);
    assert_eq!(status("in a request").exits[Reason::Error], 2);
    assert_eq!(requests("around a worker").panics, 0);
}

#[supervised(name = "serves", restart = true)]
async fn serves(service: Supervised<Abc>) {
    let around = supervise::current().unwrap();
    for _ in 0..3 {
        let failed = status_of(service.clone()).await;
        assert_eq!(failed, StatusCode::INTERNAL_SERVER_ERROR);
    }
    assert_eq!(supervise::current(), Some(around));
}

#[tokio::test]
async fn a_worker_that_serves_does_not_notice() {
    let (record, _guard) = record();
    let service = SupervisedLayer::new("served").layer(Abc::panics(At::Future));
    serves(service).await;
    let worker = status("serves");
    assert_eq!((worker.starts, worker.panics), (1, 0));
    assert_eq!(requests("served").panics, 3);
    let lines = record.with_message("request panicked");
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0].spans[0].0, "worker");
    let told = lines
        .iter()
        .filter(|line| line.field("exception.stacktrace").is_some());
    assert_eq!(told.count(), 1);
}

/// Also the name of a layer.
#[supervised(name = "namesakes")]
async fn namesake() {}

/// Answers with the worker whose run it is in, and has a child there.
async fn tell_worker(_: Request<()>) -> Result<Response<String>, Infallible> {
    assert!(supervise::is_supervised());
    let current = supervise::current().map(|current| current.name);
    assert_ne!(current, Some("namesakes"));
    supervise::spawn_child(sleep(Duration::from_secs(3600)));
    Ok(Response::new(current.unwrap_or_default().to_owned()))
}

#[supervised(name = "has a request")]
async fn has_a_request(layer: SupervisedLayer) {
    let service = layer.layer(service_fn(tell_worker));
    let response = service.oneshot(Request::new(())).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(read(response.into_body()).await.0, "has a request");
}

#[tokio::test]
async fn code_in_a_request_is_part_of_the_run_around_it_or_of_none() {
    let layer = SupervisedLayer::new("namesakes");
    namesake().await;
    has_a_request(layer).await;
    assert_eq!(status("has a request").exits[Reason::Finished], 1);
    assert_eq!(requests("namesakes").panics, 0);

    // There is no run whose child it could be, not even one of the same name.
    let service = layer.layer(service_fn(tell_worker));
    assert_eq!(status_of(service).await, StatusCode::INTERNAL_SERVER_ERROR);
    let failures = requests("namesakes").last_failures;
    assert!(failures[0].message.contains("spawn_child"));
}

#[supervised(name = "unwinds")]
async fn unwinds(layer: SupervisedLayer) {
    let mut service = layer.layer(Abc::panics(At::Nowhere));
    let mut response = pin!(service.call(Request::new(())));
    poll_fn(|cx| {
        assert!(response.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    panic!("with a request on its way");
}

#[tokio::test]
async fn a_request_that_is_dropped_with_its_run_takes_nothing_of_what_is_known_of_the_panic() {
    let (record, _guard) = record();
    unwinds(SupervisedLayer::new("dropped with its run")).await;
    let lines = record.with_message("worker panicked");
    assert!(lines[0].field("code.line.number").is_some());
    assert_eq!(requests("dropped with its run").panics, 0);
}

/// Catches what the worker lets go.
async fn catch(worker: impl Future) {
    let mut worker = pin!(worker);
    let panic = poll_fn(|cx| {
        let poll = catch_unwind(AssertUnwindSafe(|| worker.as_mut().poll(cx)));
        match poll {
            Ok(poll) => poll.map(|_| None),
            Err(panic) => Poll::Ready(Some(panic)),
        }
    });
    assert!(panic.await.is_some());
}

#[tokio::test]
async fn a_panic_that_comes_after_one_that_was_told_is_told() {
    catch(lets_go()).await;
    // It has the memory, and no hook hears of it.
    let service = service_fn(async |_| -> Result<Response<String>, Infallible> {
        resume_unwind(Box::new("nobody has told it"))
    });
    let supervised = SupervisedLayer::new("after the told").layer(service);
    status_of(supervised).await;
    let failures = requests("after the told").last_failures;
    assert_eq!(failures[0].message, "nobody has told it");
}

#[supervised(name = "waits in a request", restart = true, backoff = "1h")]
async fn waits() -> Result<(), String> {
    Err("not yet".into())
}

#[tokio::test(start_paused = true)]
async fn a_worker_in_a_request_of_a_task_is_the_outermost_one_there() {
    let service = service_fn(async |_| {
        let end = waits().await;
        Ok::<_, Infallible>(Response::new(format!("{end:?}")))
    });
    let service = SupervisedLayer::new("around the outermost").layer(service);
    let supervisor = Supervisor::new();
    let task = supervisor.spawn(status_of(service));
    sleep(Duration::from_secs(1)).await;
    assert_eq!(task.status().state, TaskState::Waiting);
    assert!(task.restart());
    sleep(Duration::from_secs(1)).await;
    assert_eq!(status("waits in a request").starts, 2);
    supervisor.shutdown();
    supervisor.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_task_of_a_supervisor_that_serves_is_that_task_and_ends_with_it() {
    let (record, _guard) = record();
    let service = SupervisedLayer::new("of a supervisor").layer(Abc::panics(At::Call));
    let supervisor = Supervisor::new();
    supervisor.spawn(async move {
        loop {
            let failed = status_of(service.clone()).await;
            assert_eq!(failed, StatusCode::INTERNAL_SERVER_ERROR);
            sleep(Duration::from_secs(1)).await;
        }
    });
    sleep(Duration::from_millis(9_500)).await;
    supervisor.shutdown();
    supervisor.wait().await.unwrap();
    assert_eq!(requests("of a supervisor").panics, 10);
    assert!(record.with_message("task panicked").is_empty());
    let name = "workers::a_task_of_a_supervisor_that_serves_is_that_task_and_ends_with_it";
    let task = status(name);
    assert_eq!((task.starts, task.panics), (1, 0));
    assert_eq!(task.exits[Reason::Shutdown], 1);
}
