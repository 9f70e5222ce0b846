//! From the request to the end.
//!
//! Any number of callers may see to it at once, and each does all there is to
//! do: no step minds being done by another. So nothing depends on a task that a
//! blocked thread may hold up.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::task::yield_now;
use tokio::time::{Instant, timeout_at};

use crate::contain::{contain, discard};
use crate::shutdown::group::Group;

type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Stops what was requested to: the children first, then the tasks.
pub(crate) fn stop(group: Arc<Group>) -> Stop {
    Box::pin(async move {
        // The grace period begins.
        group.advance();
        all(group.children().into_iter().map(stop).collect()).await;
        group.proceed();
        while let Some(next) = group.advance() {
            let changed = group.until(|group| group.advance() != Some(next));
            changed_before(next, changed).await;
        }
    })
}

/// Ready at the deadline, or with `changed` before. Without timers it asks to
/// look again.
pub(crate) async fn changed_before(deadline: Instant, changed: impl Future<Output = ()>) {
    match contain(|| timeout_at(deadline, changed)) {
        Ok(changed) => drop(changed.await),
        Err(payload) => {
            discard(payload);
            yield_now().await;
        }
    }
}

/// Ready when all of them are.
async fn all(mut stops: Vec<Stop>) {
    poll_fn(|cx| {
        stops.retain_mut(|stop| stop.as_mut().poll(cx).is_pending());
        if stops.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}
