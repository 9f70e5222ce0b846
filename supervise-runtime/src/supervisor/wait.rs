//! Waiting for the end, and seeing to it.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

#[cfg(feature = "signal")]
use super::signals::{Signal, Signals};
use super::{ShutdownError, Supervisor, Unstopped};
#[cfg(feature = "signal")]
use crate::log;
use crate::shutdown::stop;

/// What the outside world wants of the one who waits.
enum Order {
    Shutdown(&'static str),
    #[cfg(feature = "signal")]
    EndGrace,
}

impl Supervisor {
    /// Waits until all workers have finished; or until the shutdown is
    /// requested, which Ctrl-C and SIGTERM do (on Windows Ctrl-C, Ctrl-Break,
    /// closing the console and the system's shutdown), and then for its end. After
    /// any of these, one more Ctrl-C ends the grace period.
    ///
    /// Signals are received from the first poll on, for the rest of the process,
    /// as tokio does; without feature `signal` they are not.
    ///
    /// # Errors
    ///
    /// A critical worker ended, or workers did not stop.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with timers.
    pub async fn wait(&self) -> Result<(), ShutdownError> {
        #[cfg(feature = "signal")]
        {
            let mut signals = Signals::new();
            let mut is_first = true;
            self.wait_for(move |cx| {
                signals.poll(cx).map(|signal| match signal {
                    _ if std::mem::take(&mut is_first) => Order::Shutdown(match signal {
                        Signal::CtrlC => "Ctrl-C",
                        Signal::Other(name) => name,
                    }),
                    Signal::CtrlC => Order::EndGrace,
                    Signal::Other(name) => Order::Shutdown(name),
                })
            })
            .await
        }
        #[cfg(not(feature = "signal"))]
        self.wait_for(|_| Poll::Pending).await
    }

    /// [`wait`](Self::wait), with `shutdown` in place of the signals: when it is
    /// ready, the shutdown is requested.
    ///
    /// # Errors
    ///
    /// As `wait`.
    ///
    /// # Panics
    ///
    /// As `wait`.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), supervise::ShutdownError> {
    /// let (quit, asked) = tokio::sync::oneshot::channel::<()>();
    /// let supervisor = supervise::Supervisor::new();
    /// supervisor.spawn(std::future::pending::<()>());
    /// quit.send(()).unwrap();
    /// supervisor.wait_until(asked).await
    /// # }
    /// ```
    pub async fn wait_until(&self, shutdown: impl Future) -> Result<(), ShutdownError> {
        let mut shutdown = pin!(shutdown);
        let mut is_over = false;
        self.wait_for(move |cx| {
            if is_over || shutdown.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            is_over = true;
            Poll::Ready(Order::Shutdown("what was waited for is ready"))
        })
        .await
    }

    async fn wait_for(
        &self,
        mut orders: impl FnMut(&mut Context<'_>) -> Poll<Order>,
    ) -> Result<(), ShutdownError> {
        let group = &self.0.group;
        let _waits = group.waits();
        let mut end = pin!(async {
            group.until(|group| !group.is_up() || group.is_idle()).await;
            if !group.is_up() {
                stop::stop(Arc::clone(group)).await;
            }
        });
        poll_fn(|cx| {
            while let Poll::Ready(order) = orders(cx) {
                match order {
                    Order::Shutdown(cause) => group.request(cause),
                    #[cfg(feature = "signal")]
                    Order::EndGrace => {
                        log::grace_ended();
                        group.end_grace();
                    }
                }
            }
            end.as_mut().poll(cx)
        })
        .await;
        self.result()
    }

    fn result(&self) -> Result<(), ShutdownError> {
        let (critical, unstopped) = self.0.group.result();
        let unstopped = unstopped.into_iter().map(|unstopped| Unstopped {
            worker: unstopped.worker,
            still_running: unstopped.still_running,
        });
        ShutdownError::of(critical, unstopped.collect())
    }
}
