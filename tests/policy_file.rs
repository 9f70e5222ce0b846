//! Policies in configuration files, in the words of the attribute.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use supervise::{Backoff, MaxRestarts, Policy, Restart};

#[derive(Debug, PartialEq, Deserialize, Serialize)]
struct Config {
    cleanup: Policy,
}

fn read(cleanup: &str) -> Result<Policy, String> {
    let config: Result<Config, _> = toml::from_str(&format!("[cleanup]\n{cleanup}\n"));
    config
        .map(|config| config.cleanup)
        .map_err(|error| error.message().to_owned())
}

#[test]
fn every_word_of_the_attribute_is_read() {
    let all = r#"
        restart = "on_panic"
        backoff = "500ms..1m 30s"
        jitter = false
        healthy_after = "2m"
        max_restarts = "5 in 10m"
        timeout = "1h"
    "#;
    let policy = Policy::new()
        .restart(Restart::OnPanic)
        .backoff(Backoff::doubling(
            Duration::from_millis(500),
            Duration::from_secs(90),
        ))
        .jitter(false)
        .healthy_after(Duration::from_secs(120))
        .max_restarts(MaxRestarts::within(5, Duration::from_secs(600)))
        .timeout(Duration::from_secs(3600));
    assert_eq!(read(all), Ok(policy));
    assert_eq!(read(""), Ok(Policy::new()));
    for (word, restart) in [
        ("true", Restart::OnFailure),
        ("false", Restart::Never),
        ("\"never\"", Restart::Never),
        ("\"on_failure\"", Restart::OnFailure),
        ("\"always\"", Restart::Always),
    ] {
        let policy = Policy::new().restart(restart);
        assert_eq!(read(&format!("restart = {word}")), Ok(policy));
    }
    let limited = Policy::new()
        .restart(Restart::OnFailure)
        .max_restarts(MaxRestarts::since_healthy(3));
    assert_eq!(read("restart = true\nmax_restarts = 3"), Ok(limited));
}

#[test]
fn what_is_wrong_is_told_with_its_field() {
    for (text, expected) in [
        (
            "restart = \"sometimes\"",
            "`restart`: not one of true, false,",
        ),
        ("restart = 3", "`restart`: not one of true, false,"),
        (
            "restart = [true]",
            "invalid type: sequence, expected a value of `restart`",
        ),
        (
            "restart = true\nbackoff = 5",
            "`backoff`: not a string such as \"1s..1m\"",
        ),
        (
            "restart = true\nbackoff = \"1m..1s\"",
            "`backoff`: the longest wait is below the first",
        ),
        (
            "restart = true\nbackoff = \"0s..1s\"",
            "`backoff`: a wait of zero never doubles",
        ),
        ("restart = true\nbackoff = \"fast\"", "found \"fast\""),
        (
            "backoff = \"1s\"",
            "`backoff`: without a restart there is nothing to wait for",
        ),
        ("jitter = false", "`jitter`: without a restart"),
        (
            "healthy_after = \"1m\"",
            "`healthy_after`: without a restart",
        ),
        ("max_restarts = 5", "`max_restarts`: without a restart"),
        (
            "restart = true\nhealthy_after = \"0s\"",
            "`healthy_after`: zero would forgive",
        ),
        (
            "restart = true\nhealthy_after = 60",
            "`healthy_after`: not a duration such as \"2m\"",
        ),
        (
            "restart = true\nhealthy_after = \"1m\"\ntimeout = \"1m\"",
            "`healthy_after`: no run stays up that long",
        ),
        (
            "restart = true\nmax_restarts = -1",
            "`max_restarts`: not a number such as 5",
        ),
        (
            "restart = true\nmax_restarts = 5000000000",
            "`max_restarts`: not a number such as 5",
        ),
        (
            "restart = true\nmax_restarts = \"5 in 0s\"",
            "`max_restarts`: nothing happens in no time",
        ),
        ("timeout = \"0s\"", "`timeout`: no run ends in no time"),
        (
            "timeout = \"soon\"",
            "`timeout`: not a duration such as \"30s\"; found \"soon\"",
        ),
        (
            "restrat = true",
            "unknown field `restrat`, expected one of `restart`, `backoff`",
        ),
    ] {
        let error = read(text).expect_err(text);
        assert!(error.contains(expected), "{text}: {error}");
    }
    let twice = r#"{ "cleanup": { "timeout": "1s", "timeout": "2s" } }"#;
    let error = serde_json::from_str::<Config>(twice).unwrap_err();
    assert!(
        error.to_string().contains("duplicate field `timeout`"),
        "{error}"
    );
    let error = toml::from_str::<Config>("cleanup = true").unwrap_err();
    assert!(error.message().contains("a restart policy"), "{error}");
}

#[test]
fn a_restart_that_is_switched_off_leaves_the_rest_of_the_file_as_it_is() {
    let policy = read("restart = false\nbackoff = \"5s\"\nmax_restarts = 5").unwrap();
    assert_eq!(policy.get_restart(), Restart::Never);
    assert_eq!(
        policy.get_backoff(),
        Backoff::constant(Duration::from_secs(5))
    );
}

#[test]
fn what_is_written_is_read_as_the_same_policy() {
    let whole = Policy::new()
        .restart(Restart::Always)
        .backoff(Backoff::constant(Duration::from_nanos(1_000_001)))
        .jitter(false)
        .healthy_after(Duration::from_millis(1))
        .max_restarts(MaxRestarts::within(7, Duration::from_secs(90)))
        .timeout(Duration::MAX);
    for cleanup in [
        whole,
        Policy::new(),
        Policy::new().restart(Restart::OnPanic),
    ] {
        let config = Config { cleanup };
        let text = toml::to_string(&config).unwrap();
        assert_eq!(toml::from_str::<Config>(&text).unwrap(), config, "{text}");
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(
            serde_json::from_str::<Config>(&text).unwrap(),
            config,
            "{text}"
        );
    }
}
