//! Messages and names that would like to be more than text.

use std::future::pending;
use std::time::Duration;

use serde_json::Value;
use supervise::{Worker, supervised};
use tokio::time::sleep;

use super::get;

const NAME: &str = "hostile \"\\\n</script>\u{1b}[31m\u{202e}{}é";

/// A page's end, a new line that looks like one of ours, what a terminal obeys,
/// text that runs backwards; and then a mebibyte more.
fn message() -> String {
    let head = "</script><script>alert(1)</script>\r\nfake  running\u{1b}[2J\u{7}\0\u{202e}\"\\";
    head.to_owned() + &"€".repeat(1 << 20)
}

static HOSTILE: Worker = Worker::new(NAME).policy(
    supervise::Policy::new()
        .restart(supervise::Restart::OnFailure)
        .backoff(supervise::Backoff::constant(Duration::from_secs(3_600))),
);

#[tokio::test(start_paused = true)]
async fn harm_neither_json_nor_table_nor_metrics() {
    supervise::log_panics_only();
    let run = || async { panic!("{}", message()) };
    let task = tokio::spawn(HOSTILE.supervise(run));
    sleep(Duration::from_millis(10)).await;

    let json = get("/workers?format=json").into_body();
    let page: Value = serde_json::from_str(&json).unwrap();
    let workers = page["workers"].as_array().unwrap();
    let worker = workers.iter().find(|worker| worker["name"] == NAME);
    let told = worker.unwrap()["last_failures"][0]["message"]
        .as_str()
        .unwrap();
    assert!(told.starts_with("</script><script>alert(1)</script>\r\nfake"));
    assert!(told.len() < 64 * 1024, "{} bytes are told", told.len());
    assert!(told.contains('…'), "it says that there was more");
    assert!(!json.contains("<script") && !json.contains('\u{1b}'));
    assert_eq!(json.lines().count(), 1);

    let text = get("/workers").into_body();
    let is_plain = |c: char| c == '\n' || !c.is_control() && c != '\u{202e}';
    assert!(text.chars().all(is_plain), "{text}");
    assert!(text.lines().all(|line| line.chars().count() < 400));
    assert!(!text.lines().any(|line| line.starts_with("fake")));

    let metrics = get("/metrics").into_body();
    let ours = metrics
        .lines()
        .filter(|line| line.contains(r#"="hostile \""#));
    let label = r#"worker="hostile \"\\\n</script>"#;
    assert!(ours.clone().count() > 10 && ours.clone().all(|line| line.contains(label)));
    assert!(!metrics.contains("alert(1)"), "no message is in a label");
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn a_critical_name_is_one_line_of_readyz() {
    #[supervised(name = "hostile\nready\n", critical = true)]
    async fn critical() {
        pending::<()>().await;
    }
    let task = tokio::spawn(critical());
    sleep(Duration::from_millis(10)).await;
    let text = get("/readyz").into_body();
    assert!(
        text.contains("critical worker is starting: hostile\\nready\\n\n"),
        "{text}"
    );
    task.abort();
}
