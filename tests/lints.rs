//! The user's crate under the attribute: its lints, its names, its errors.
//!
//! Cargo compiles the files in `lints/` as the crates of a user, in both
//! editions, each of them three times: without the attribute, with it, and with
//! a restart. What the compiler and clippy say must be the same, word for word.
//! What is not yet the same is in `lints/known.rs`.

mod cargo;
#[path = "lints/known.rs"]
mod known;
#[path = "lints/own_names.rs"]
mod own_names;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use crate::cargo::{cargo, has_clippy, root, write};
use crate::known::{KNOWN, Known};

/// The compiler whose differences `lints/known.rs` lists.
const COMPILER: &str = "rustc 1.95.";

/// The files that every lint in `LINTS` looks at.
const LINTED: [&str; 7] = [
    "arguments",
    "blocking",
    "bodies",
    "kept",
    "levels",
    "methods",
    "outputs",
];

/// The files with their own idea of lints.
const PLAIN: [&str; 5] = [
    "forbids",
    "half_typed",
    "own_names",
    "strict",
    "wrong_option",
];

const EDITIONS: [&str; 2] = ["2021", "2024"];

/// All that has a default of `allow` and could fire on generated code, and
/// every group of clippy's but `cargo`.
const LINTS: &str = r#"
[workspace.lints.rust]
unknown_lints = "allow"
unused = { level = "warn", priority = -1 }
closure_returning_async_block = "warn"
elided_lifetimes_in_paths = "warn"
explicit_outlives_requirements = "warn"
if_let_rescope = "warn"
impl_trait_overcaptures = "warn"
let_underscore_drop = "warn"
redundant_imports = "warn"
redundant_lifetimes = "warn"
single_use_lifetimes = "warn"
tail_expr_drop_order = "warn"
trivial_casts = "warn"
trivial_numeric_casts = "warn"
unit_bindings = "warn"
unnameable_types = "warn"
unreachable_pub = "warn"
unsafe_code = "warn"
unused_import_braces = "warn"
unused_lifetimes = "warn"
unused_qualifications = "warn"
unused_results = "warn"
variant_size_differences = "warn"

[workspace.lints.clippy]
all = { level = "warn", priority = -1 }
nursery = { level = "warn", priority = -1 }
pedantic = { level = "warn", priority = -1 }
restriction = { level = "warn", priority = -1 }
"#;

/// Public functions are linted like private ones.
const CLIPPY: &str = "avoid-breaking-exported-api = false\n";

#[test]
fn arguments_are_linted_as_without_the_attribute() {
    assert_same("arguments");
}

#[test]
fn outputs_and_unreachable_code_are_linted_as_without_the_attribute() {
    assert_same("outputs");
}

#[test]
fn methods_and_generics_are_linted_as_without_the_attribute() {
    assert_same("methods");
}

#[test]
fn what_is_kept_and_tails_are_linted_as_without_the_attribute() {
    assert_same("kept");
}

#[test]
fn bodies_are_linted_as_without_the_attribute() {
    assert_same("bodies");
}

#[test]
fn plain_functions_are_linted_as_without_the_attribute() {
    assert_same("blocking");
}

#[test]
fn a_level_that_the_user_sets_holds_as_without_the_attribute() {
    assert_same("levels");
}

#[test]
fn a_crate_that_denies_every_warning_has_none() {
    assert_silent("strict");
}

#[test]
fn names_of_the_user_and_of_the_expansion_never_meet() {
    assert_silent("own_names");
    own_names::main();
}

#[test]
fn a_half_typed_body_has_the_errors_that_it_has_without_the_attribute() {
    assert_same("half_typed");
}

#[test]
fn a_wrong_option_is_one_error_and_leaves_the_function_known() {
    let wrong = [
        "unknown",
        "wrong_value",
        "half_typed",
        "half_a_word",
        "contradiction",
        "not_clone",
    ];
    for edition in EDITIONS {
        assert_eq!(errors("wrong_option", Attribute::None, edition), [""; 0]);
        let mut functions = errors("wrong_option", Attribute::Once, edition);
        functions.sort_by_key(|name| wrong.iter().position(|wrong| wrong == name));
        assert_eq!(functions, wrong, "in edition {edition}");
    }
}

#[test]
fn a_crate_that_forbids_lints_compiles() {
    assert_same("forbids");
}

