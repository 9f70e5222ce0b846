//! One function, drawn by chance: which kinds it is made of.

use fastrand::Rng;

use super::argument::{ARGUMENTS, Argument};
use super::output::{Borrows, OUTPUTS, Output};
use super::plan::{Options, Plan};
use super::position::{POSITIONS, Position, Shape};
use super::receiver::{RECEIVERS, Receiver};
use super::refusal::{REFUSALS, Refusal};

/// Names for arguments: also ones that the expansion uses itself.
const NAMES: [&str; 20] = [
    "job",
    "call",
    "copy",
    "body",
    "copies",
    "probe",
    "value",
    "judge",
    "__arg0",
    "__arg1",
    "__self",
    "copy0",
    "r#type",
    "r#loop",
    "result",
    "run",
    "supervise",
    "future",
    "service",
    "r#async",
];

#[rustfmt::skip]
const STATEMENTS: [&str; 13] = [
    "",
    r#"static META: u32 = 3; saw(META == 3, "an item of the body");"#,
    r#"{ let call = 1; let copy = call; let value = copy; saw(value == 1, "the body's names"); }"#,
    r#"{ use std::collections::HashMap as __supervise; saw(__supervise::<u8, u8>::new().is_empty(), "an import"); }"#,
    r#"macro_rules! three { () => { 3 } } saw(three!() == 3, "a macro of the body");"#,
    r#"let plus = move |n: u32| n + 1; saw(plus(1) == 2, "a closure");"#,
    r#"let block = async move { 5 }; saw(block.await == 5, "a block");"#,
    r#"let four = 'outer: loop { loop { break 'outer 4; } }; saw(four == 4, "a loop");"#,
    r#"let text = { let one = 1; format!("{one}") }; saw(text == "1", "a format string");"#,
    r#"fn helper(n: u32) -> u32 { n } saw(helper(1) == 1, "a function of the body");"#,
    r#"struct Local(u32); impl Local { fn new() -> Self { Self(2) } } saw(Local::new().0 == 2, "a type of the body");"#,
    "for n in 0..3 { if n == 1 { continue; } yield_now().await; }",
    r#"let closed = async || 6; saw(closed().await == 6, "an async closure");"#,
];

const ATTRIBUTES: [&str; 8] = [
    "",
    "/// In words.",
    "#[allow(clippy::unused_async)]",
    "#[inline]",
    "#[cfg(all())]",
    "#[must_use]",
    "#[cfg_attr(all(), allow(unused_variables))]",
    "#[allow(unused_mut)]",
];

pub struct Case {
    pub number: u32,
    pub position: Position,
    pub shape: Shape,
    pub receiver: Option<Receiver>,
    pub arguments: Vec<(String, Argument)>,
    pub output: Output,
    pub options: Options,
    pub plan: Plan,
    /// Whether elided lifetimes have names.
    pub is_named: bool,
    /// Attributes above `#[supervised]` and below.
    pub attributes: [&'static str; 2],
    pub has_inner_attribute: bool,
    pub waits: bool,
    pub statement: &'static str,
    pub refusal: Option<&'static Refusal>,
}

impl Case {
    /// Every kind has its turn; what it meets is chance.
    pub fn draw(seed: u64, number: u32) -> Self {
        let mut rng = Rng::with_seed(seed ^ (u64::from(number) << 32));
        let turn = number as usize;
        let refusal = (turn % 8 == 7).then(|| &REFUSALS[turn / 8 % REFUSALS.len()]);
        let mut case = Self {
            number,
            position: POSITIONS[turn % POSITIONS.len()],
            shape: one(
                &mut rng,
                &[Shape::Plain, Shape::Plain, Shape::Generic, Shape::Borrowing],
            ),
            receiver: None,
            arguments: Vec::new(),
            output: OUTPUTS[rng.usize(..OUTPUTS.len())],
            options: Options::draw(&mut rng, number),
            plan: Plan::default(),
            is_named: rng.u8(..3) == 0,
            attributes: [one(&mut rng, &ATTRIBUTES), one(&mut rng, &ATTRIBUTES)],
            has_inner_attribute: rng.u8(..12) == 0,
            waits: rng.u8(..4) > 0,
            statement: one(&mut rng, &STATEMENTS),
            refusal,
        };
        if let Some(refusal) = refusal {
            case.position = one(&mut rng, &[Position::Free, Position::Inherent]);
            refusal.prepare(&mut case.options, &mut rng);
        }
        // A block has none.
        case.has_inner_attribute &= case.position.has_a_body_of_its_own();
        case.draw_receiver(&mut rng);
        case.draw_arguments(&mut rng, turn);
        case.draw_output(&mut rng);
        if let Some(refusal) = refusal {
            refusal.spoil(&mut case);
        }
        case.plan = Plan::draw(&mut rng, &mut case.options, &case.output);
        case
    }

