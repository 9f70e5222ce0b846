//! One look at all numbers, as data and as text, and what has to be true of it.

use std::collections::HashMap;

use prometheus::{Registry, TextEncoder};
use supervise::WorkerStatus;

use super::crowd::CROWD;
use super::known::{KNOWN, Known, State};

pub struct Sampler<'a> {
    registry: &'a Registry,
    /// The highest so far, by series.
    counters: HashMap<String, u64>,
    /// How often a worker was known to pause, or to run.
    certain: [u32; 2],
}

/// What there is to see of one name.
#[derive(Debug)]
struct Seen {
    starts: u64,
    exits: u64,
    running: u64,
    waiting: u64,
    scheduled: u64,
}

impl<'a> Sampler<'a> {
    pub fn new(registry: &'a Registry) -> Self {
        Self {
            registry,
            counters: HashMap::new(),
            certain: [0; 2],
        }
    }

    pub fn certain(&self) -> [u32; 2] {
        self.certain
    }

    pub fn sample(&mut self) {
        self.look(|_| {
            let all = supervise::workers().into_iter();
            all.map(|status| (status.name.to_owned(), Seen::of(&status)))
                .collect()
        });
        self.look(Self::scrape);
    }

    fn look(&mut self, take: impl FnOnce(&mut Self) -> HashMap<String, Seen>) {
        let before = KNOWN.each_ref().map(Known::moment);
        let gone = CROWD.gone();
        let seen = take(self);
        let spawned = CROWD.spawned();
        let after = KNOWN.each_ref().map(Known::moment);

        for (name, seen) in &seen {
            assert_eq!(seen.starts, seen.exits + seen.running, "{name}: {seen:?}");
        }
        if let Some(crowd) = seen.get(CROWD.name) {
            let most = spawned - gone;
            assert!(crowd.present() <= most, "{crowd:?} of at most {most}");
        }
        for ((known, before), after) in KNOWN.iter().zip(before).zip(after) {
            let Some(seen) = seen.get(known.name) else {
                continue;
            };
            assert!(seen.present() <= 1, "{}: {seen:?}", known.name);
            let expected = match before.1 {
                _ if before != after => continue,
                State::Unknown => continue,
                State::Paused => (0, 1),
                State::Running => (1, 0),
            };
            let found = (seen.running, seen.waiting + seen.scheduled);
            assert_eq!(found, expected, "{}: {seen:?}", known.name);
            self.certain[usize::from(before.1 == State::Running)] += 1;
        }
    }

    /// What the text tells; no counter in it has ever gone back.
    fn scrape(&mut self) -> HashMap<String, Seen> {
        let families = self.registry.gather();
        let text = TextEncoder::new().encode_to_string(&families).unwrap();
        let mut all = HashMap::<String, Seen>::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let Some((family, labels)) = series.split_once('{') else {
                panic!("no labels: {line}");
            };
            if family.ends_with("_total") {
                let value = value.parse().unwrap();
                match self.counters.get_mut(series) {
                    Some(last) => assert!(std::mem::replace(last, value) <= value, "{line}"),
                    None => drop(self.counters.insert(series.to_owned(), value)),
                }
            }
            let (others, worker) = labels.split_once("worker=\"").unwrap();
            let (worker, _) = worker.split_once('"').unwrap();
            let seen = all.entry(worker.to_owned()).or_insert(Seen::NONE);
            let field = match (family, others) {
                ("supervise_starts_total", _) => &mut seen.starts,
                ("supervise_exits_total", _) => &mut seen.exits,
                ("supervise_workers", "state=\"running\",") => &mut seen.running,
                ("supervise_workers", "state=\"waiting\",") => &mut seen.waiting,
                ("supervise_workers", "state=\"scheduled\",") => &mut seen.scheduled,
                _ => continue,
            };
            *field += value.parse::<u64>().unwrap();
        }
        all
    }
}

impl Seen {
    const NONE: Self = Self {
        starts: 0,
        exits: 0,
        running: 0,
        waiting: 0,
        scheduled: 0,
    };

    fn of(status: &WorkerStatus) -> Self {
        Self {
            starts: status.starts,
            exits: status.exits.total(),
            running: status.running,
            waiting: status.waiting,
            scheduled: status.scheduled,
        }
    }

    /// Those that have begun and are not yet gone.
    fn present(&self) -> u64 {
        self.running + self.waiting + self.scheduled
    }
}
