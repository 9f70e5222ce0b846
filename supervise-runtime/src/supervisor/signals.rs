//! The signals that ask a process to end.

use std::io;
use std::task::{Context, Poll};

use crate::contain::{contain, discard, message};
use crate::log;

/// Ctrl-C, and what else the system says to end a process.
pub(crate) struct Signals(Option<Received>);

/// A signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    CtrlC,
    /// By its name.
    Other(&'static str),
}

impl Signals {
    /// Receives them from now on; without I/O in the runtime none, which is
    /// said.
    pub(crate) fn new() -> Self {
        let received = match contain(Received::new) {
            Ok(Ok(received)) => Some(received),
            Ok(Err(error)) => {
                log::no_signals(&error.to_string());
                None
            }
            Err(payload) => {
                log::no_signals(message(&*payload));
                discard(payload);
                None
            }
        };
        Self(received)
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Signal> {
        match &mut self.0 {
            Some(received) => received.poll(cx),
            None => Poll::Pending,
        }
    }
}

#[cfg(unix)]
struct Received {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Received {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Signal> {
        if let Poll::Ready(Some(())) = self.terminate.poll_recv(cx) {
            return Poll::Ready(Signal::Other("SIGTERM"));
        }
        if let Poll::Ready(Some(())) = self.interrupt.poll_recv(cx) {
            return Poll::Ready(Signal::CtrlC);
        }
        Poll::Pending
    }
}

#[cfg(windows)]
struct Received {
    ctrl_c: tokio::signal::windows::CtrlC,
    ctrl_break: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Received {
    fn new() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};
        Ok(Self {
            ctrl_c: ctrl_c()?,
            ctrl_break: ctrl_break()?,
            close: ctrl_close()?,
            shutdown: ctrl_shutdown()?,
        })
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Signal> {
        if let Poll::Ready(Some(())) = self.shutdown.poll_recv(cx) {
            return Poll::Ready(Signal::Other("CTRL_SHUTDOWN"));
        }
        if let Poll::Ready(Some(())) = self.close.poll_recv(cx) {
            return Poll::Ready(Signal::Other("CTRL_CLOSE"));
        }
        if let Poll::Ready(Some(())) = self.ctrl_break.poll_recv(cx) {
            return Poll::Ready(Signal::Other("CTRL_BREAK"));
        }
        if let Poll::Ready(Some(())) = self.ctrl_c.poll_recv(cx) {
            return Poll::Ready(Signal::CtrlC);
        }
        Poll::Pending
    }
}

/// Elsewhere there are none.
#[cfg(not(any(unix, windows)))]
struct Received;

#[cfg(not(any(unix, windows)))]
impl Received {
    fn new() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<Signal> {
        Poll::Pending
    }
}
