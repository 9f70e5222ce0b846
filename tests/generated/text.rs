//! The text of one function.

use super::argument::Argument;
use super::case::Case;
use super::plan::End;
use super::position::Position;
use super::signature::{fill, fill_constant, head, named, parameters};

/// With the attribute, or as the user would write it without: line for line
/// the same, so that what the compiler says of one can be looked for in what
/// it says of the other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Supervised,
    Plain,
}

/// The function with its attributes.
pub fn function(case: &Case, form: Form) -> String {
    let [above, below] = case.attributes;
    let supervised = match form {
        Form::Supervised => format!("#[supervised({})]", case.options.text()),
        Form::Plain => String::new(),
    };
    let body = body(case, form);
    if case.position == Position::Macro {
        return from_a_macro(case, [above, &supervised, below], &body);
    }
    let head = head(case, &parameters(case, form));
    let body = if case.position.is_by_hand() {
        format!("{{\nasync move {body}\n}}")
    } else {
        body
    };
    format!("{above}\n{supervised}\n{below}\n{head}\n{body}")
}

/// The macro gets the types as fragments, and so does the attribute.
fn from_a_macro(case: &Case, attributes: [&str; 3], body: &str) -> String {
    let arguments: Vec<_> = case.arguments.iter().enumerate().collect();
    let parameters = arguments
        .iter()
        .map(|(index, (name, argument))| format!("{name}: {}", fill(argument.ty, case, *index)));
    let parameters: Vec<_> = parameters.collect();
    let output = match case.output.ty {
        "" => "()",
        ty => ty,
    };
    format!(
        "macro_rules! worker {{ ($name:ident ($($arg:ident: $ty:ty),*) -> $out:ty $body:block) => {{\n\
         {}\nasync fn $name($($arg: $ty),*) -> $out $body\n}} }}\nworker!(work ({}) -> {output} {body});",
        attributes.join("\n"),
        parameters.join(", "),
    )
}

/// The body, in its braces.
pub fn body(case: &Case, form: Form) -> String {
    let panics_first = case.plan.0.contains(&End::PanicFirst);
    let seen = |is_first: bool| {
        let arguments = case.arguments.iter().enumerate();
        let arguments =
            arguments.filter(move |(index, _)| (index % 2 == 0 || panics_first) == is_first);
        arguments
            .map(|(index, (name, argument))| named(&fill_constant(argument.seen, index), name))
            .collect::<Vec<_>>()
    };
    let mut lines = Vec::new();
    lines.push(if case.has_inner_attribute {
        "#![allow(unused_variables)]".into()
    } else {
        String::new()
    });
    lines.extend(
        case.arguments
            .iter()
            .map(|(name, argument)| lend(form, name, argument)),
    );
    lines.push("let this_run = RUNS.next();".into());
    let receiver = case.receiver.map(|receiver| state(case, receiver.seen));
    let (before, after) = if panics_first {
        (receiver, None)
    } else {
        (None, receiver)
    };
    lines.push(before.unwrap_or_default());
    lines.extend(seen(true));
    lines.push(panics_before_waiting(case));
    lines.push(if case.waits {
        "yield_now().await;".into()
    } else {
        String::new()
    });
    lines.extend(seen(false));
    lines.push(after.unwrap_or_default());
    lines.push(case.statement.into());
    lines.push(end(case));
    lines.push(state(case, case.output.value));
    format!("{{\n{}\n}}", lines.join("\n"))
}

/// What is kept is lent; without the attribute the body does that.
fn lend(form: Form, name: &str, argument: &Argument) -> String {
    if form == Form::Plain && argument.is_kept {
        format!("let {name} = &mut {name};")
    } else {
        String::new()
    }
}

fn panics_before_waiting(case: &Case) -> String {
    let runs = case
        .plan
        .0
        .iter()
        .zip(1..)
        .filter(|(end, _)| **end == End::PanicFirst);
    let runs: Vec<_> = runs.map(|(_, run)| format!("this_run == {run}")).collect();
    match runs.join(" || ") {
        runs if runs.is_empty() => runs,
        runs => format!("if {runs} {{ panic!(\"run {{this_run}}\"); }}"),
    }
}

fn end(case: &Case) -> String {
    let error = case.output.error;
    let arms = case
        .plan
        .0
        .iter()
        .zip(1..)
        .map(|(end, run)| match (end, error) {
            (End::Panic, _) => format!("{run} => panic!(\"run {{this_run}}\"),"),
            (End::Return, _) => format!("{run} => return {},", state(case, case.output.value)),
            (End::Question, Some(error)) => format!("{run} => Err::<(), _>({})?,", error.question),
            (End::Error, Some(error)) => format!("{run} => return Err({}),", error.error),
            _ => String::new(),
        });
    let arms: Vec<_> = arms.collect();
    let runs = case.plan.0.len();
    format!(
        "match this_run {{ {} _ => saw(this_run == {runs}, \"no more runs than planned\"), }}",
        arms.concat()
    )
}

/// How the position gets at what `self` has.
pub fn state(case: &Case, text: &str) -> String {
    let is_default = case.position.is_default();
    let (shared, exclusive) = if is_default {
        (".state()", ".state_mut()")
    } else {
        (".state", ".state")
    };
    text.replace(".S", shared).replace(".M", exclusive)
}
