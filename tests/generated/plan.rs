//! The options of a function, and how its runs end.

use fastrand::Rng;

use super::output::Output;

#[derive(Clone, Default)]
pub struct Options {
    pub restart: Option<&'static str>,
    pub name: Option<String>,
    pub on_give_up: Option<&'static str>,
    pub give_up_if: Option<&'static str>,
    pub krate: Option<&'static str>,
    /// Those that leave the runs as they are.
    pub others: Vec<&'static str>,
    /// `restart` and what goes with it as the value of one expression.
    pub as_policy: bool,
    /// Written as it is: a mistake.
    pub mistake: Option<&'static str>,
}

impl Options {
    pub fn draw(rng: &mut Rng, number: u32) -> Self {
        let restart = match rng.u8(..8) {
            0 => None,
            1 => Some("false"),
            2 => Some("\"never\""),
            3 => Some("\"on_panic\""),
            4 => Some("\"on_failure\""),
            _ => Some("true"),
        };
        let krate = match rng.u8(..6) {
            0 => Some("::supervise"),
            1 => Some("crate::reexports::supervise"),
            _ => None,
        };
        let restarts = restart.is_some_and(|restart| !NEVER.contains(&restart));
        let mut others = Vec::new();
        for (option, needs_restart) in OTHERS {
            let name = option.split(' ').next();
            let is_new = others
                .iter()
                .all(|other: &&str| other.split(' ').next() != name);
            if rng.u8(..5) == 0 && is_new && (restarts || !needs_restart) {
                others.push(option);
            }
        }
        Self {
            restart,
            others,
            as_policy: restarts && restart != Some("\"on_panic\"") && rng.u8(..5) == 0,
            name: rng.bool().then(|| format!("case {number}")),
            krate,
            ..Self::default()
        }
    }

    pub fn restarts(&self) -> bool {
        self.restart
            .is_some_and(|restart| !NEVER.contains(&restart))
    }

    fn restarts_after_errors(&self) -> bool {
        self.restarts() && self.restart != Some("\"on_panic\"")
    }

    /// What stands in the parentheses.
    pub fn text(&self) -> String {
        let mut options = Vec::new();
        options.extend(self.name.as_ref().map(|name| format!("name = \"{name}\"")));
        if self.as_policy {
            options.push("policy = RUN_AGAIN".into());
        } else {
            options.extend(self.restart.map(|restart| format!("restart = {restart}")));
            options.extend(self.restarts().then(|| "backoff = \"0s\"".into()));
            options.extend(self.others.iter().copied().map(String::from));
        }
        options.extend(self.give_up_if.map(|path| format!("give_up_if = {path}")));
        options.extend(
            self.on_give_up
                .map(|word| format!("on_give_up = \"{word}\"")),
        );
        options.extend(self.krate.map(|path| format!("crate = {path}")));
        options.extend(self.mistake.map(String::from));
        options.join(", ")
    }
}

const NEVER: [&str; 2] = ["false", "\"never\""];

/// An option, and whether it makes no sense without a restart.
const OTHERS: [(&str, bool); 5] = [
    ("timeout = \"1h\"", false),
    ("critical = true", false),
    ("healthy_after = \"1m\"", true),
    ("max_restarts = 9", true),
    ("max_restarts = \"9 in 1h\"", true),
];

/// How a run ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    Value,
    /// A value, by `return`.
    Return,
    /// A panic before the first await.
    PanicFirst,
    Panic,
    /// An error by `?`, or by `return`.
    Question,
    Error,
}

impl End {
    pub fn is_panic(self) -> bool {
        matches!(self, Self::PanicFirst | Self::Panic)
    }

    pub fn is_error(self) -> bool {
        matches!(self, Self::Question | Self::Error)
    }
}

/// How all runs end, the last one last.
#[derive(Clone, Default)]
pub struct Plan(pub Vec<End>);

impl Plan {
    pub fn draw(rng: &mut Rng, options: &mut Options, output: &Output) -> Self {
        let fails = output.error.is_some();
        let mut ends = Vec::new();
        if options.restarts() {
            let by_error = fails && options.restarts_after_errors();
            ends.extend((0..rng.u8(1..4)).map(|_| failure(rng, by_error, true)));
        }
        ends.push(last(rng, options, fails));
        if options.on_give_up.is_none() && rng.u8(..4) == 0 {
            // The other word would be an error for most outputs.
            let can_return = output.holds.is_some() && rng.bool();
            options.on_give_up = Some(if can_return { "return" } else { "panic" });
        }
        Self(ends)
    }

    pub fn last(&self) -> End {
        self.0.last().copied().unwrap_or(End::Value)
    }
}

fn failure(rng: &mut Rng, by_error: bool, by_panic: bool) -> End {
    let panics = [End::PanicFirst, End::Panic];
    let errors = [End::Question, End::Error];
    if by_panic && !(by_error && rng.bool()) {
        panics[rng.usize(..2)]
    } else {
        errors[rng.usize(..2)]
    }
}

fn last(rng: &mut Rng, options: &mut Options, fails: bool) -> End {
    match rng.u8(..4) {
        0 if options.restarts_after_errors() && fails => {
            let paths = ["give_up", "self::give_up", "Judge::<u8>::give_up"];
            options.give_up_if = Some(paths[rng.usize(..3)]);
            failure(rng, true, false)
        }
        0 | 1 if !options.restarts() => failure(rng, fails, true),
        0 if options.restart == Some("\"on_panic\"") && fails => failure(rng, true, false),
        2 => End::Return,
        _ => End::Value,
    }
}
