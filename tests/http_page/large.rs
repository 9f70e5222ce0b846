//! The page of 5,000 workers.

use std::future::pending;
use std::time::Duration;

use http::Request;
use supervise::{Backoff, Policy, Restart, Worker};
use supervise_tests::markup::read;
use tokio::time::sleep;

const WORKERS: usize = 5_000;

/// A test of its own: the number of workers in a process only grows.
#[tokio::test(start_paused = true)]
async fn a_page_of_5_000_is_whole_and_stays_of_a_sane_size() {
    supervise::log_panics_only();
    let policy = Policy::new()
        .restart(Restart::OnFailure)
        .backoff(Backoff::constant(Duration::from_secs(10)));
    let workers: Vec<_> = (0..WORKERS)
        .map(|number| {
            let name = format!("tenant-{number:04}::synchronize");
            let worker = Worker::new(name.leak()).policy(policy);
            &*Box::leak(Box::new(worker))
        })
        .collect();
    let well: Vec<_> = workers
        .iter()
        .map(|worker| tokio::spawn(worker.supervise(pending::<()>)))
        .collect();
    sleep(Duration::from_millis(10)).await;
    let body = page();
    println!("all well: {} bytes", body.len());
    assert!(body.len() < 2_500_000, "{} bytes", body.len());
    assert!(body.contains("<meta http-equiv=\"refresh\" content=\"30\">"));
    assert_eq!(rows_and_lists(&body), (WORKERS, 0));
    well.iter().for_each(tokio::task::JoinHandle::abort);

    for worker in workers {
        let mut run = 0;
        tokio::spawn(worker.supervise(move || {
            run += 1;
            async move { Err::<(), _>(format!("the {run}th connection of this tenant was reset")) }
        }));
    }
    sleep(Duration::from_secs(200)).await;
    let body = page();
    println!("all failing: {} bytes", body.len());
    assert!(body.len() < 5_500_000, "{} bytes", body.len());
    let (rows, lists) = rows_and_lists(&body);
    assert_eq!(rows, WORKERS);
    assert!((200..1_000).contains(&lists), "{lists} are told in full");
    let brief = body.matches("7 more as JSON").count();
    assert_eq!(lists + brief, WORKERS);
}

fn page() -> String {
    let request = Request::get("/workers?format=html").body(()).unwrap();
    supervise::http::respond(&request).into_body()
}

/// Of a page that is in order: how many workers it tells of, and of how many the
/// failures in full.
fn rows_and_lists(body: &str) -> (usize, usize) {
    let page = read(body);
    let main = page.one("main");
    (main.all("tbody").len(), main.all("ol").len())
}
