//! The module of one function: its types, itself, and a check that calls it.

use super::case::Case;
use super::output::Borrows;
use super::plan::End;
use super::position::Position;
use super::refusal::Mistake;
use super::signature::{head, parameters_declared};
use super::text::{Form, function, state};

/// The module's text. It ends with a line break.
pub fn module(case: &Case, form: Form) -> String {
    let number = case.number;
    let copies = u32::from(case.options.restarts());
    let items = items(case, form);
    let check = check(case, form);
    format!(
        "#[allow(dead_code)]\nmod case_{number} {{\nuse generated::prelude::*;\n\
         static RUNS: Runs = Runs::new();\nconst COPIES: u32 = {copies};\n{}\n{items}\n{check}\n}}\n",
        judges(case)
    )
}

/// What `give_up_if` may name.
fn judges(case: &Case) -> String {
    if case.options.give_up_if.is_none() {
        return String::new();
    }
    let ty = case.output.error.map_or("u8", |error| error.ty);
    let (runs, question) = (case.plan.0.len(), format!("fn give_up(_: &{ty}) -> bool"));
    format!(
        "{question} {{ RUNS.count() >= {runs} }}\n\
         struct Judge<T>(T);\nimpl<T> Judge<T> {{ {question} {{ give_up_now() }} }}\n\
         fn give_up_now() -> bool {{ RUNS.count() >= {runs} }}"
    )
}

fn items(case: &Case, form: Form) -> String {
    let function = function(case, form);
    let (generics, ty) = case.shape.generics();
    let derive = if case.copies_self() {
        "#[derive(Clone)]"
    } else {
        ""
    };
    let definition = format!("{derive}\nstruct {}", case.shape.definition());
    let trait_attribute = match (case.position.is_async_trait(), case.is_send()) {
        (false, _) => "",
        (true, true) => "#[async_trait::async_trait]",
        (true, false) => "#[async_trait::async_trait(?Send)]",
    };
    match case.position {
        Position::Free | Position::ByHand | Position::Macro => function,
        Position::InFunction => String::new(),
        Position::Inherent | Position::ByHandMethod => {
            format!("{definition}\nimpl{generics} {ty} {{\n{function}\n}}")
        }
        Position::TraitImpl | Position::AsyncTraitImpl => format!(
            "{definition}\n{trait_attribute}\ntrait Work {{ {}; }}\n\
             {trait_attribute}\nimpl{generics} Work for {ty} {{\n{function}\n}}",
            head(case, &parameters_declared(case))
        ),
        Position::TraitDefault | Position::AsyncTraitDefault => format!(
            "{definition}\nimpl{generics} HasState for {ty} {{\n\
             fn state(&self) -> &State {{ &self.state }}\n\
             fn state_mut(&mut self) -> &mut State {{ &mut self.state }}\n}}\n\
             {trait_attribute}\ntrait Work: HasState + Sized{} {{\n{function}\n}}\n\
             impl{generics} Work for {ty} {{}}",
            supertraits(case)
        ),
    }
}

fn supertraits(case: &Case) -> String {
    let clone = if case.copies_self() { " + Clone" } else { "" };
    let send = if case.position.is_async_trait() {
        " + Send + Sync"
    } else {
        ""
    };
    format!("{clone}{send}")
}

fn check(case: &Case, form: Form) -> String {
    let mistake = case.refusal.map(|refusal| refusal.mistake);
    if mistake == Some(Mistake::NotAsync) {
        return String::new();
    }
    let mut lines = vec!["pub async fn check() {".to_owned()];
    if case.position == Position::InFunction {
        lines.push(function(case, form));
    }
    lines.extend(given(case));
    let call = format!("{}({})", path(case), passed(case));
    let call = if case.is_send() {
        format!("send({call})")
    } else {
        call
    };
    lines.push(format!("match caught({call}).await {{ {} }}", result(case)));
    lines.push(format!(
        "saw(RUNS.count() == {}, \"as many runs as planned\");",
        case.plan.0.len()
    ));
    lines.extend(left(case));
    lines.extend(case.options.name.as_ref().map(|name| {
        format!("saw(starts({name:?}) == u64::from(RUNS.count()), \"each run is counted\");")
    }));
    lines.push("}".into());
    lines.join("\n")
}

