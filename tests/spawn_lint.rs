//! The lint of `examples/lint` on the crates of a user: clippy names each spawn
//! whose panic would be silent, says what to write instead, and has nothing to
//! say of what is supervised.

mod cargo;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::cargo::{cargo, has_clippy, root, write};

const CRATES: [&str; 3] = ["bare", "panicking", "supervised"];

/// How often something is named that the one crate has more than once.
const TWICE: [&str; 2] = ["tokio::spawn", "std::thread::spawn"];

#[test]
fn each_forbidden_call_is_named_with_what_to_write_instead() {
    let Some(said) = &*SAID else { return };
    let mut named = BTreeMap::<_, Vec<_>>::new();
    for message in &said["bare"] {
        assert_eq!(message["code"]["code"], "clippy::disallowed_methods");
        let text = message["message"].as_str().unwrap();
        let path = text.split('`').nth(1).unwrap();
        named.entry(path.to_owned()).or_default().push(message);
    }
    let forbidden = forbidden();
    assert_eq!(forbidden.len(), named.len(), "{named:#?}");
    for Forbidden {
        path,
        reason,
        replacement,
    } in &forbidden
    {
        let named = named.get(path).map_or(&[][..], Vec::as_slice);
        let times = if TWICE.contains(&&**path) { 2 } else { 1 };
        assert_eq!(named.len(), times, "{path}: {named:#?}");
        for message in named {
            let children = message["children"].as_array().unwrap();
            let told = children.iter().find(|child| child["message"] == **reason);
            let told = told.unwrap_or_else(|| panic!("{path}: {children:#?}"));
            let written = &told["spans"][0];
            let Some(replacement) = replacement else {
                assert_eq!(*written, Value::Null, "{path}");
                continue;
            };
            assert_eq!(written["suggested_replacement"], **replacement);
            assert_eq!(written["suggestion_applicability"], "MachineApplicable");
            assert!(reason.contains(&format!("`{replacement}`")), "{reason}");
        }
    }
}

#[test]
fn what_is_supervised_or_joined_is_clean_and_so_is_what_the_attribute_writes() {
    let Some(said) = &*SAID else { return };
    assert_eq!(said["supervised"], [Value::Null; 0]);
}

#[test]
fn the_advised_lints_name_what_can_panic() {
    let Some(said) = &*SAID else { return };
    let codes = said["panicking"].iter();
    let codes = codes.map(|message| message["code"]["code"].as_str().unwrap());
    let mut codes: Vec<_> = codes.map(|code| code.replace("clippy::", "")).collect();
    codes.sort();
    let advised: toml::Table = toml::from_str(&advised()).unwrap();
    let advised = advised["lints"]["clippy"].as_table().unwrap();
    let mut advised: Vec<_> = advised.keys().collect();
    advised.sort();
    assert_eq!(codes.iter().collect::<Vec<_>>(), advised);
}

/// An entry of the file that users copy.
#[derive(Deserialize)]
struct Forbidden {
    path: String,
    reason: String,
    replacement: Option<String>,
}

fn forbidden() -> Vec<Forbidden> {
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct File {
        disallowed_methods: Vec<Forbidden>,
    }
    let file: File = toml::from_str(&example("clippy.toml")).unwrap();
    file.disallowed_methods
}

/// The block for a `Cargo.toml` in the README.
fn advised() -> String {
    let readme = example("README.md");
    let (_, block) = readme.split_once("```toml\n").unwrap();
    block.split_once("```").unwrap().0.to_owned()
}

fn example(file: &str) -> String {
    fs::read_to_string(root().join("examples/lint").join(file)).unwrap()
}

/// What clippy says of each crate; nothing if there is no clippy.
static SAID: LazyLock<Option<BTreeMap<String, Vec<Value>>>> = LazyLock::new(|| {
    if !has_clippy() {
        return None;
    }
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let workspace = tmp.join("spawn_lint");
    for name in CRATES {
        write_crate(&workspace, name);
    }
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {CRATES:?}\n");
    write(&workspace.join("Cargo.toml"), &manifest);
    write(&workspace.join("clippy.toml"), &example("clippy.toml"));
    // The same versions, from the same disk.
    fs::copy(root().join("Cargo.lock"), workspace.join("Cargo.lock")).unwrap();
    let output = cargo("clippy")
        .args(["--workspace", "--offline", "--message-format=json"])
        // Of another test that compiles the same.
        .arg("--target-dir")
        .arg(tmp.join("lints/target"))
        .current_dir(&workspace)
        .output()
        .unwrap();
    let mut said = BTreeMap::<_, Vec<_>>::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        let name = line["target"]["name"].as_str().unwrap_or_default();
        let said = said.entry(name.to_owned()).or_default();
        if line["reason"] == "compiler-message" {
            said.push(line["message"].take());
        }
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    // Of the file itself, clippy would say so.
    assert!(!stderr.contains("clippy.toml"), "{stderr}");
    for messages in said.values_mut() {
        // How many there were.
        messages.retain(|message| message["code"] != Value::Null);
    }
    Some(said)
});

fn write_crate(workspace: &Path, name: &str) {
    let folder = workspace.join(name);
    let source = format!("{}/spawn_lint/{name}.rs", env!("CARGO_MANIFEST_DIR"));
    let runtime = format!("{}/../supervise-runtime", env!("CARGO_MANIFEST_DIR"));
    let manifest = format!(
        "[package]\nname = {name:?}\nedition = \"2024\"\npublish = false\n\
         [lib]\npath = \"lib.rs\"\n\
         [dependencies]\n\
         supervise = {{ package = \"supervise-runtime\", path = {runtime:?}, \
         default-features = false }}\n\
         tokio = {{ version = \"1\", default-features = false, features = [\"rt\", \"sync\"] }}\n\
         {}",
        advised()
    );
    fs::create_dir_all(&folder).unwrap();
    write(&folder.join("Cargo.toml"), &manifest);
    write(&folder.join("lib.rs"), &fs::read_to_string(source).unwrap());
}
