//! The workers for programs.

mod write;

use self::write::{Object, object, text};
use super::snapshot::{Snapshot, Worker};
use super::trouble::Trouble;
use crate::status::{ByReason, LastFailure, PeriodicStatus, WorkerStatus};

pub(super) fn page(snapshot: &Snapshot) -> String {
    let mut out = String::new();
    object(&mut out, |page| {
        page.plain("schema", 1);
        page.time("rendered_at", snapshot.rendered);
        page.object("process", |process| write_process(process, snapshot));
        page.object("readiness", |readiness| {
            write_readiness(readiness, snapshot);
        });
        page.array("workers", &snapshot.workers, |out, worker| {
            object(out, |object| write_worker(object, worker));
        });
    });
    out.push('\n');
    out
}

fn write_process(object: &mut Object<'_>, snapshot: &Snapshot) {
    let process = snapshot.process;
    object.text("name", snapshot.name());
    object.maybe("version", snapshot.service.version, Object::text);
    object.text("supervise_version", env!("CARGO_PKG_VERSION"));
    object.plain("pid", process.pid);
    object.maybe("host", process.host.as_deref(), Object::text);
    object.maybe("started_at", process.started, Object::time);
}

fn write_readiness(object: &mut Object<'_>, snapshot: &Snapshot) {
    let readiness = &snapshot.readiness;
    let name = |out: &mut String, name: &&str| text(out, name);
    object.plain("ready", readiness.is_ready());
    object.plain("shutting_down", readiness.shutting_down);
    object.array("gave_up", &readiness.gave_up, name);
    object.array("starting", &readiness.starting, name);
}

fn write_worker(object: &mut Object<'_>, Worker { status, trouble }: &Worker) {
    let WorkerStatus { name, location, .. } = *status;
    let place = (location.file(), location.line(), location.column());
    object.text("name", name);
    object.text("kind", status.kind.as_str());
    object.object("location", |object| write_place(object, place));
    object.text("restart", status.restart.as_str());
    object.plain("critical", status.critical);
    object.plain("ready", status.ready);
    object.maybe("trouble", trouble.map(Trouble::as_str), Object::text);
    object.plain("running", status.running);
    object.plain("waiting", status.waiting);
    object.plain("scheduled", status.scheduled);
    object.plain("gave_up", status.gave_up);
    object.maybe("since", status.since, Object::time);
    object.maybe("next_start", status.next_start, Object::time);
    object.plain("starts", status.starts);
    object.object("exits", |object| write_by_reason(object, status.exits));
    object.object("restarts", |object| {
        write_by_reason(object, status.restarts);
    });
    object.plain("panics", status.panics);
    object.plain("gave_up_total", status.gave_up_total);
    object.plain("consecutive_failures", status.consecutive_failures);
    object.array("last_failures", &status.last_failures, |out, failure| {
        write::object(out, |object| write_failure(object, failure));
    });
    object.maybe(
        "periodic",
        status.periodic.as_ref(),
        |object, name, periodic| {
            object.object(name, |object| write_periodic(object, periodic));
        },
    );
}

fn write_by_reason(object: &mut Object<'_>, counts: ByReason) {
    for (reason, count) in counts.iter() {
        object.plain(reason.as_str(), count);
    }
}

fn write_failure(object: &mut Object<'_>, failure: &LastFailure) {
    object.text("reason", failure.reason.as_str());
    object.text("message", &failure.message);
    object.maybe("place", failure.place.as_ref(), |object, name, place| {
        let place = (place.file(), place.line(), place.column());
        object.object(name, |object| write_place(object, place));
    });
    object.plain("count", failure.count);
    object.time("at", failure.at);
}

fn write_place(object: &mut Object<'_>, (file, line, column): (&str, u32, u32)) {
    object.text("file", file);
    object.plain("line", line);
    object.plain("column", column);
}

fn write_periodic(object: &mut Object<'_>, periodic: &PeriodicStatus) {
    let ticks = &periodic.tick_durations;
    object.plain("period_seconds", periodic.period.as_secs_f64());
    object.time("first_start", periodic.first_start);
    object.maybe("last_success", periodic.last_success, Object::time);
    object.plain("ticks", ticks.count());
    object.plain("ticks_seconds", ticks.total().as_secs_f64());
}
