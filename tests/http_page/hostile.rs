//! Names and messages that would like to be more than text.

use std::time::Duration;

use supervise::{Backoff, Policy, Restart, Worker};
use tokio::time::sleep;

use crate::{get, page, row};

const POLICY: Policy = Policy::new()
    .restart(Restart::OnFailure)
    .backoff(Backoff::constant(Duration::from_secs(3_600)));

const NAME: &str =
    "hostile </th></tr></table>\"'><script>alert(1)</script> &lt;\n\t\0\u{1b}[31m\u{202e}é";
const MESSAGE: &str = "</pre></details></td></tr></table><script>alert(1)</script>\
    <img src=x onerror='alert(2)'>\" &amp; &#60;\r\n\u{7}\0\u{1b}[2J\u{85}\u{202e}back\u{2066}\u{feff}\u{2028}end";

#[tokio::test(start_paused = true)]
async fn they_are_shown_as_they_are() {
    static WORKER: Worker = Worker::new(NAME).policy(POLICY);
    let task = tokio::spawn(WORKER.supervise(|| async { panic!("{MESSAGE}") }));
    sleep(Duration::from_millis(10)).await;
    // What is markup, where it is not expected, is refused there.
    let page = page();
    let name = "hostile </th></tr></table>\"'><script>alert(1)</script> &lt;\\n\\t\\u{0}\\u{1b}[31m\\u{202e}é";
    let row = row(&page, name);
    let message = "\n</pre></details></td></tr></table><script>alert(1)</script>\
        <img src=x onerror='alert(2)'>\" &amp; &#60;\\r\n\\u{7}\\u{0}\\u{1b}[2J\\u{85}\\u{202e}back\\u{2066}\\u{feff}\\u{2028}end";
    assert_eq!(row.group.one("pre").text(), message);
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn a_mebibyte_of_anything_is_cut() {
    static LONG: Worker = Worker::new("hostile at length").policy(POLICY);
    let message = "<\u{202e}".repeat(1 << 18);
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let message = format!("{number} {message}");
            let run = move || {
                let message = message.clone();
                async move { Err::<(), _>(message) }
            };
            tokio::spawn(LONG.supervise(run))
        })
        .collect();
    sleep(Duration::from_millis(10)).await;
    let (body, page) = (get("").into_body(), page());
    assert!(body.len() < 400_000, "{} bytes", body.len());
    let row = row(&page, "hostile at length");
    let pres = row.group.all("pre");
    assert_eq!(pres.len(), 16, "short and whole of each");
    for pre in pres {
        assert!(pre.text().contains('…'), "a mark");
    }
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_too_long_is_cut_with_a_mark() {
    static LONG: Worker = Worker::new(
        const {
            const BYTES: [u8; 9_000] = [b'x'; 9_000];
            match std::str::from_utf8(&BYTES) {
                Ok(name) => name,
                Err(_) => "",
            }
        },
    );
    LONG.supervise(|| async {}).await;
    let page = page();
    row(&page, &("x".repeat(120) + "…"));
}
