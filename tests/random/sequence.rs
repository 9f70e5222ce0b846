//! A sequence of operations on a few pools of workers, each beside its model.

use std::fmt;
use std::time::{Duration, SystemTime};

use fastrand::Rng;
use prometheus::Registry;
use tokio::task::yield_now;
use tokio::time::{Instant, advance};

use super::call::Clock;
use super::families;
use super::model::Model;
use super::operation::Operation;
use super::plan::{Millis, Plan, millis};
use super::pool::Pool;

/// Runs that begin on one walk.
const RUNS: u64 = 4;

pub struct Sequence {
    seed: u64,
    number: u32,
    random: Rng,
    /// The zero of all `Millis`.
    epoch: Instant,
    /// The zero of all real time.
    wall: SystemTime,
    now: Millis,
    pools: Vec<Pool>,
    registry: Registry,
    started: u32,
    story: Vec<String>,
}

#[derive(Clone, Copy)]
enum Step {
    /// A new call, of this pool.
    Start(usize),
    Call(usize, u32, Operation),
    /// The clock moves at once.
    Jump(Millis),
    /// The clock stops before and at everything that is to happen.
    Walk(Millis),
}

impl Sequence {
    /// To be called where the clock is paused.
    pub fn draw(seed: u64, number: u32) -> Self {
        let own = seed ^ (u64::from(number) << 32);
        let mut random = Rng::with_seed(own);
        // The engine draws the jitter from that of the thread.
        fastrand::seed(own);
        let clock = Clock {
            now: 0,
            wall: (Duration::ZERO, Duration::ZERO),
        };
        let pools = (0..random.usize(1..=3)).map(|pool| {
            let name = String::leak(format!("sequence {number}, pool {pool}"));
            Pool::new(name, Plan::draw(&mut random), clock)
        });
        let pools = pools.collect();
        let registry = Registry::new();
        supervise::metrics::register(&registry).expect("a new registry");
        Self {
            seed,
            number,
            random,
            epoch: Instant::now(),
            wall: SystemTime::now(),
            now: 0,
            pools,
            registry,
            started: 0,
            story: Vec::new(),
        }
    }

    /// Does so many operations; the error is what the engine did otherwise than
    /// the model.
    pub async fn run(&mut self, operations: u32) -> Result<(), String> {
        for _ in 0..operations {
            let step = self.draw_step();
            self.step(step).await?;
        }
        self.compare_families()?;
        loop {
            let Some((pool, id)) = self.calls().next() else {
                return Ok(());
            };
            self.step(Step::Call(pool, id, Operation::Cancel)).await?;
        }
    }

    fn calls(&self) -> impl Iterator<Item = (usize, u32)> {
        let pools = self.pools.iter().enumerate();
        pools.flat_map(|(number, pool)| pool.model.calls.keys().map(move |id| (number, *id)))
    }

    fn draw_step(&mut self) -> Step {
        let calls: Vec<_> = self.calls().collect();
        let pool = self.random.usize(..self.pools.len());
        let has_room = !self.pools[pool].is_full();
        let call = self.random.choice(&calls).copied();
        match (self.random.u32(..10), call) {
            (0, _) | (1..7, None) if has_room => Step::Start(pool),
            (0..7, Some((pool, id))) => {
                let call = &self.pools[pool].model.calls[&id];
                let operation = Operation::draw(&mut self.random, call);
                Step::Call(pool, id, operation)
            }
            (7, _) => Step::Jump(self.draw_moment()),
            _ => Step::Walk(self.draw_moment()),
        }
    }

    /// Around one that matters, or any.
    fn draw_moment(&mut self) -> Millis {
        let models = self.pools.iter().map(|pool| &pool.model);
        let edges: Vec<_> = models.flat_map(Model::edges).collect();
        let aim = self
            .random
            .choice(edges)
            .filter(|_| self.random.u8(..4) > 0);
        let moment = if let Some(edge) = aim {
            edge - 1 + self.random.u64(..3)
        } else {
            let most = 1 << self.random.u32(1..20);
            self.now + self.random.u64(..most)
        };
        moment.max(self.now + 1)
    }

