//! Workers that are the only ones of their names, and of which the test knows by
//! itself whether they run: whenever they are not being polled.

use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use fastrand::Rng;
use supervise::{Backoff, Policy, Restart, Worker};
use tokio::task::yield_now;
use tokio::time::sleep;

pub struct Known {
    pub name: &'static str,
    restart: Restart,
    /// With none, ends follow starts as fast as can be: whoever looks looks in the
    /// midst of them.
    backoff: Duration,
    every: Option<Duration>,
    has_body: AtomicBool,
    /// Moves before and after each poll. The remainder by 3 is what is known.
    moment: AtomicU64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Unknown,
    Paused,
    Running,
}

pub static KNOWN: [Known; 4] = [
    Known::new("known", Restart::Always, Duration::from_millis(2), None),
    Known::new("known: hurries", Restart::Always, Duration::ZERO, None),
    Known::new(
        "known: errors end it",
        Restart::OnPanic,
        Duration::from_millis(1),
        None,
    ),
    Known::new(
        "known: periodic",
        Restart::OnFailure,
        Duration::from_millis(1),
        Some(Duration::from_millis(3)),
    ),
];

impl Known {
    const fn new(
        name: &'static str,
        restart: Restart,
        backoff: Duration,
        every: Option<Duration>,
    ) -> Self {
        Self {
            name,
            restart,
            backoff,
            every,
            has_body: AtomicBool::new(false),
            moment: AtomicU64::new(0),
        }
    }

    /// The same number, if there was no poll between two calls; and what is known
    /// then.
    pub fn moment(&self) -> (u64, State) {
        let moment = self.moment.load(SeqCst);
        let states = [State::Unknown, State::Paused, State::Running];
        (moment, states[(moment % 3) as usize])
    }

    fn is_now(&self, state: State) {
        let moment = self.moment.load(SeqCst);
        self.moment
            .store(moment - moment % 3 + 3 + state as u64, SeqCst);
    }

    /// One call after the other, for ever.
    pub async fn live(&'static self, seed: u64) {
        let mut random = Rng::with_seed(seed);
        loop {
            let random = random.fork();
            let mut call = pin!(self.call(random));
            let call = poll_fn(|cx| {
                self.is_now(State::Unknown);
                let poll = call.as_mut().poll(cx);
                if poll.is_pending() {
                    self.is_now(if self.has_body.load(SeqCst) {
                        State::Running
                    } else {
                        State::Paused
                    });
                }
                poll
            });
            // That it gave up is one of the things that happen.
            let _ = call.await;
            yield_now().await;
        }
    }

    fn call(&'static self, mut random: Rng) -> impl Future<Output = Result<(), String>> {
        let policy = Policy::new()
            .restart(self.restart)
            .backoff(Backoff::constant(self.backoff))
            .timeout(Duration::from_millis(3));
        let mut worker = Worker::new(self.name).policy(policy);
        if let Some(period) = self.every {
            worker = worker.every(period);
        }
        worker.supervise(move || {
            let (body, fate) = (Body(&self.has_body), random.u8(..16));
            let hurries = self.backoff.is_zero();
            async move {
                body.0.store(true, SeqCst);
                let _body = body;
                match fate % 4 {
                    _ if hurries => {}
                    0 => {}
                    1 => yield_now().await,
                    _ => sleep(Duration::from_millis(1)).await,
                }
                match fate / 4 {
                    0 => Ok(()),
                    1 => Err("an error".into()),
                    _ if hurries => Err("another".into()),
                    2 => panic!("a panic"),
                    // Until the timeout.
                    _ => pending().await,
                }
            }
        })
    }
}

struct Body<'a>(&'a AtomicBool);

impl Drop for Body<'_> {
    fn drop(&mut self) {
        self.0.store(false, SeqCst);
    }
}
