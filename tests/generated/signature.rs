//! The text of one signature.

use super::argument::Argument;
use super::case::Case;
use super::output::Borrows;
use super::refusal::Mistake;
use super::text::Form;

/// From `async` to before the body.
pub fn head(case: &Case, parameters: &str) -> String {
    let (generics, bounds) = generics(case);
    let output = output(case);
    let returns = if output.is_empty() { "" } else { "-> " };
    let (word, output) = match (case.position.is_by_hand(), mistake(case)) {
        (true, _) => {
            let output = if output.is_empty() { "()" } else { &output };
            ("", format!("-> impl Future<Output = {output}>"))
        }
        (false, Some(Mistake::NotAsync)) => ("", format!("{returns}{output}")),
        (false, _) => ("async ", format!("{returns}{output}")),
    };
    format!("{word}fn work{generics}({parameters}) {output} {bounds}")
}

fn mistake(case: &Case) -> Option<Mistake> {
    case.refusal.map(|refusal| refusal.mistake)
}

/// All parameters, as the trait declares them without `pattern`s.
pub fn parameters_declared(case: &Case) -> String {
    let receiver = case.receiver.map(|receiver| {
        let text = receiver.plain.trim_start_matches("mut ");
        lifetime(text, case, "s")
    });
    let arguments = case
        .arguments
        .iter()
        .enumerate()
        .map(|(index, (_, argument))| {
            let attributes = argument.attributes.replace("#[keep] ", "");
            let attributes = if attributes.contains("cfg") {
                attributes
            } else {
                String::new()
            };
            format!("{attributes}_: {}", fill(argument.ty, case, index))
        });
    receiver
        .into_iter()
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(", ")
}

/// All parameters, as the function has them.
pub fn parameters(case: &Case, form: Form) -> String {
    let receiver = case.receiver.map(|receiver| {
        let text = match form {
            Form::Supervised => receiver.text,
            Form::Plain => receiver.plain,
        };
        lifetime(text, case, "s")
    });
    let arguments = case.arguments.iter().enumerate();
    let arguments =
        arguments.map(|(index, (name, argument))| parameter(case, form, index, name, argument));
    receiver
        .into_iter()
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(", ")
}

fn parameter(case: &Case, form: Form, index: usize, name: &str, argument: &Argument) -> String {
    let pattern = named(argument.pattern, name);
    let ty = fill(argument.ty, case, index);
    let (attributes, pattern) = match form {
        Form::Supervised => (argument.attributes.into(), pattern),
        Form::Plain => {
            let lent = argument.is_kept && !pattern.starts_with("mut ");
            let mutability = if lent { "mut " } else { "" };
            (
                argument.attributes.replace("#[keep] ", ""),
                format!("{mutability}{pattern}"),
            )
        }
    };
    format!("{attributes}{pattern}: {ty}")
}

/// The parameters in `<>`, and the `where` clause.
fn generics(case: &Case) -> (String, String) {
    let (mut lifetimes, mut types, mut bounds) = (Vec::new(), Vec::new(), Vec::new());
    if case.is_named
        && case
            .receiver
            .is_some_and(|receiver| receiver.text.contains('~'))
    {
        lifetimes.push("'s".into());
    }
    for (index, (_, argument)) in case.arguments.iter().enumerate() {
        if case.is_named && argument.ty.contains('~') {
            lifetimes.push(format!("'p{index}"));
        }
        let generic = fill(argument.generic, case, index);
        if argument.is_where {
            types.push(format!("T{index}"));
            bounds.push(generic);
        } else if !generic.is_empty() {
            types.push(generic);
        }
    }
    types.sort_by_key(|generic| generic.starts_with("const"));
    let all = [lifetimes, types].concat().join(", ");
    let generics = if all.is_empty() {
        all
    } else {
        format!("<{all}>")
    };
    let bounds = if bounds.is_empty() {
        String::new()
    } else {
        format!("where {}", bounds.join(", "))
    };
    (generics, bounds)
}

fn output(case: &Case) -> String {
    let source = if case.output.borrows == Borrows::Receiver {
        "s".into()
    } else {
        let mut names = case.arguments.iter().map(|(name, _)| name.as_str());
        let source = names.position(|name| name == "source");
        format!("p{}", source.unwrap_or_default())
    };
    lifetime(case.output.ty, case, &source)
}

/// A text about an argument, with its name.
pub fn named(text: &str, name: &str) -> String {
    text.replace('$', name)
        .replace('¤', name.trim_start_matches("r#"))
}

/// A text about an argument, with what is generic of it.
pub fn fill_constant(text: &str, index: usize) -> String {
    text.replace('%', &format!("T{index}"))
}

/// The same of a type, with its lifetimes.
pub fn fill(text: &str, case: &Case, index: usize) -> String {
    lifetime(&fill_constant(text, index), case, &format!("p{index}"))
}

fn lifetime(text: &str, case: &Case, name: &str) -> String {
    if case.is_named {
        text.replace("&~", &format!("&'{name}"))
    } else {
        text.replace("&~ ", "&")
    }
}