    async fn step(&mut self, step: Step) -> Result<(), String> {
        let message = format!("operation {}", self.story.len());
        self.story
            .push(format!("{message} at {} ms: {step}", self.now));
        let before = SystemTime::now();
        match step {
            Step::Jump(to) => self.jump(to).await,
            Step::Walk(to) => self.walk(to).await,
            Step::Start(number) => {
                let id = self.started;
                self.started += 1;
                self.pools[number].start(id);
                let model = |pools: &mut [Pool]| pools[number].model.start(id);
                self.compare(before, model).await
            }
            Step::Call(number, id, operation) => {
                self.pools[number].order(id, operation, &message)?;
                let model =
                    |pools: &mut [Pool]| operation.tell(&mut pools[number].model, id, &message);
                self.compare(before, model).await
            }
        }
    }

    async fn jump(&mut self, to: Millis) -> Result<(), String> {
        let before = SystemTime::now();
        advance(millis(to - self.now)).await;
        self.now = to;
        self.compare(before, |_| ()).await
    }

    /// Nothing may happen a millisecond early, nor late.
    async fn walk(&mut self, to: Millis) -> Result<(), String> {
        let starts = |pools: &[Pool]| -> u64 { pools.iter().map(|pool| pool.model.starts()).sum() };
        let before = starts(&self.pools);
        while starts(&self.pools) < before + RUNS {
            let events = self.pools.iter().flat_map(|pool| pool.model.events());
            let Some(event) = events.filter(|event| *event <= to).min() else {
                break;
            };
            if event - 1 > self.now {
                self.jump(event - 1).await?;
            }
            self.jump(event).await?;
        }
        self.jump(to.max(self.now)).await
    }

    /// Lets the workers do what is due, and tells the models what happened. Then
    /// both have to be the same.
    async fn compare(
        &mut self,
        before: SystemTime,
        happened: impl FnOnce(&mut [Pool]),
    ) -> Result<(), String> {
        loop {
            // Has the timers and the yields wake whom they have to.
            yield_now().await;
            let polled = self.pools.iter_mut().map(Pool::poll);
            if polled.sum::<usize>() == 0 {
                break;
            }
        }
        if self.epoch.elapsed() != millis(self.now) {
            return Err(format!("the clock is at {:?}", self.epoch.elapsed()));
        }
        let real = |time: SystemTime| time.duration_since(self.wall).unwrap_or_default();
        let clock = Clock {
            now: self.now,
            wall: (real(before), real(SystemTime::now())),
        };
        for pool in &mut self.pools {
            pool.model.clock = clock;
        }
        happened(&mut self.pools);
        let statuses = supervise::workers();
        for pool in &mut self.pools {
            if let Some(status) = statuses.iter().find(|status| status.name == pool.name) {
                let next_start = status.next_start.map(real);
                pool.compare(status, next_start)
                    .map_err(|difference| format!("{}: {difference}", pool.name))?;
            } else if !pool.is_empty() {
                return Err(format!("{}: no status", pool.name));
            }
        }
        Ok(())
    }

    fn compare_families(&self) -> Result<(), String> {
        for status in supervise::workers() {
            if self.pools.iter().any(|pool| pool.name == status.name) {
                let scraped = families::scraped(&self.registry, status.name);
                let expected = families::expected(&status);
                if scraped != expected {
                    return Err(format!("{scraped:#?} is not the status, {expected:#?}"));
                }
            }
        }
        Ok(())
    }
}

/// Tells how it came to a panic, whoever's it is.
impl Drop for Sequence {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{self}");
        }
    }
}

/// What it takes to do it again, or to see it without.
impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "SUPERVISE_SEED={}, sequence {}", self.seed, self.number)?;
        for pool in &self.pools {
            writeln!(f, "{}: {:?}", pool.name, pool.plan)?;
        }
        self.story.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(pool) => write!(f, "start a call of pool {pool}"),
            Self::Call(pool, id, operation) => write!(f, "{operation:?} call {id} of pool {pool}"),
            Self::Jump(to) => write!(f, "jump to {to} ms"),
            Self::Walk(to) => write!(f, "walk to {to} ms"),
        }
    }
}
