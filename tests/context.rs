//! What code can know of the run that it is part of.

use std::time::Duration;

use supervise::{
    Current, Reason, Supervisor, current, is_supervised, ready, spawn_child, supervised,
};
use supervise_tests::{Runs, status};
use tokio::task::yield_now;
use tokio::time::sleep;

fn known(current: Option<Current>) -> Option<(&'static str, u64, Option<Reason>)> {
    current.map(|current| (current.name, current.run, current.last_end))
}

#[tokio::test(start_paused = true)]
async fn each_run_knows_its_number_and_how_the_last_one_ended() {
    #[supervised(name = "knows", restart = "always", backoff = "1s", timeout = "5s")]
    async fn knows(runs: &Runs, seen: &mut Vec<(u64, Option<Reason>)>) -> Result<(), String> {
        let (name, run, last_end) = known(current()).unwrap();
        assert_eq!(name, "knows");
        seen.push((run, last_end));
        match runs.next() {
            1 => panic!("first"),
            2 => Err("second".into()),
            3 => Ok(()),
            4 => {
                sleep(Duration::from_secs(60)).await;
                Ok(())
            }
            _ => std::future::pending().await,
        }
    }
    let (runs, mut seen) = (Runs::new(), Vec::new());
    tokio::select! {
        _ = knows(&runs, &mut seen) => unreachable!("it never ends"),
        () = sleep(Duration::from_secs(13)) => {}
    }
    assert_eq!(
        seen,
        [
            (1, None),
            (2, Some(Reason::Panic)),
            (3, Some(Reason::Error)),
            (4, Some(Reason::Finished)),
            (5, Some(Reason::Timeout)),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_calls_of_one_worker_know_each_their_own_run() {
    #[supervised(name = "pool", restart = true, backoff = "1s")]
    async fn member(runs: &Runs, fails: u32) -> u64 {
        yield_now().await;
        assert!(runs.next() > fails, "not yet");
        sleep(Duration::from_secs(100)).await;
        current().unwrap().run
    }
    let runs = (Runs::new(), Runs::new(), Runs::new());
    let known = tokio::join!(member(&runs.0, 0), member(&runs.1, 2), member(&runs.2, 1));
    assert_eq!(known, (1, 3, 2));
}

#[tokio::test(start_paused = true)]
async fn of_workers_within_workers_the_innermost_is_known_and_between_them_the_outer() {
    #[supervised(name = "inner knows", restart = true, backoff = "1s")]
    async fn inner(runs: &Runs) {
        assert_eq!(current().unwrap().name, "inner knows");
        runs.panic_twice();
        assert_eq!(
            known(current()),
            Some(("inner knows", 3, Some(Reason::Panic)))
        );
    }
    #[supervised(name = "outer knows")]
    async fn outer() {
        assert_eq!(known(current()), Some(("outer knows", 1, None)));
        inner(&Runs::new()).await;
        assert_eq!(known(current()), Some(("outer knows", 1, None)));
    }
    outer().await;
    assert_eq!(status("outer knows").panics, 0);
    assert_eq!(status("inner knows").panics, 2);
}

#[tokio::test(start_paused = true)]
async fn a_child_and_its_children_know_the_run_that_they_belong_to() {
    #[supervised(name = "parent knows", restart = true, backoff = "1s")]
    async fn parent(runs: &Runs) {
        let child = spawn_child(async {
            yield_now().await;
            let own = known(current());
            let childs = spawn_child(async { known(current()) }).await.unwrap();
            assert_eq!(own, childs);
            assert!(is_supervised());
            own
        });
        let known = child.await.unwrap();
        let last_end = (runs.count() > 0).then_some(Reason::Panic);
        let run = u64::from(runs.count() + 1);
        assert_eq!(known, Some(("parent knows", run, last_end)));
        runs.panic_twice();
    }
    parent(&Runs::new()).await;
    assert_eq!(status("parent knows").panics, 2);
}

#[tokio::test]
async fn outside_of_a_run_there_is_nothing_to_know() {
    #[supervised(name = "spawns outsiders")]
    async fn worker() {
        for outsider in [
            tokio::spawn(async { (current(), is_supervised()) }),
            tokio::task::spawn_blocking(|| (current(), is_supervised())),
        ] {
            assert_eq!(outsider.await.unwrap(), (None, false));
        }
        // Contained, but no run of a worker.
        let task = supervise::spawn(async { (current(), is_supervised()) });
        assert_eq!(task.await.unwrap(), (None, true));
        let closure = supervise::spawn_blocking(|| (current(), is_supervised()));
        assert_eq!(closure.await.unwrap(), (None, true));
    }
    assert_eq!((current(), is_supervised()), (None, false));
    worker().await;
    assert_eq!(status("spawns outsiders").panics, 0);
    let supervisor = Supervisor::new();
    let task = supervisor.spawn(async { (current(), is_supervised()) });
    assert_eq!(task.await.unwrap(), (None, true));
}

#[tokio::test(start_paused = true)]
async fn ready_is_recorded_from_any_depth_and_not_taken_back() {
    #[supervised(name = "gets ready", critical = true, restart = true)]
    async fn gets_ready(runs: &Runs) {
        yield_now().await;
        assert!(!status("gets ready").ready || runs.count() > 0);
        spawn_child(async { ready() }).await.unwrap();
        assert!(status("gets ready").ready);
        runs.panic_twice();
    }
    // Outside of a run it is nobody's.
    ready();
    gets_ready(&Runs::new()).await;
    assert!(status("gets ready").ready);
    assert_eq!(status("gets ready").panics, 2);
}