/// Or the comparison would be of nothing with nothing.
#[test]
fn the_compared_files_set_off_what_they_are_about() {
    let rustc = [
        "dead_code",
        "deprecated",
        "missing_docs",
        "unfulfilled_lint_expectations",
        "unreachable_code",
        "unused_assignments",
        "unused_must_use",
        "unused_mut",
        "unused_variables",
    ];
    let clippy = [
        "clippy::let_and_return",
        "clippy::needless_lifetimes",
        "clippy::needless_question_mark",
        "clippy::too_many_arguments",
        "clippy::ptr_arg",
        "clippy::unused_async",
    ];
    let said: BTreeSet<&str> = LINTED
        .into_iter()
        .flat_map(|source| of(source, Attribute::None, "2024"))
        .map(|diagnostic| diagnostic.code.as_str())
        .collect();
    let clippy = clippy.into_iter().filter(|_| BUILD.has_clippy);
    for lint in rustc.into_iter().chain(clippy) {
        assert!(said.contains(lint), "{lint} is nowhere");
    }
}

#[test]
fn every_known_difference_is_still_there() {
    if !differences_are_those_of_this_compiler() {
        return;
    }
    let sources = LINTED.into_iter().chain(PLAIN);
    let found: BTreeSet<(String, String)> = sources
        .flat_map(differences)
        .map(|difference| (difference.diagnostic.code, difference.diagnostic.function))
        .collect();
    let is_found = |code: &str, function: &str| {
        let mut found = found.iter();
        found.any(|(c, f)| c == code && (f == function || function == "*"))
    };
    let checked = KNOWN.iter().filter(|known| is_checked(known));
    let gone: Vec<String> = checked
        .flat_map(|known| known.functions.iter().map(move |name| (known, *name)))
        .filter(|(known, name)| !is_found(known.code, name))
        .map(|(known, name)| format!("{} in `{name}` ({})", known.code, known.why))
        .collect();
    assert!(
        gone.is_empty(),
        "to be removed from known.rs:\n{}",
        gone.join("\n")
    );
}

fn is_checked(known: &Known) -> bool {
    BUILD.has_clippy || !known.code.starts_with("clippy::")
}

/// How the lines `#[supervised]` of a file are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Attribute {
    None,
    Once,
    Many,
}

const ATTRIBUTES: [Attribute; 3] = [Attribute::None, Attribute::Once, Attribute::Many];

impl Attribute {
    /// `source` with another attribute, on the same lines.
    fn applied_to(self, source: &str) -> String {
        let line = |line: &str| match (self, line.trim()) {
            // A comment and not nothing: clippy has an opinion on empty lines.
            (Self::None, text) if is_ours(text) => "//".into(),
            (Self::Many, "#[supervised]") => {
                line.replace("#[supervised]", "#[supervised(restart = true)]")
            }
            (Self::Many, "#[supervised(blocking)]") => {
                line.replace("blocking", "blocking, restart = true")
            }
            (Self::None, _) => line.replace("#[keep]", "       "),
            _ => line.to_owned(),
        };
        source.lines().map(|text| line(text) + "\n").collect()
    }
}

fn is_ours(line: &str) -> bool {
    line.starts_with("#[supervised") || line.ends_with("supervise::supervised;")
}

/// What the compiler said of one place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Diagnostic {
    code: String,
    is_error: bool,
    line: u64,
    column: u64,
    message: String,
    /// What it would write instead, and where.
    suggestions: Vec<(u64, u64, String)>,
    /// The function that it is in, for the list of known differences.
    function: String,
}

impl Display for Diagnostic {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            line,
            column,
            message,
            suggestions,
            function,
            ..
        } = self;
        write!(
            f,
            "{line}:{column} {code}: {message} {suggestions:?} in `{function}`"
        )
    }
}

/// A crate that was compiled.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Crate {
    source: String,
    attribute: Attribute,
    edition: &'static str,
}

impl Crate {
    fn all() -> impl Iterator<Item = Self> {
        let sources = LINTED.into_iter().chain(PLAIN);
        sources.flat_map(|source| {
            ATTRIBUTES.into_iter().flat_map(move |attribute| {
                EDITIONS.into_iter().map(move |edition| Self {
                    source: source.into(),
                    attribute,
                    edition,
                })
            })
        })
    }

    fn name(&self) -> String {
        format!("{}_{:?}_{}", self.source, self.attribute, self.edition).to_lowercase()
    }

    fn manifest(&self) -> String {
        let Self {
            source, edition, ..
        } = self;
        let name = self.name();
        let linted = LINTED.contains(&source.as_str());
        let runtime = format!("{}/../supervise-runtime", env!("CARGO_MANIFEST_DIR"));
        format!(
            "[package]\nname = {name:?}\nedition = {edition:?}\npublish = false\n\
             [lib]\npath = \"{source}.rs\"\n\
             [lints]\nworkspace = {linted}\n\
             [dependencies.supervise]\npackage = \"supervise-runtime\"\npath = {runtime:?}\n\
             default-features = false\n"
        )
        .replace("[lints]\nworkspace = false\n", "")
    }

