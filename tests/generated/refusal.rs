//! Functions that the attribute can't take, and what it says of them.

use fastrand::Rng;

use super::argument::{ARGUMENTS, Argument};
use super::case::Case;
use super::output::{Borrows, OUTPUTS, Output};
use super::plan::Options;
use super::position::{Position, Shape};
use super::receiver::{RECEIVERS, Receiver};

pub struct Refusal {
    pub mistake: Mistake,
    /// What the message has one of.
    says: &'static [&'static str],
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    NotClone,
    /// An option that is wrong by itself: with its first word.
    Option(&'static str, &'static str),
    KeptReference,
    KeptPattern,
    NotAsync,
    LentSelf,
    LentArgument,
    LentArgumentOfTwo,
    MovedSelf,
    CannotHold,
    CannotFail,
}

const fn refusal(mistake: Mistake, says: &'static [&'static str]) -> Refusal {
    Refusal { mistake, says }
}

/// Of the type itself, or of one in it.
const NOT_CLONE: &[&str] = &["can't be restarted", "Clone` is not satisfied"];

#[rustfmt::skip]
pub const REFUSALS: &[Refusal] = &[
    refusal(Mistake::NotClone, NOT_CLONE),
    refusal(Mistake::Option("backoff", "backoff = \"1s\""), &["there is nothing to wait for"]),
    refusal(Mistake::KeptReference, &["leave `#[keep]` out"]),
    refusal(Mistake::NotClone, NOT_CLONE),
    refusal(Mistake::LentSelf, &["which the next run needs again"]),
    refusal(Mistake::Option("restrat", "restrat = true"), &["did you mean `restart`?"]),
    refusal(Mistake::CannotHold, &["can't hold the last panic of this worker"]),
    refusal(Mistake::LentArgument, &["which the next run needs again"]),
    refusal(Mistake::NotClone, NOT_CLONE),
    refusal(Mistake::KeptPattern, &["take it apart in the body"]),
    refusal(Mistake::NotAsync, &["needs an `async fn`"]),
    refusal(Mistake::MovedSelf, &["`&mut self` can't be moved"]),
    refusal(Mistake::CannotFail, &["`give_up_if` decides on an `Err`"]),
    refusal(Mistake::LentArgumentOfTwo, &["which the next run needs again"]),
    refusal(Mistake::Option("max_restarts", "max_restarts = 5"), &["there is nothing to count"]),
];

impl Refusal {
    /// Whether the compiler's types find it, and not the macro.
    pub fn is_of_types(&self) -> bool {
        matches!(
            self.mistake,
            Mistake::NotClone | Mistake::CannotHold | Mistake::CannotFail
        )
    }

    /// Whether this is the message for it.
    pub fn says(&self, message: &str) -> bool {
        self.says.iter().any(|says| message.contains(says))
    }

    /// Before the function is drawn: options that go with the mistake.
    pub fn prepare(&self, options: &mut Options, rng: &mut Rng) {
        let restarts = rng.bool().then_some("true");
        *options = Options {
            restart: match self.mistake {
                Mistake::Option("backoff" | "max_restarts", _)
                | Mistake::NotAsync
                | Mistake::CannotHold => None,
                Mistake::Option(..) | Mistake::KeptReference | Mistake::KeptPattern => restarts,
                _ => Some("true"),
            },
            ..Options::default()
        };
    }

