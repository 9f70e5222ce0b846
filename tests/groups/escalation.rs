//! One restart too many, from the innermost worker to the end of the supervisor.
//!
//! In OTP a supervisor that would restart more often than `intensity` in `period`
//! stops all its children and ends. Its own supervisor restarts it, which begins
//! to count anew, or ends as well, and so on.

use std::time::Duration;

use supervise::{Supervisor, supervised};
use supervise_tests::status;
use tokio::time::timeout;
use tokio::{join, try_join};

use super::scene::Scene;
use crate::starts_and_restarts;

#[supervised(
    name = "site",
    restart = true,
    backoff = "1s",
    max_restarts = "1 in 1h"
)]
async fn site(scene: &Scene) -> Result<(), String> {
    try_join!(scene.part("badge"), uplink(scene))?;
    Ok(())
}

#[supervised(
    name = "uplink",
    restart = true,
    backoff = "1s",
    max_restarts = "2 in 1m"
)]
async fn uplink(scene: &Scene) -> Result<(), String> {
    try_join!(scene.part("sender"), scene.part("receiver"))?;
    Ok(())
}

/// There such an end has the reason `shutdown`, after which a `transient` child is
/// not restarted; here it is a failure like any other.
#[tokio::test(start_paused = true)]
async fn giving_up_with_an_error_is_a_failure_of_the_outer_worker_level_by_level() {
    let scene = Scene::new();
    let task = tokio::spawn(site(scene));
    assert_eq!(scene.start().await, "+badge +sender +receiver");
    for _ in 0..2 {
        assert_eq!(scene.fail("receiver").await, "-receiver -sender");
        assert_eq!(scene.restart().await, "+sender +receiver");
    }
    assert_eq!(scene.fail("sender").await, "-sender -receiver -badge");
    assert_eq!((status("uplink").gave_up, status("site").waiting), (1, 1));
    assert_eq!(scene.restart().await, "+badge +sender +receiver");
    assert_eq!((status("uplink").gave_up, status("site").running), (0, 1));
    for _ in 0..2 {
        assert_eq!(scene.fail("receiver").await, "-receiver -sender");
        assert_eq!(scene.restart().await, "+sender +receiver");
    }
    assert_eq!(scene.fail("sender").await, "-sender -receiver -badge");
    assert_eq!(scene.restart().await, "");
    assert_eq!(task.await.unwrap(), Err("sender failed".into()));

    assert_eq!(starts_and_restarts("uplink"), (6, 4));
    assert_eq!(starts_and_restarts("site"), (2, 1));
    let [uplink, site] = ["uplink", "site"].map(status);
    assert_eq!((uplink.gave_up_total, site.gave_up_total), (2, 1));
}

#[supervised(
    name = "building",
    restart = true,
    backoff = "1s",
    max_restarts = "1 in 1h",
    on_give_up = "panic"
)]
async fn building(scene: &Scene) {
    let _ = join!(scene.part("door"), floor(scene));
}

#[supervised(
    name = "floor",
    restart = true,
    backoff = "1s",
    max_restarts = "1 in 1m",
    on_give_up = "panic"
)]
async fn floor(scene: &Scene) {
    let _ = join!(scene.part("lamp"), scene.part("heater"));
}

#[tokio::test(start_paused = true)]
async fn giving_up_with_a_panic_is_one_through_workers_that_return_nothing() {
    let scene = Scene::new();
    let task = tokio::spawn(building(scene));
    assert_eq!(scene.start().await, "+door +lamp +heater");
    assert_eq!(scene.crash("heater").await, "-heater -lamp");
    assert_eq!(scene.restart().await, "+lamp +heater");
    assert_eq!(scene.crash("heater").await, "-heater -lamp -door");
    assert_eq!(scene.restart().await, "+door +lamp +heater");
    assert_eq!(scene.crash("heater").await, "-heater -lamp");
    assert_eq!(scene.restart().await, "+lamp +heater");
    assert_eq!(scene.crash("heater").await, "-heater -lamp -door");
    assert_eq!(scene.restart().await, "");
    let panic = task.await.unwrap_err().into_panic();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), "heater panicked");

    assert_eq!(starts_and_restarts("floor"), (4, 2));
    assert_eq!(starts_and_restarts("building"), (2, 1));
    let [floor, building] = ["floor", "building"].map(status);
    assert_eq!((floor.gave_up_total, building.gave_up_total), (2, 1));
    let [origin, told] = [&floor, &building].map(|worker| &worker.last_failure().unwrap().place);
    assert!(origin.is_some() && origin == told);
}

#[supervised(name = "turbine", critical = true)]
async fn turbine(scene: &Scene) -> Result<(), String> {
    try_join!(scene.part("brake"), blades(scene))?;
    Ok(())
}

#[supervised(
    name = "blades",
    restart = true,
    backoff = "1s",
    max_restarts = "1 in 1m"
)]
async fn blades(scene: &Scene) -> Result<(), String> {
    scene.part("rotor").await
}

/// There the end of the topmost supervisor is that of the application, and of a
/// permanent one that of the node. Its other children are stopped from the last
/// to the first; here all at once.
#[tokio::test(start_paused = true)]
async fn at_the_top_a_critical_worker_ends_the_supervisor_which_names_it() {
    let scene = Scene::new();
    let supervisor = Supervisor::new();
    let turbine = supervisor.spawn(turbine(scene));
    let other = supervisor.spawn(scene.part("meter"));
    assert_eq!(scene.start().await, "+brake +rotor +meter");

    assert_eq!(scene.fail("rotor").await, "-rotor");
    assert!(!supervisor.is_shutting_down());
    assert_eq!(scene.restart().await, "+rotor");
    assert_eq!(scene.fail("rotor").await, "-rotor -brake -meter");

    let error = supervisor.wait().await.unwrap_err();
    assert_eq!(error.to_string(), "critical worker `turbine` gave up");
    assert_eq!(error.failure().unwrap().message(), "rotor failed");
    assert_eq!(turbine.await.unwrap(), Err("rotor failed".into()));
    assert!(other.await.unwrap_err().is_cancelled());
    assert_eq!(starts_and_restarts("blades"), (2, 1));
    assert_eq!(starts_and_restarts("turbine"), (1, 0));
}

#[supervised(
    name = "hopeless",
    restart = true,
    backoff = "1s..8s",
    max_restarts = 5
)]
async fn hopeless() -> Result<(), String> {
    Err("as ever".into())
}

#[supervised(
    name = "by window",
    restart = true,
    healthy_after = "5s",
    max_restarts = "2 in 1d"
)]
async fn by_window() -> Result<(), String> {
    hopeless().await
}

#[supervised(
    name = "by health",
    restart = true,
    healthy_after = "5s",
    max_restarts = 2
)]
async fn by_health() -> Result<(), String> {
    hopeless().await
}

/// There is no health in OTP: each `period` has to outlast the levels below. Here
/// an outer run is up, and healthy, while the inner one is tried again.
#[tokio::test(start_paused = true)]
async fn a_window_ends_an_outer_worker_that_the_inner_one_keeps_healthy() {
    let hour = Duration::from_secs(3_600);
    assert!(timeout(hour, by_health()).await.is_err());
    assert!(status("by health").starts > 100);
    let ended = timeout(hour, by_window()).await.unwrap();
    assert_eq!(ended, Err("as ever".into()));
    assert_eq!(starts_and_restarts("by window"), (3, 2));
}