fn given(case: &Case) -> Vec<String> {
    let service = case.receiver.map(|receiver| {
        let mutability = if receiver.passed.contains("&mut") {
            "mut "
        } else {
            ""
        };
        format!("let {mutability}service = {};", case.shape.concrete().1)
    });
    let arguments = case
        .arguments
        .iter()
        .enumerate()
        .map(|(index, (_, argument))| {
            let mutability = if argument.passed.contains("&mut @") {
                "mut "
            } else {
                ""
            };
            format!("let {mutability}given{index} = {};", argument.given)
        });
    service.into_iter().chain(arguments).collect()
}

fn path(case: &Case) -> String {
    let (ty, _) = case.shape.concrete();
    match (case.position.is_method(), case.position.is_of_a_trait()) {
        (false, _) => "work".into(),
        (true, false) => format!("<{ty}>::work"),
        (true, true) => format!("<{ty} as Work>::work"),
    }
}

fn passed(case: &Case) -> String {
    let receiver = case.receiver.map(|receiver| receiver.passed.to_owned());
    let arguments = case.arguments.iter().enumerate();
    let arguments = arguments.filter(|(_, (_, argument))| !argument.passed.is_empty());
    let arguments = arguments.map(|(index, (_, argument))| at(argument.passed, index));
    receiver
        .into_iter()
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(", ")
}

/// The arms that look at what the caller gets.
fn result(case: &Case) -> String {
    let end = case.plan.last();
    let no_panic = "Err(_) => saw(false, \"a panic came through\"),";
    let value = |is_right: &str, what: &str| {
        format!(
            "Ok(value) => saw({}, \"{what}\"), {no_panic}",
            state(case, is_right)
        )
    };
    match case.output.error {
        Some(error) if end.is_error() => value(error.is_it, "the caller has the last error"),
        _ if end.is_panic() => held(case).map_or_else(
            || "Ok(_) => saw(false, \"the panic was to go on\"), Err(panic) => saw(is_ours(&*panic), \"the panic itself\"),".into(),
            |holds| value(holds, "the caller is told of the panic"),
        ),
        _ => value(case.output.is_right, "the caller has the value"),
    }
}

fn held(case: &Case) -> Option<&'static str> {
    let resumes = case.options.on_give_up == Some("panic");
    case.output.holds.filter(|_| !resumes)
}

fn left(case: &Case) -> Vec<String> {
    let question =
        |question: String| format!("saw({question}, \"the caller sees what was written\");");
    // A body that ends before it looks at `self` leaves it alone.
    let receiver = case.receiver.filter(|receiver| !receiver.left.is_empty());
    let receiver = receiver.map(|receiver| question(receiver.left.into()));
    let arguments = case.arguments.iter().enumerate();
    let arguments = arguments.filter(|(_, (_, argument))| !argument.left.is_empty());
    let arguments = arguments.map(|(index, (_, argument))| question(at(argument.left, index)));
    receiver.into_iter().chain(arguments).collect()
}

fn at(text: &str, index: usize) -> String {
    text.replace('@', &format!("given{index}"))
}

/// Whether the check is the crate's to call.
pub fn is_called(case: &Case) -> bool {
    case.refusal.is_none()
}

/// For the error messages: how the function was to end, in short.
pub fn story(case: &Case) -> String {
    let borrows = match case.output.borrows {
        Borrows::Nothing => "",
        Borrows::Receiver => ", borrowing from self",
        Borrows::Argument => ", borrowing from an argument",
    };
    let ends = case.plan.0.iter().map(|end| match end {
        End::Value => "a value",
        End::Return => "a return",
        End::PanicFirst => "a panic before the first await",
        End::Panic => "a panic",
        End::Question => "an error by `?`",
        End::Error => "an error",
    });
    format!("{}{borrows}", ends.collect::<Vec<_>>().join(", then "))
}