    /// Makes the mistake.
    pub fn spoil(&self, case: &mut Case) {
        match self.mistake {
            Mistake::NotClone => {
                let number = case.number as usize / 8;
                let once = ARGUMENTS.iter().filter(|argument| argument.once.is_some());
                case.arguments
                    .extend(once.cycle().nth(number).map(|once| ("lone".into(), *once)));
            }
            Mistake::Option(_, text) => case.options.mistake = Some(text),
            Mistake::KeptReference => {
                // One more reference that the output could be elided from.
                case.is_named |= case.output.borrows == Borrows::Argument;
                add(case, "#[keep] ", "kept", "&~ mut Grown");
            }
            Mistake::KeptPattern => add(case, "#[keep] ", "(kept, _)", "(u32, u32)"),
            Mistake::NotAsync => case.waits = false,
            Mistake::LentSelf | Mistake::MovedSelf => lend_self(case, self.mistake),
            Mistake::LentArgument | Mistake::LentArgumentOfTwo => lend_argument(case, self.mistake),
            Mistake::CannotHold => {
                case.output = output("Option<u32>");
                case.options.on_give_up = Some("return");
            }
            Mistake::CannotFail => {
                case.output = output("u8");
                case.options.give_up_if = Some("give_up");
            }
        }
        if self.mistake == Mistake::NotAsync {
            case.statement = "";
            case.output = output("u8");
            let waits = |argument: &Argument| argument.seen.contains("await");
            case.arguments.retain(|(_, argument)| !waits(argument));
        }
    }

    /// The text that the error has to point at.
    pub fn place(&self, case: &Case) -> String {
        match self.mistake {
            Mistake::NotClone => {
                let index = case.arguments.len() - 1;
                let (name, argument) = &case.arguments[index];
                let place = argument.once.unwrap_or_default();
                place.replace('$', name).replace('%', &format!("T{index}"))
            }
            Mistake::Option(word, _) => word.into(),
            Mistake::KeptReference | Mistake::KeptPattern => "#[keep]".into(),
            Mistake::NotAsync => "fn".into(),
            Mistake::MovedSelf => "self".into(),
            Mistake::LentSelf | Mistake::LentArgument | Mistake::LentArgumentOfTwo => "&".into(),
            Mistake::CannotHold => "Option".into(),
            Mistake::CannotFail => "give_up".into(),
        }
    }
}

fn output(ty: &str) -> Output {
    *OUTPUTS
        .iter()
        .find(|output| output.ty == ty)
        .expect("one of that type")
}

fn add(case: &mut Case, attributes: &'static str, pattern: &'static str, ty: &'static str) {
    let mut argument = ARGUMENTS[0];
    let is_reference = ty.starts_with('&');
    argument.attributes = attributes;
    argument.pattern = pattern;
    argument.ty = ty;
    argument.seen = if is_reference {
        "let _ = kept.grow();"
    } else {
        "let _ = kept;"
    };
    argument.given = if is_reference { "Grown(0)" } else { "(7, 8)" };
    argument.passed = if is_reference { "&mut @" } else { "@" };
    case.arguments.push(("kept".into(), argument));
}

/// A `&mut self` that is moved, or borrowed by the output.
fn lend_self(case: &mut Case, mistake: Mistake) {
    case.position = Position::Inherent;
    case.shape = Shape::Plain;
    case.receiver = RECEIVERS.iter().copied().find(Receiver::lends_mut);
    if mistake == Mistake::MovedSelf {
        case.statement = "let this = self; let _ = this;";
        case.output = output("u8");
    } else {
        case.output = Output {
            ty: "&~ mut Grown",
            value: "&mut self.state.grown",
            borrows: Borrows::Receiver,
            is_right: "value.0 > 0",
            ..output("u8")
        };
    }
}

/// An output that borrows from a `&mut` argument.
fn lend_argument(case: &mut Case, mistake: Mistake) {
    case.position = Position::Free;
    case.receiver = None;
    case.is_named = false;
    case.arguments.clear();
    if mistake == Mistake::LentArgumentOfTwo {
        let number = ARGUMENTS.iter().find(|argument| argument.ty == "u32");
        case.arguments
            .extend(number.map(|number| ("number".into(), *number)));
    }
    add(case, "", "kept", "&~ mut Grown");
    case.output = Output {
        ty: "&~ mut Grown",
        value: "kept",
        borrows: Borrows::Argument,
        is_right: "value.0 > 0",
        ..output("u8")
    };
}
