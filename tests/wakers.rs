//! Who waits for the request is woken, by whatever waker it was polled.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use supervise::{Reason, Supervisor, shutdown_requested, supervised};
use supervise_tests::{status, stop};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);

/// A waker that passes the call on to another one.
#[derive(Default)]
struct Bell {
    rang: AtomicBool,
    outer: Option<Waker>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rang.store(true, SeqCst);
        if let Some(outer) = &self.outer {
            outer.wake_by_ref();
        }
    }
}

impl Bell {
    fn has_rung(&self) -> bool {
        self.rang.swap(false, SeqCst)
    }
}

/// Polls a future when it was woken by itself, and not whenever its task is: as
/// `FuturesUnordered` does.
async fn by_itself<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut bell: Option<Arc<Bell>> = None;
    poll_fn(move |cx| {
        let is_first = bell.is_none();
        let bell = bell.get_or_insert_with(|| {
            Arc::new(Bell {
                rang: AtomicBool::new(false),
                outer: Some(cx.waker().clone()),
            })
        });
        if !is_first && !bell.has_rung() {
            return Poll::Pending;
        }
        let waker = Waker::from(Arc::clone(bell));
        future.as_mut().poll(&mut Context::from_waker(&waker))
    })
    .await
}

type Request = Pin<Box<dyn Future<Output = ()> + Send>>;

fn poll_by(bell: &Arc<Bell>, request: &mut Request) -> Poll<()> {
    let waker = Waker::from(Arc::clone(bell));
    request.as_mut().poll(&mut Context::from_waker(&waker))
}

/// Asks in a task of `supervisor` and hands out the wait.
async fn asked_in_a_task(supervisor: &Supervisor) -> Request {
    let (give, wait) = oneshot::channel::<Request>();
    supervisor.spawn(async {
        let _ = give.send(Box::pin(shutdown_requested()));
        shutdown_requested().await;
    });
    wait.await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_request_is_told_through_what_polls_by_a_waker_of_its_own() {
    #[supervised(name = "polled by itself")]
    async fn waits() {
        by_itself(shutdown_requested()).await;
    }
    #[supervised(name = "polled by itself and with its task")]
    async fn waits_twice() {
        tokio::join!(
            shutdown_requested(),
            by_itself(shutdown_requested()),
            shutdown_requested(),
        );
    }
    let supervisor = Supervisor::new();
    supervisor.spawn(waits());
    supervisor.spawn(waits_twice());
    sleep(SECOND).await;
    assert_eq!(stop(&supervisor).await, 0);
    for worker in ["polled by itself", "polled by itself and with its task"] {
        assert_eq!(status(worker).exits[Reason::Finished], 1, "{worker}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_is_told_to_another_task_than_the_one_that_asked() {
    let supervisor = Supervisor::new();
    let request = asked_in_a_task(&supervisor).await;
    let elsewhere = tokio::spawn(request);
    sleep(SECOND).await;
    assert!(!elsewhere.is_finished());
    assert_eq!(stop(&supervisor).await, 0);
    timeout(SECOND, elsewhere).await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn of_all_that_have_polled_a_wait_the_last_is_woken() {
    let supervisor = Supervisor::new();
    let mut request = asked_in_a_task(&supervisor).await;
    let (first, last) = (Arc::new(Bell::default()), Arc::new(Bell::default()));
    assert!(poll_by(&first, &mut request).is_pending());
    assert!(poll_by(&last, &mut request).is_pending());
    assert!(poll_by(&last, &mut request).is_pending());
    assert_eq!(stop(&supervisor).await, 0);
    assert!(last.has_rung() && !first.has_rung());
    assert!(poll_by(&last, &mut request).is_ready());
}

/// Panics when it is woken.
struct Broken;

impl Wake for Broken {
    fn wake(self: Arc<Self>) {
        panic!("woken");
    }
}

#[tokio::test(start_paused = true)]
async fn a_waker_that_panics_keeps_no_other_from_being_woken() {
    let supervisor = Supervisor::new();
    let (give, waits) = oneshot::channel::<[Request; 2]>();
    supervisor.spawn(async {
        let waits: [Request; 2] = [
            Box::pin(shutdown_requested()),
            Box::pin(shutdown_requested()),
        ];
        let _ = give.send(waits);
        shutdown_requested().await;
    });
    let [mut first, mut second] = waits.await.unwrap();
    let broken = Waker::from(Arc::new(Broken));
    let polled = first.as_mut().poll(&mut Context::from_waker(&broken));
    assert!(polled.is_pending());
    let bell = Arc::new(Bell::default());
    assert!(poll_by(&bell, &mut second).is_pending());
    assert_eq!(stop(&supervisor).await, 0);
    assert!(bell.has_rung());
}

#[tokio::test(start_paused = true)]
async fn who_waits_no_longer_leaves_nothing_behind() {
    let supervisor = Supervisor::new();
    let mut request = asked_in_a_task(&supervisor).await;
    let (first, last) = (Arc::new(Bell::default()), Arc::new(Bell::default()));
    assert!(poll_by(&first, &mut request).is_pending());
    assert!(poll_by(&last, &mut request).is_pending());
    assert_eq!(Arc::strong_count(&first), 1);
    assert_eq!(Arc::strong_count(&last), 2);
    drop(request);
    assert_eq!(Arc::strong_count(&last), 1);
    assert_eq!(stop(&supervisor).await, 0);
    assert!(!last.has_rung());
}

#[tokio::test(start_paused = true)]
async fn a_task_that_ends_wakes_who_waits_elsewhere_for_its_request() {
    let supervisor = Supervisor::new();
    let (give, wait) = oneshot::channel::<Request>();
    let (end, ends) = oneshot::channel::<()>();
    let handle = supervisor.spawn(async {
        let _ = give.send(Box::pin(shutdown_requested()));
        let _ = ends.await;
    });
    let elsewhere = tokio::spawn(wait.await.unwrap());
    sleep(SECOND).await;
    assert!(!elsewhere.is_finished());
    end.send(()).unwrap();
    handle.await.unwrap();
    timeout(SECOND, elsewhere).await.unwrap().unwrap();
}
