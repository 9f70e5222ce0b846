//! The page, to look at.

use std::env;
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use serde_json::json;

use crate::driver::Browser;
use crate::{pages, scene};

/// What is further down would not be looked at.
const TALLEST: f64 = 3_000.0;

/// Writes those of one scene, on a desktop and on a phone, by day and by night:
///
/// ```text
/// SCENE=bad_day PICTURES=/tmp cargo test --test browser pictures -- --ignored
/// ```
#[test]
#[ignore = "they are to be looked at"]
fn pictures() {
    let scene = env::var("SCENE").expect("SCENE is none, one, bad_day or a number");
    let folder = env::var("PICTURES").expect("PICTURES is a folder");
    match scene.as_str() {
        "none" => {}
        "one" => scene::play(scene::one),
        "bad_day" => scene::play(scene::bad_day),
        number => {
            let count = number.parse().expect("a number of workers");
            scene::play(move || scene::many(count));
        }
    }
    // Until who is in a crash loop has failed often.
    for _ in 0..30 {
        sleep(Duration::from_millis(100));
    }
    let browser = Browser::start().expect("a browser");
    let url = pages::serve() + "/workers?refresh=0";
    for (device, width) in [("desktop", 1280), ("phone", 390)] {
        browser.be_as_wide_as(width);
        for colours in ["light", "dark"] {
            browser.prefer(colours);
            browser.open(&url);
            let file = format!("{scene}-{device}-{colours}.png");
            fs::write(Path::new(&folder).join(file), picture(&browser, width)).unwrap();
        }
    }
}

/// Of more than is seen without scrolling.
fn picture(browser: &Browser, width: u32) -> Vec<u8> {
    let height = browser.run("return document.documentElement.scrollHeight");
    let height = height.as_f64().unwrap().min(TALLEST);
    let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
    let parameters = json!({ "captureBeyondViewport": true, "clip": clip });
    let picture = browser.command("Page.captureScreenshot", &parameters);
    from_base64(picture["data"].as_str().unwrap())
}

fn from_base64(text: &str) -> Vec<u8> {
    let digit = |byte| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::new();
    for group in text.trim_end_matches('=').as_bytes().chunks(4) {
        let bits = group
            .iter()
            .fold(0, |bits, byte| bits << 6 | u32::from(digit(*byte)));
        let bits = bits << (6 * (4 - group.len()));
        bytes.extend(&bits.to_be_bytes()[1..group.len()]);
    }
    bytes
}