    /// Writes the crate to `workspace`.
    fn write(&self, workspace: &Path) {
        let folder = workspace.join(self.name());
        let source = self.attribute.applied_to(&source(&self.source));
        fs::create_dir_all(&folder).unwrap();
        write(&folder.join("Cargo.toml"), &self.manifest());
        write(&folder.join(format!("{}.rs", self.source)), &source);
    }
}

/// What cargo said of all crates.
struct Build {
    has_clippy: bool,
    diagnostics: BTreeMap<String, Vec<Diagnostic>>,
}

static BUILD: LazyLock<Build> = LazyLock::new(|| {
    let workspace = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lints");
    let members: Vec<String> = Crate::all().map(|member| member.name()).collect();
    Crate::all().for_each(|member| member.write(&workspace));
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n{LINTS}");
    write(&workspace.join("Cargo.toml"), &manifest);
    write(&workspace.join("clippy.toml"), CLIPPY);
    // The same versions, from the same disk.
    fs::copy(root().join("Cargo.lock"), workspace.join("Cargo.lock")).unwrap();

    let has_clippy = has_clippy();
    let output = cargo(if has_clippy { "clippy" } else { "check" })
        .args([
            "--workspace",
            "--keep-going",
            "--offline",
            "--message-format=json",
        ])
        .arg("--target-dir")
        .arg(workspace.join("target"))
        .current_dir(&workspace)
        .output()
        .unwrap();
    let mut diagnostics = diagnostics(&String::from_utf8(output.stdout).unwrap());
    for member in members {
        assert!(
            diagnostics.contains_key(&member),
            "`{member}` was not compiled:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        diagnostics.entry(member).or_default();
    }
    Build {
        has_clippy,
        diagnostics,
    }
});

/// The diagnostics of each crate that was compiled, from the lines that cargo
/// writes.
fn diagnostics(lines: &str) -> BTreeMap<String, Vec<Diagnostic>> {
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let Some(name) = line["target"]["name"].as_str() else {
            continue;
        };
        let of_this_crate = all.entry(name.to_owned()).or_default();
        if line["reason"] == "compiler-message" && line["message"]["level"] != "failure-note" {
            let source = Crate::all().find(|member| member.name() == name);
            let source = source.map(|member| member.source).unwrap_or_default();
            of_this_crate.push(diagnostic(&line["message"], &source));
        }
    }
    all
}

fn diagnostic(message: &Value, file: &str) -> Diagnostic {
    let none = &Value::Null;
    let spans = |message: &Value| message["spans"].as_array().cloned().unwrap_or_default();
    let own = spans(message);
    let primary = own.iter().find(|span| span["is_primary"] == true);
    let primary = primary.unwrap_or(none);
    let line = primary["line_start"].as_u64().unwrap_or_default();
    let children = message["children"].as_array().into_iter().flatten();
    let suggestions = children.flat_map(spans).chain(own.clone());
    Diagnostic {
        code: message["code"]["code"].as_str().unwrap_or("error").into(),
        is_error: message["level"] == "error" && is_an_error(message),
        line,
        column: primary["column_start"].as_u64().unwrap_or_default(),
        message: message["message"].as_str().unwrap_or_default().into(),
        suggestions: suggestions.filter_map(|span| suggestion(&span)).collect(),
        function: place(file, primary),
    }
}

/// And not a lint that is denied.
fn is_an_error(message: &Value) -> bool {
    let code = message["code"]["code"].as_str();
    code.is_none_or(|code| code.starts_with('E'))
}

fn suggestion(span: &Value) -> Option<(u64, u64, String)> {
    let text = span["suggested_replacement"].as_str()?;
    Some((
        span["line_start"].as_u64()?,
        span["column_start"].as_u64()?,
        text.into(),
    ))
}

/// The function in which a span of a file is; of one that is elsewhere, where.
fn place(file: &str, span: &Value) -> String {
    let elsewhere = span["file_name"].as_str().unwrap_or_default();
    match span["line_start"].as_u64() {
        Some(line) if elsewhere.ends_with(&format!("/{file}.rs")) => function(file, line),
        _ => elsewhere.into(),
    }
}

