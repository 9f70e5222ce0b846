//! The page about the workers as HTML, of many names. The unit is one page.
//!
//! `supervised`: 5,000 names, those of the scrape, each of which has failed in eight
//! ways. The others have nothing to show.

use std::sync::Once;

use futures_util::FutureExt;
use http::Request;
use supervise::{MaxRestarts, Policy, Restart, Worker};
use tokio::runtime::Runtime;

use super::Scenario;
use crate::Fallible;
use crate::measure::{Budget::AtMost, Goal, Measure};

pub const OF_5_000_WORKERS: Scenario = Scenario {
    name: "page of 5,000 workers",
    runs: [|_, _| Ok(()), |_, _| Ok(()), run],
    units: [1, 2],
    subscriber: false,
    // Neither its allocations nor its instructions: how many there are is in the words
    // for how long ago something was.
    goals: &[Goal::budgeted(Measure::Milliseconds, AtMost(100.0))],
};

const NAMES: u32 = 5_000;

fn run(runtime: &Runtime, pages: u32) -> Fallible {
    static FAILED: Once = Once::new();
    FAILED.call_once(|| runtime.block_on(async { (0..NAMES).for_each(fail) }));
    let request = Request::get("/workers?format=html").body(())?;
    for _ in 0..pages {
        let page = supervise::http::respond(&request).into_body();
        let rows = page.matches("<tbody").count();
        if rows < NAMES as usize {
            return Err(format!("{rows} rows of {NAMES}").into());
        }
    }
    Ok(())
}

/// Gives up, so that it is in trouble, after eight failures that are told apart.
fn fail(number: u32) {
    let name = String::leak(format!("service-{}::worker-{number}", number % 100));
    for attempt in 0..8 {
        let policy = Policy::new()
            .restart(Restart::OnFailure)
            .max_restarts(MaxRestarts::since_healthy(0));
        let run = || async move { Err::<(), _>(format!("host {attempt} refused the connection")) };
        // It needs no time.
        let _ = Worker::new(name)
            .policy(policy)
            .supervise(run)
            .now_or_never();
    }
}
