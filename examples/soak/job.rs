//! What a worker is given to do: to sleep, and to end as chance says. Each end
//! is counted at the line that causes it, before `supervise` can know.

use std::error::Error;
use std::fmt;
use std::future::pending;
use std::panic::panic_any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use supervise::Failure;
use tokio::time::sleep;

use crate::fate::Fate;
use crate::member::Member;
use crate::pool::{End, Pool};

/// While it is set no run fails: it finishes if it may, or sleeps again.
pub static CALM: AtomicBool = AtomicBool::new(false);

/// What a worker is given, by its caller and as a copy for each run.
pub struct Job {
    member: Arc<Member>,
    /// Its destructor is to panic.
    is_armed: AtomicBool,
    /// The run was dropped before its end.
    is_cut_short: AtomicBool,
}

impl Job {
    pub fn new(member: &Arc<Member>) -> Self {
        Self {
            member: member.clone(),
            is_armed: AtomicBool::new(false),
            is_cut_short: AtomicBool::new(false),
        }
    }

    /// The body of every worker that returns a `Result`.
    pub async fn work(&self) -> Result<(), Broken> {
        let member = &*self.member;
        let (nap, fate) = member.begin();
        if fate == Fate::PanicEarly && !CALM.load(SeqCst) {
            member.panic_early();
        }
        let run = Run {
            job: self,
            hangs: false,
        };
        loop {
            sleep(nap).await;
            if !CALM.load(SeqCst) {
                break;
            }
            if member.pool.fates.contains(&Fate::Finish) {
                run.finish();
                return Ok(());
            }
        }
        run.meet(fate).await
    }

    /// The body of every worker that returns nothing, whose fates are no errors.
    pub async fn toil(&self) {
        self.work().await.unwrap();
    }
}

/// The copy for a run. That a run dies of it is decided here.
impl Clone for Job {
    fn clone(&self) -> Self {
        let member = &self.member;
        if member.draw().1 == Fate::PanicEarly && !CALM.load(SeqCst) {
            member.begin();
            member.panic_early();
        }
        Self::new(member)
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if !*self.is_armed.get_mut() {
            return;
        }
        if *self.is_cut_short.get_mut() {
            self.member.pool.panicked();
        } else {
            self.member.panicked();
        }
        panic!("the argument can't be dropped");
    }
}

/// A run under way.
struct Run<'a> {
    job: &'a Job,
    hangs: bool,
}

/// Dropped before its end: with its worker, or by a timeout.
impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.job.is_cut_short.store(true, SeqCst);
        let member = &self.job.member;
        if member.is_leaving() {
            member.ended(End::Cancelled);
        } else if self.hangs {
            member.ended(End::Timeout);
        }
        // Else nobody had a reason to, and the numbers will differ.
    }
}

impl Run<'_> {
    /// It is no longer under way.
    fn over(self) {
        std::mem::forget(self);
    }

    fn finish(self) {
        self.job.member.ended(End::Finished);
        self.over();
    }

    fn fail(self, flaw: Flaw) -> Result<(), Broken> {
        self.job.member.ended(End::Error);
        self.over();
        Err(Broken(flaw))
    }

    fn panicked(self) {
        self.job.member.panicked();
        self.over();
    }

    async fn meet(mut self, fate: Fate) -> Result<(), Broken> {
        let pool = self.job.member.pool;
        pool.meet(fate);
        match fate {
            Fate::Finish => {
                self.finish();
                Ok(())
            }
            Fate::Error => self.fail(Flaw::None),
            Fate::ErrorUnreadable => self.fail(Flaw::Unreadable(pool)),
            Fate::ErrorUndroppable => self.fail(Flaw::Undroppable(pool)),
            // One that slept through the moment in which it would have.
            Fate::PanicText | Fate::PanicEarly => {
                self.panicked();
                panic!("a text");
            }
            Fate::PanicFormatted => {
                self.panicked();
                panic!("a text of {}", pool.name);
            }
            Fate::PanicValue => {
                self.panicked();
                panic_any(pool.longest);
            }
            Fate::PanicUndroppable => {
                self.panicked();
                panic_any(Undroppable(pool));
            }
            Fate::ArgumentUndroppable => {
                self.job.is_armed.store(true, SeqCst);
                self.over();
                Ok(())
            }
            Fate::Hang | Fate::HangUndroppable => {
                let is_armed = fate == Fate::HangUndroppable;
                self.job.is_armed.store(is_armed, SeqCst);
                self.hangs = true;
                pending().await
            }
        }
    }
}

struct Undroppable(&'static Pool);

impl Drop for Undroppable {
    fn drop(&mut self) {
        self.0.panicked();
        panic!("the panic's value can't be dropped");
    }
}

/// The error of every worker.
pub struct Broken(Flaw);

enum Flaw {
    None,
    Unreadable(&'static Pool),
    Undroppable(&'static Pool),
}

/// For the workers that give up: they hand their last panic to their caller.
impl From<Failure> for Broken {
    fn from(_: Failure) -> Self {
        Self(Flaw::None)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Flaw::Unreadable(pool) = self.0 {
            pool.panicked();
            panic!("the error can't be read");
        }
        f.write_str("a broken run")
    }
}

impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Broken")
    }
}

impl Error for Broken {}

impl Drop for Broken {
    fn drop(&mut self) {
        if let Flaw::Undroppable(pool) = self.0 {
            pool.panicked();
            panic!("the error can't be dropped");
        }
    }
}
