//! The page, to look at.

use std::env;
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use serde_json::json;

use crate::driver::Browser;
use crate::{pages, scene};

/// `SCENE=many PICTURES=/tmp/pictures cargo test --test browser pictures -- --ignored`
/// writes those of one scene.
#[test]
#[ignore = "to be looked at by people"]
fn pictures() {
    let scene = env::var("SCENE").expect("SCENE is one, bad_day or many");
    let folder = env::var("PICTURES").expect("PICTURES is a folder");
    match scene.as_str() {
        "none" => {}
        "one" => scene::play(scene::one),
        "bad_day" => scene::play(scene::bad_day),
        _ => scene::play(|| scene::many(300)),
    }
    sleep(Duration::from_millis(100));
    for _ in 0..25 {
        sleep(Duration::from_millis(100));
    }
    let browser = Browser::start().expect("a browser");
    let url = pages::serve() + "/workers?refresh=0";
    for (device, width, height) in [("desktop", 1280, 800), ("phone", 390, 844)] {
        for colours in ["light", "dark"] {
            let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": device == "phone" });
            browser.command("Emulation.setDeviceMetricsOverride", &metrics);
            let features = json!([{ "name": "prefers-color-scheme", "value": colours }]);
            browser.command(
                "Emulation.setEmulatedMedia",
                &json!({ "features": features }),
            );
            browser.open(&url);
            let size = browser.run("return [document.documentElement.scrollWidth, document.documentElement.scrollHeight]");
            let height = size[1].as_f64().unwrap().min(3000.0);
            let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
            let shot = browser.command(
                "Page.captureScreenshot",
                &json!({ "captureBeyondViewport": true, "clip": clip }),
            );
            let picture = decoded(shot["data"].as_str().unwrap());
            let file = Path::new(&folder).join(format!("{scene}-{device}-{colours}.png"));
            fs::write(file, picture).unwrap();
            assert!(
                size[0].as_u64() <= Some(width),
                "{device}: it can be scrolled sideways"
            );
        }
    }
}

/// Base64.
fn decoded(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
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
