//! What can happen to a call, as the worker and as the model are told.

use fastrand::Rng;

use super::call::Call;
use super::driven::{Command, Driven};
use super::model::Model;
use super::plan::one;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operation {
    Fail,
    Panic,
    Finish,
    /// The run is told nothing any more.
    Hang,
    /// The clean-up after the present run is to panic.
    Mess,
    /// The next run is to panic before it has a body.
    Stillborn,
    /// The body is polled for no reason.
    Wake,
    /// The call is dropped.
    Cancel,
}

use Operation::{Cancel, Fail, Finish, Hang, Mess, Panic, Stillborn, Wake};

impl Operation {
    /// With how many chances, one of those that can happen to such a call.
    pub fn draw(random: &mut Rng, call: &Call) -> Self {
        let chances: &[_] = if !call.is_running() {
            &[(Stillborn, 2), (Wake, 1), (Cancel, 1)]
        } else if call.hangs {
            &[(Mess, 2), (Wake, 2), (Cancel, 1)]
        } else {
            &[
                (Fail, 16),
                (Panic, 12),
                (Finish, 8),
                (Hang, 3),
                (Mess, 3),
                (Stillborn, 2),
                (Wake, 4),
                (Cancel, 2),
            ]
        };
        let all: Vec<_> = chances
            .iter()
            .flat_map(|(operation, chances)| [*operation].repeat(*chances))
            .collect();
        one(random, &all)
    }

    /// Does it; the error is what should not have happened over that.
    pub fn order(self, call: &mut Driven, message: &str) -> Result<(), String> {
        match self {
            Fail => call.command(Command::Fail(message.to_owned())),
            Panic => call.command(Command::Panic(message.to_owned())),
            Finish => call.command(Command::Finish),
            Hang => {}
            Mess => call.panic_when_dropped(),
            Stillborn => call.panic_before_next_run(message.to_owned()),
            Wake => call.wake(),
            Cancel => return call.cancel(),
        }
        Ok(())
    }

    pub fn tell(self, model: &mut Model, id: u32, message: &str) {
        let call = model.calls.get_mut(&id).expect("a call");
        match self {
            Fail => model.fail(id, message),
            Panic => model.panic(id, message),
            Finish => model.finish(id),
            Hang => call.hangs = true,
            Mess => call.messy = true,
            Stillborn => call.stillborn = Some(message.to_owned()),
            Wake => {}
            Cancel => model.cancel(id),
        }
    }
}
