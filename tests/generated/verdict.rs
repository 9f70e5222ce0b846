//! Whether what the compiler and the programs say was to be expected.

use std::collections::BTreeSet;

use super::case::Case;
use super::message::Message;
use super::position::Position;
use super::project::Written;
use super::text::{Form, body};

/// Something that is wrong, and with which function.
pub struct Complaint<'a> {
    pub case: Option<&'a Case>,
    pub form: Form,
    pub text: String,
}

impl<'a> Complaint<'a> {
    fn of(message: &Message, written: &Written<'a>, text: &str) -> Self {
        let case = message
            .line
            .and_then(|line| written.find(line))
            .map(|(case, _)| case);
        Self {
            case,
            form: written.program.form,
            text: format!("{text}\n{}", message.rendered),
        }
    }
}

fn about<'m>(messages: &'m [Message], written: &Written<'_>, level: &str) -> Vec<&'m Message> {
    let is_about = |message: &&Message| {
        message.program == written.program.name && message.level.starts_with(level)
    };
    messages.iter().filter(is_about).collect()
}

/// Programs that are right have no errors.
pub fn errors<'a>(messages: &[Message], written: &Written<'a>) -> Vec<Complaint<'a>> {
    let text = match written.program.form {
        Form::Supervised => "an error that nobody has made:",
        Form::Plain => "this test has written something that is wrong without the attribute, too:",
    };
    let errors = about(messages, written, "error");
    errors
        .into_iter()
        .map(|error| Complaint::of(error, written, text))
        .collect()
}

/// The attribute neither adds warnings nor takes any away.
pub fn warnings<'a>(
    messages: &[Message],
    supervised: &Written<'a>,
    plain: &Written<'a>,
) -> Vec<Complaint<'a>> {
    let made = lacking(messages, supervised, plain);
    let made = made
        .into_iter()
        .map(|warning| Complaint::of(warning, supervised, "a warning that the attribute makes:"));
    let taken = lacking(messages, plain, supervised);
    let taken = taken
        .into_iter()
        .filter(|warning| !is_out_of_sight(warning, plain));
    let taken = taken
        .map(|warning| Complaint::of(warning, plain, "a warning that the attribute takes away:"));
    made.chain(taken).collect()
}

/// The warnings of one program that the other has not.
fn lacking<'m>(
    messages: &'m [Message],
    of: &Written<'_>,
    in_other: &Written<'_>,
) -> Vec<&'m Message> {
    let others: BTreeSet<_> = about(messages, in_other, "warning")
        .into_iter()
        .map(|warning| key(warning, in_other))
        .collect();
    let mut warnings = about(messages, of, "warning");
    warnings.retain(|warning| !others.contains(&key(warning, of)));
    warnings
}

/// What is the same of a warning with and without the attribute. A macro's
/// arguments are told of where it is called, or where it is defined.
fn key<'m>(
    message: &'m Message,
    written: &Written<'_>,
) -> (Option<(u32, u64)>, Option<&'m str>, &'m str) {
    let found = message.line.and_then(|line| written.find(line));
    let place = found.map(|(case, line)| {
        let is_macro = case.position == Position::Macro;
        (case.number, if is_macro { 0 } else { line })
    });
    (place, message.code.as_deref(), &message.text)
}

/// Whether an unused argument has the name of something that the body does use:
/// the attribute sees words, not what they stand for.
fn is_out_of_sight(warning: &Message, written: &Written<'_>) -> bool {
    let Some(case) = warning
        .line
        .and_then(|line| written.find(line))
        .map(|(case, _)| case)
    else {
        return false;
    };
    let name = warning.text.split('`').nth(1).unwrap_or_default();
    warning.code.as_deref() == Some("unused_variables")
        && body(case, Form::Plain).contains(name.trim_start_matches("r#"))
}

/// Each function that can't be is refused once, for its mistake and there.
pub fn refusals<'a>(messages: &[Message], written: &Written<'a>) -> Vec<Complaint<'a>> {
    let errors = about(messages, written, "error");
    let mut complaints = Vec::new();
    let mut refused = BTreeSet::new();
    for error in errors {
        let case = error
            .line
            .and_then(|line| written.find(line))
            .map(|(case, _)| case);
        let is_first = case.is_some_and(|case| refused.insert(case.number));
        if !is_first || !case.is_some_and(|case| is_expected(error, case)) {
            complaints.push(Complaint::of(
                error,
                written,
                "another error than expected:",
            ));
        }
    }
    let cases = written.program.cases.iter();
    let missed = cases.filter(|case| !refused.contains(&case.number));
    complaints.extend(missed.map(|case| Complaint {
        case: Some(case),
        form: written.program.form,
        text: "this should have been refused".into(),
    }));
    complaints
}

fn is_expected(error: &Message, case: &Case) -> bool {
    let Some(refusal) = case.refusal else {
        return false;
    };
    let code = refusal.is_of_types().then_some("E0277");
    error.code.as_deref() == code
        && refusal.says(&error.text)
        && error.place.starts_with(&refusal.place(case))
}

/// What a program printed of the functions that it called.
pub fn behaviour<'a>(printed: &str, written: &Written<'a>) -> Vec<Complaint<'a>> {
    let complaint = |line: &str| {
        let number = line
            .strip_prefix("case ")
            .and_then(|rest| rest.split(':').next());
        let number = number.and_then(|number| number.parse().ok());
        Complaint {
            case: written
                .program
                .cases
                .iter()
                .copied()
                .find(|case| Some(case.number) == number),
            form: written.program.form,
            text: line.into(),
        }
    };
    printed.lines().map(complaint).collect()
}