/// The name of the function at `line` of a file: the one below an attribute,
/// else the one around.
fn function(file: &str, line: u64) -> String {
    let source = source(file);
    let lines: Vec<&str> = source.lines().collect();
    let at = usize::try_from(line).unwrap().saturating_sub(1);
    let named = |line: &&str| {
        Some(
            line.split_once("fn ")?
                .1
                .split(['(', '<'])
                .next()?
                .to_owned(),
        )
    };
    let below = lines[at].trim().starts_with("#[");
    let found = if below {
        lines[at..].iter().find_map(named)
    } else {
        lines[..=at].iter().rev().find_map(named)
    };
    found.unwrap_or_default()
}

fn of(source: &str, attribute: Attribute, edition: &'static str) -> &'static [Diagnostic] {
    let source = source.into();
    let name = Crate {
        source,
        attribute,
        edition,
    }
    .name();
    &BUILD.diagnostics[&name]
}

/// The functions of a file that have errors, one name for each.
fn errors(source: &str, attribute: Attribute, edition: &'static str) -> Vec<&'static str> {
    let all = of(source, attribute, edition).iter();
    all.filter(|diagnostic| diagnostic.is_error)
        .map(|diagnostic| diagnostic.function.as_str())
        .collect()
}

struct Difference {
    attribute: Attribute,
    edition: &'static str,
    /// Only there with the attribute, or only without.
    added: bool,
    diagnostic: Diagnostic,
}

impl Display for Difference {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let sign = if self.added { '+' } else { '-' };
        let Self {
            attribute,
            edition,
            diagnostic,
            ..
        } = self;
        write!(f, "{sign} {attribute:?} {edition} {diagnostic}")
    }
}

/// What the attribute changes in the diagnostics of a file.
fn differences(source: &str) -> Vec<Difference> {
    let mut all = Vec::new();
    for edition in EDITIONS {
        for attribute in [Attribute::Once, Attribute::Many] {
            let plain = compared(source, Attribute::None, edition);
            let supervised = compared(source, attribute, edition);
            let difference = |added| {
                move |diagnostic| Difference {
                    attribute,
                    edition,
                    added,
                    diagnostic,
                }
            };
            all.extend(
                without(&plain, &supervised)
                    .into_iter()
                    .map(difference(false)),
            );
            all.extend(
                without(&supervised, &plain)
                    .into_iter()
                    .map(difference(true)),
            );
        }
    }
    all
}

/// Where there are errors only those: the compiler does not come to the lints.
fn compared(source: &str, attribute: Attribute, edition: &'static str) -> Vec<Diagnostic> {
    let all = of(source, attribute, edition).iter();
    all.filter(|diagnostic| LINTED.contains(&source) || diagnostic.is_error)
        .cloned()
        .collect()
}

/// `all` without those in `others`, one for one.
fn without(all: &[Diagnostic], others: &[Diagnostic]) -> Vec<Diagnostic> {
    let mut others = others.to_vec();
    let mut is_new = |diagnostic: &&Diagnostic| {
        let found = others.iter().position(|other| other == *diagnostic);
        found.map(|index| others.swap_remove(index)).is_none()
    };
    all.iter().filter(&mut is_new).cloned().collect()
}

fn is_known(Difference { diagnostic, .. }: &Difference) -> bool {
    KNOWN.iter().any(|known| {
        known.code == diagnostic.code
            && (known.functions == ["*"] || known.functions.contains(&diagnostic.function.as_str()))
    })
}

/// The compiler and clippy say the same of a file with the attribute and
/// without, but for what is known.
fn assert_same(source: &str) {
    if !differences_are_those_of_this_compiler() {
        return;
    }
    let all = differences(source).into_iter();
    let new: Vec<String> = all
        .filter(|difference| !is_known(difference))
        .map(|difference| format!("{source}.rs {difference}"))
        .collect();
    assert!(new.is_empty(), "the attribute changes:\n{}", new.join("\n"));
}

/// The compiler and clippy say nothing of a file.
fn assert_silent(source: &str) {
    for member in Crate::all().filter(|member| member.source == source) {
        let said: Vec<String> = BUILD.diagnostics[&member.name()]
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(said.is_empty(), "{member:?}:\n{}", said.join("\n"));
    }
}

fn differences_are_those_of_this_compiler() -> bool {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .unwrap()
        .stdout;
    let version = String::from_utf8_lossy(&version);
    let same = version.starts_with(COMPILER);
    if !same {
        println!("skipped: known.rs is for {COMPILER}x, this is {version}");
    }
    same
}

/// A file of `lints/`.
fn source(name: &str) -> String {
    let file = format!("{}/lints/{name}.rs", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(file).unwrap()
}
