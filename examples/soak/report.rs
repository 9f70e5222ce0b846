//! What was measured, for people, and what of it is not as it should be.

use std::time::Duration;

use crate::fate::Fate;
use crate::pool::{Counts, End, Pool, get};
use crate::ticker::Late;
use crate::workers::POOLS;
use crate::{Plan, heap, lines, numbers};

pub struct Measured {
    /// The live heap before the first worker, before these, when all have
    /// failed, each second from then on, and when they are gone.
    pub start: usize,
    pub before: usize,
    pub warm: usize,
    pub heap: Vec<usize>,
    pub after: usize,
    pub failing: Vec<Turn>,
    pub calm: Vec<Turn>,
}

pub struct Turn {
    pub failures: u64,
    pub late: Late,
}

/// Sentences about what is wrong.
pub type Mistakes = Vec<String>;

pub fn print(plan: &Plan, measured: &Measured) -> Result<(), Mistakes> {
    let mut mistakes = Mistakes::new();
    print_pools();
    print_fates();
    check_numbers(&mut mistakes);
    check_heap(measured, &mut mistakes);
    check_ticker(plan, measured, &mut mistakes);
    if mistakes.is_empty() {
        Ok(())
    } else {
        Err(mistakes)
    }
}

fn print_pools() {
    const HEAD: [&str; 9] = [
        "starts",
        "finished",
        "error",
        "panic",
        "timeout",
        "cancelled",
        "clean-up",
        "restarts",
        "gave up",
    ];
    let line = |name: &str, cells: [String; 9]| {
        println!(
            "| {name:15} | {} |",
            cells.map(|cell| format!("{cell:>9}")).join(" | ")
        );
    };
    println!();
    line("worker", HEAD.map(String::from));
    line("---------------", HEAD.map(|_| "-".repeat(9)));
    let mut totals = [0; 9];
    for pool in POOLS {
        let numbers = row(&pool.counts);
        line(pool.name, numbers.map(|number| number.to_string()));
        totals
            .iter_mut()
            .zip(numbers)
            .for_each(|(total, number)| *total += number);
    }
    line("all", totals.map(|number| number.to_string()));
}

fn row(counts: &Counts) -> [u64; 9] {
    let [finished, error, panic, timeout, cancelled] = counts.ends.each_ref().map(get);
    [
        get(&counts.starts),
        finished,
        error,
        panic,
        timeout,
        cancelled,
        get(&counts.panics) - panic,
        counts.restarts.iter().map(get).sum(),
        get(&counts.gave_up),
    ]
}

fn print_fates() {
    println!();
    for fate in Fate::ALL {
        let runs: u64 = POOLS.iter().map(|pool| pool.met(fate)).sum();
        println!("{runs:9} x {fate:?}");
    }
    println!();
}

fn check_numbers(mistakes: &mut Mistakes) {
    let (equal, differences) = numbers::compare();
    println!(
        "counters: {equal} series exactly as caused, {} not",
        differences.len()
    );
    mistakes.extend(differences);

    let sum = |of: fn(&Pool) -> u64| -> u64 { POOLS.into_iter().map(of).sum() };
    let runs = sum(|pool| get(&pool.counts.ends[End::Panic as usize]));
    let clean_ups = sum(|pool| get(&pool.counts.panics)) - runs;
    let told = [&lines::PANICS, &lines::CLEAN_UPS].map(get);
    println!(
        "log: {} lines, of which {} tell of the {runs} panics in runs, {} of the {clean_ups} in \
         clean-up",
        get(&lines::ALL),
        told[0],
        told[1]
    );
    if told != [runs, clean_ups] {
        mistakes.push("The log does not tell of each panic once.".into());
    }
}

/// What the live heap may differ by. Workers that happen to wait, to run or to
/// be called anew hold more or less: some 20 KiB from one second to the next. A
/// single allocation of 16 bytes that each failure leaked would be this much
/// after two seconds.
const HEAP_NOISE: usize = 256 * 1024;

fn check_heap(measured: &Measured, mistakes: &mut Mistakes) {
    let [first, last] = heap::thirds(&measured.heap);
    println!("live heap:");
    for (bytes, when) in [
        (measured.start, "at the start"),
        (
            measured.before,
            "before these workers, after others of the same names",
        ),
        (measured.warm, "when each has failed"),
        (first, "in the first third of the time"),
        (last, "in the last third"),
        (measured.after, "when they are gone"),
    ] {
        println!("{:9} KiB {when}", bytes / 1024);
    }
    if last > first + HEAP_NOISE {
        mistakes.push(format!("The live heap grew by {} bytes.", last - first));
    }
    if measured.after > measured.before + HEAP_NOISE {
        let left = measured.after - measured.before;
        mistakes.push(format!("{left} bytes are left of workers that are gone."));
    }
}

fn check_ticker(plan: &Plan, measured: &Measured, mistakes: &mut Mistakes) {
    println!(
        "a 1 ms ticker, late by (of each turn of {} s):",
        plan.turn()
    );
    let [calm, failing] =
        [("calm", &measured.calm), ("failing", &measured.failing)].map(|(name, turns)| {
            let failures: u64 = turns.iter().map(|turn| turn.failures).sum();
            let sorted = |of: fn(&Late) -> Duration| {
                let mut sorted: Vec<_> = turns.iter().map(|turn| of(&turn.late)).collect();
                sorted.sort_unstable();
                sorted
            };
            let p50 = sorted(|late| late.p50);
            let p99 = sorted(|late| late.p99);
            let max = sorted(|late| late.max);
            let (middle, last) = (turns.len() / 2, turns.len() - 1);
            println!(
                "{name:>9}: p50 {:.2?}, p99 {:.2?} ({:.2?} to {:.2?}), max {:.2?}; {failures} \
                 failures",
                p50[middle], p99[middle], p99[0], p99[last], max[last]
            );
            p99
        });
    // The turns alternate, so that both see the same machine: half of the
    // failing ones may not be later than the latest of the calm ones, give or
    // take one step of tokio's timers. A few turns of one second on a busy
    // machine tell nothing but that the ticker was not starved.
    let step = Duration::from_millis(if plan.seconds < 30 { 500 } else { 1 });
    let (failing, calm) = (failing[failing.len() / 2], calm[calm.len() - 1]);
    if failing > calm.saturating_add(step) {
        mistakes.push(format!(
            "The ticker was {failing:.2?} late where workers fail, {calm:.2?} where they do not."
        ));
    }
}