    fn draw_receiver(&mut self, rng: &mut Rng) {
        let fits = |receiver: &&Receiver| {
            (receiver.once.is_none() || !self.options.restarts())
                && (receiver.once.is_none() || !self.position.is_default())
        };
        let fitting: Vec<&Receiver> = RECEIVERS.iter().filter(fits).collect();
        if self.position.is_method() && rng.u8(..6) > 0 {
            self.receiver = rng.choice(fitting).copied();
        }
    }

    fn draw_arguments(&mut self, rng: &mut Rng, turn: usize) {
        let mut names: Vec<&str> = NAMES.to_vec();
        // `#[async_trait]` uses some of these itself, without hygiene.
        names.retain(|name| !(self.position.is_async_trait() && name.starts_with("__")));
        rng.shuffle(&mut names);
        let first = turn % ARGUMENTS.len();
        let more = (0..rng.usize(..4)).map(|_| rng.usize(..ARGUMENTS.len()));
        let kinds: Vec<usize> = std::iter::once(first).chain(more).collect();
        for (kind, name) in kinds.into_iter().zip(names) {
            let argument = ARGUMENTS[kind];
            if self.fits(&argument) {
                self.arguments.push((name.into(), argument));
            }
        }
    }

    fn fits(&self, argument: &Argument) -> bool {
        (argument.once.is_none() || !self.options.restarts())
            // They would borrow from the function, which returns at once.
            && !(self.position.is_by_hand() && argument.binds_by_reference())
            && (self.position != Position::Macro
                || (argument.is_plain_name() && argument.generic.is_empty()))
    }

    fn draw_output(&mut self, rng: &mut Rng) {
        while !self.output_fits() {
            self.output = OUTPUTS[rng.usize(..OUTPUTS.len())];
        }
        if self.position == Position::Macro {
            self.is_named = false;
        }
        if self.output.borrows == Borrows::Argument {
            let source = ARGUMENTS.iter().find(|argument| argument.ty == "&~ Shared");
            let is_sole = self.receiver.is_none()
                && !self
                    .arguments
                    .iter()
                    .any(|(_, argument)| argument.borrows());
            self.is_named |= !is_sole;
            let source = source.copied().map(|source| ("source".into(), source));
            self.arguments.extend(source);
        }
    }

    fn output_fits(&self) -> bool {
        let lends = self.receiver.is_some_and(|receiver| receiver.lends());
        let is_async_trait = self.position.is_async_trait();
        match self.output.borrows {
            Borrows::Nothing => {
                let is_opaque = is_async_trait && self.output.is_opaque();
                let is_coerced = self.position.is_by_hand() && self.output.is_coerced();
                !is_opaque && !is_coerced
            }
            Borrows::Receiver => lends && self.position != Position::Macro,
            Borrows::Argument => self.position != Position::Macro,
        }
    }

    /// Whether the future can be sent.
    pub fn is_send(&self) -> bool {
        self.output.is_send
            && self.receiver.is_none_or(|receiver| receiver.is_send)
            && self.arguments.iter().all(|(_, argument)| argument.is_send)
    }

    pub fn copies_self(&self) -> bool {
        self.options.restarts() && self.receiver.is_some_and(|receiver| receiver.is_copied)
    }

    /// An async closure is known from Rust 1.85 on, in every edition; the
    /// capture rules of `impl Future` changed in 2024.
    pub fn edition(&self) -> u32 {
        if self.position.is_by_hand() || self.refusal.is_some() || self.number / 2 % 2 == 0 {
            2024
        } else {
            2021
        }
    }
}

fn one<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())]
}
