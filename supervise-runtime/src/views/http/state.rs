//! The state of a worker in words.

use super::snapshot::Worker;
use super::trouble::Trouble;
use crate::status::Kind;

/// `running`, `waiting`, `gave up`; of a pool, `97 running, 3 waiting`.
pub(super) fn told(Worker { status, trouble }: &Worker) -> String {
    if status.kind == Kind::Request {
        return "requests".into();
    }
    let states = [
        (status.gave_up, "gave up"),
        (status.waiting, "waiting"),
        (status.running, "running"),
        (status.scheduled, "scheduled"),
    ];
    let present: Vec<_> = states.into_iter().filter(|(count, _)| *count > 0).collect();
    let mut text = match present[..] {
        [] => "ended".into(),
        [(1, state)] => state.to_owned(),
        _ => {
            let told = present
                .iter()
                .map(|(count, state)| format!("{count} {state}"));
            told.collect::<Vec<_>>().join(", ")
        }
    };
    if *trouble == Some(Trouble::Late) {
        text.push_str(", late");
    }
    text
}
