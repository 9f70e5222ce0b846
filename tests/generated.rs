//! Functions by chance: hundreds of signatures made of every kind of receiver,
//! argument, output and option, compiled and run, or refused with our words.
//!
//! One crate is written for all of them, in the target directory. Each function
//! is there as it is and without the attribute: what the compiler says of the
//! two has to be the same. `SUPERVISE_SEED` draws other functions.

mod generated {
    pub mod argument;
    pub mod case;
    pub mod message;
    pub mod module;
    pub mod output;
    pub mod plan;
    pub mod position;
    pub mod project;
    pub mod receiver;
    pub mod refusal;
    pub mod signature;
    pub mod text;
    pub mod verdict;
}

use generated::case::Case;
use generated::message::{Message, messages};
use generated::module::{module, story};
use generated::project::{self, Program, Written};
use generated::text::Form;
use generated::verdict::{self, Complaint};

const FUNCTIONS: u32 = 560;

/// More would not be read.
const SHOWN: usize = 8;

#[test]
fn every_signature_compiles_and_restarts_or_is_refused_in_our_words() {
    let seed = std::env::var("SUPERVISE_SEED").map_or(0, |seed| seed.parse().expect("a number"));
    let cases: Vec<Case> = (0..FUNCTIONS)
        .map(|number| Case::draw(seed, number))
        .collect();
    let written = project::write(programs(&cases)).expect("a target directory to write to");
    let output = project::compile().expect("cargo");
    let messages = messages(&String::from_utf8_lossy(&output.stdout));
    let complaints = complaints(&messages, &written);
    assert!(
        complaints.is_empty(),
        "SUPERVISE_SEED={seed}\n\n{}",
        shown(&complaints)
    );
}

/// Functions that are right, with and without the attribute in two editions;
/// and ones that are wrong, apart from each other: the compiler does not look
/// at types before macros are right.
fn programs(cases: &[Case]) -> Vec<Program<'_>> {
    let right = |edition: u32| {
        let right = move |case: &&Case| case.refusal.is_none() && case.edition() == edition;
        cases.iter().filter(right).collect()
    };
    let wrong = |of_types: bool| {
        let wrong = move |case: &&Case| {
            case.refusal
                .is_some_and(|refusal| refusal.is_of_types() == of_types)
        };
        cases.iter().filter(wrong).collect()
    };
    let program = |name, form, edition, cases| Program {
        name,
        form,
        edition,
        cases,
        runs: name == "run_2021" || name == "run_2024",
    };
    vec![
        program("run_2021", Form::Supervised, 2021, right(2021)),
        program("run_2024", Form::Supervised, 2024, right(2024)),
        program("plain_2021", Form::Plain, 2021, right(2021)),
        program("plain_2024", Form::Plain, 2024, right(2024)),
        program("refused", Form::Supervised, 2024, wrong(false)),
        program("refused_types", Form::Supervised, 2024, wrong(true)),
        program("plain_refused", Form::Plain, 2024, wrong(false)),
        program("plain_refused_types", Form::Plain, 2024, wrong(true)),
    ]
}

fn complaints<'a>(messages: &[Message], written: &[Written<'a>]) -> Vec<Complaint<'a>> {
    let [
        run_2021,
        run_2024,
        plain_2021,
        plain_2024,
        refused,
        refused_types,
        right @ ..,
    ] = written
    else {
        return Vec::new();
    };
    let right = right
        .iter()
        .chain([plain_2021, plain_2024, run_2021, run_2024]);
    let mut complaints: Vec<_> = right
        .flat_map(|written| verdict::errors(messages, written))
        .collect();
    for (run, plain) in [(run_2021, plain_2021), (run_2024, plain_2024)] {
        // After an error there is no program, and not every warning.
        if verdict::errors(messages, run).is_empty() {
            complaints.extend(verdict::warnings(messages, run, plain));
            let output = project::run(run.program.name).expect("a program that compiled");
            let printed = String::from_utf8_lossy(&output.stdout);
            complaints.extend(verdict::behaviour(&printed, run));
            assert!(printed.is_empty() == output.status.success(), "{output:?}");
        }
    }
    for wrong in [refused, refused_types] {
        complaints.extend(verdict::refusals(messages, wrong));
    }
    complaints
}

fn shown(complaints: &[Complaint<'_>]) -> String {
    let shown = complaints.iter().take(SHOWN).map(|complaint| {
        let source = complaint.case.map(|case| {
            format!(
                "{}// Its runs: {}.\n",
                module(case, complaint.form),
                story(case)
            )
        });
        format!("{}\n{}\n", complaint.text, source.unwrap_or_default())
    });
    let more = complaints.iter().skip(SHOWN).map(|complaint| {
        let text: Vec<_> = complaint.text.lines().take(2).collect();
        let number = complaint.case.map(|case| case.number);
        format!("{number:?}: {}\n", text.join(" "))
    });
    format!(
        "{}\n{} complaints; also:\n{}",
        shown.collect::<String>(),
        complaints.len(),
        more.collect::<String>()
    )
}
