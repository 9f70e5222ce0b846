//! The numbers of all workers, as three know them: this program, which caused
//! them, `supervise::workers()`, and the Prometheus registry.

use std::collections::BTreeMap;

use prometheus::TextEncoder;

use crate::pool::{End, Pool, get};
use crate::workers::POOLS;

/// By the text of a series, as in a scrape.
type Numbers = BTreeMap<String, u64>;

/// How many series agree in all three; what differs.
pub fn compare() -> (usize, Vec<String>) {
    let injected: Numbers = POOLS.into_iter().flat_map(injected).collect();
    let (told, scraped) = (told(), scraped());
    let (mut equal, mut differences) = (0, Vec::new());
    for (series, expected) in injected {
        let seen = [&told, &scraped].map(|numbers| numbers.get(&series).copied());
        if seen == [Some(expected); 2] {
            equal += 1;
        } else {
            let [told, scraped] = seen;
            differences.push(format!(
                "{series} should be {expected}; supervise::workers() says {told:?}, Prometheus \
                 {scraped:?}"
            ));
        }
    }
    (equal, differences)
}

/// What the program has done to a pool of which no worker is left.
fn injected(pool: &'static Pool) -> Vec<(String, u64)> {
    let counts = &pool.counts;
    let mut numbers = vec![
        ("panics_total{kind=\"worker\",".into(), get(&counts.panics)),
        ("starts_total{".into(), get(&counts.starts)),
        ("gave_up_total{".into(), get(&counts.gave_up)),
        ("exits_total{reason=\"shutdown\",".into(), 0),
    ];
    for end in End::ALL {
        let reason = end.as_str();
        let [exits, restarts] =
            [&counts.ends, &counts.restarts].map(|counts| get(&counts[end as usize]));
        numbers.push((format!("exits_total{{reason=\"{reason}\","), exits));
        if end != End::Cancelled {
            numbers.push((format!("restarts_total{{reason=\"{reason}\","), restarts));
        }
    }
    for state in ["running", "waiting", "scheduled"] {
        numbers.push((format!("workers{{state=\"{state}\","), 0));
    }
    labelled(pool.name, numbers)
}

fn told() -> Numbers {
    let workers = supervise::workers().into_iter();
    workers
        .flat_map(|worker| {
            let mut numbers = vec![
                ("panics_total{kind=\"worker\",".into(), worker.panics),
                ("starts_total{".into(), worker.starts),
                ("gave_up_total{".into(), worker.gave_up_total),
                ("workers{state=\"running\",".into(), worker.running),
                ("workers{state=\"waiting\",".into(), worker.waiting),
                ("workers{state=\"scheduled\",".into(), worker.scheduled),
            ];
            for (family, counts) in [("exits", worker.exits), ("restarts", worker.restarts)] {
                numbers.extend(counts.iter().map(|(reason, count)| {
                    let reason = reason.as_str();
                    (format!("{family}_total{{reason=\"{reason}\","), count)
                }));
            }
            labelled(worker.name, numbers)
        })
        .collect()
}

fn labelled(worker: &str, numbers: Vec<(String, u64)>) -> Vec<(String, u64)> {
    let numbers = numbers.into_iter();
    numbers
        .map(|(series, number)| (format!("supervise_{series}worker=\"{worker}\"}}"), number))
        .collect()
}

fn scraped() -> Numbers {
    let text = TextEncoder::new().encode_to_string(&prometheus::gather());
    text.unwrap()
        .lines()
        .filter_map(|line| {
            let (series, number) = line.rsplit_once(' ')?;
            Some((series.to_owned(), number.parse().ok()?))
        })
        .collect()
}
