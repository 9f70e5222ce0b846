//! A real Prometheus with the configuration of the example, only faster.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::program::{Program, eventually};

pub struct Prometheus {
    program: Program,
    /// For its configuration and its storage.
    folder: PathBuf,
}

/// Whether there is one; if not, that is said, and a failure in CI.
pub fn is_installed() -> bool {
    let Err(error) = Command::new("prometheus").arg("--version").output() else {
        return true;
    };
    let is_ci = env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!is_ci, "CI has to have Prometheus: {error}");
    println!("skipped: no Prometheus on this machine ({error})");
    false
}

impl Prometheus {
    /// One that scrapes `targets`.
    pub fn start(targets: &[&str]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("monitoring");
        // Of a run before that was killed.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        configure(&folder, targets);
        let mut program = Program::spawn(
            Command::new("prometheus")
                .current_dir(&folder)
                .arg("--config.file=prometheus.yml")
                .arg("--storage.tsdb.path=storage")
                .arg("--web.listen-address=127.0.0.1:0"),
        );
        program.url = eventually("Prometheus says where it listens", || {
            let log = program.stderr.text();
            let mut lines = log.lines();
            let line = lines.find(|line| line.contains(r#"msg="Listening on""#))?;
            let (_, address) = line.split_once("address=").unwrap();
            Some(format!("http://{}", address.trim()))
        });
        let prometheus = Self { program, folder };
        eventually("Prometheus is ready", || {
            let ready = format!("{}/-/ready", prometheus.program.url);
            prometheus.program.agent.get(ready).call().ok()
        });
        prometheus
    }

    /// The data of an answer of its API.
    pub fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Value {
        let mut request = self
            .program
            .agent
            .get(format!("{}/api/v1/{path}", self.program.url));
        for (name, value) in parameters {
            request = request.query(name, value);
        }
        let request = request.config().http_status_as_error(false).build();
        let answer = request.call().unwrap().body_mut().read_to_string().unwrap();
        let mut answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["status"], "success", "{parameters:?}: {answer}");
        answer["data"].take()
    }

    /// Its log, to the end.
    pub fn end(self) -> String {
        let end = self.program.end("TERM");
        // Fails if it is gone.
        let _ = fs::remove_dir_all(self.folder);
        end.stderr
    }

    /// How many series a query finds.
    pub fn count(&self, query: &str) -> usize {
        let data = self.get("query", &[("query", query)]);
        data["result"].as_array().unwrap().len()
    }
}

/// The shipped files, with nothing changed but what takes long: it scrapes and
/// evaluates each second, and a `for` or `keep_firing_for` of up to 5 minutes is
/// 2 s. A longer one goes with a range as long as that, and stays.
fn configure(folder: &Path, targets: &[&str]) {
    let config = crate::text("prometheus.yml");
    let config = replace(&config, "interval: 15s", "interval: 1s", 2);
    let targets = format!("{targets:?}");
    let config = replace(&config, r#"["127.0.0.1:3000"]"#, &targets, 1);
    fs::write(folder.join("prometheus.yml"), config).unwrap();

    let rules = crate::text("rules.yml");
    let rules = replace(&rules, "for: 1m\n", "for: 2s\n", 5);
    let rules = replace(&rules, "for: 5m\n", "for: 2s\n", 9);
    fs::write(folder.join("rules.yml"), rules).unwrap();
    fs::write(folder.join("expected.yml"), crate::text("expected.yml")).unwrap();
}

fn replace(text: &str, from: &str, to: &str, times: usize) -> String {
    assert_eq!(text.matches(from).count(), times, "{from}");
    text.replace(from, to)
}
