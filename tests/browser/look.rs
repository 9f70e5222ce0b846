//! How the page looks, and what it does, with all that can be on it.

use std::sync::Once;

use serde_json::json;

use crate::driver::Browser;
use crate::program::eventually;
use crate::{pages, scene};

/// A browser with the page of a bad day, and where that is.
fn bad_day() -> Option<(Browser, String)> {
    static PLAYED: Once = Once::new();
    let browser = Browser::start()?;
    PLAYED.call_once(|| scene::play(scene::bad_day));
    let url = pages::serve() + "/workers?refresh=0";
    eventually("all have begun", || {
        let workers = supervise::workers();
        let late = workers.iter().find(|worker| worker.name == "heartbeat")?;
        let recovered = workers.iter().find(|worker| worker.name == "mailer")?;
        let is_well = recovered.starts == 2 && recovered.consecutive_failures == 0;
        let since = late.periodic.as_ref()?.last_success?;
        (is_well && since.elapsed().ok()?.as_secs() >= 1).then_some(())
    });
    browser.open(&url);
    Some((browser, url))
}

#[test]
fn nothing_hostile_runs_and_nothing_more_is_asked_for() {
    let Some((browser, _)) = bad_day() else {
        return;
    };
    let title = browser.title();
    assert!(
        title.contains(" in trouble · ") && title.ends_with(" · billing"),
        "{title}"
    );
    // It complains of a style whose hash is not the one in the header, too.
    assert_eq!(browser.complaints(), Vec::<String>::new());
    let loaded = browser.run("return performance.getEntriesByType('resource').map(e => e.name)");
    let loaded = loaded.as_array().unwrap().iter();
    let loaded = loaded.filter(|name| !name.as_str().unwrap().starts_with("data:"));
    assert_eq!(loaded.count(), 0);
    let asked = pages::asked();
    assert!(
        asked.iter().all(|asked| asked.contains("/workers?")),
        "{asked:?}"
    );

    let shown = browser.text("main");
    let (first_line, _) = scene::HOSTILE.split_once('\n').unwrap();
    assert!(shown.contains(first_line), "{shown}");
    assert!(
        shown.contains(r"\u{1b}[2J\u{202e}drawkcab\u{2069}"),
        "{shown}"
    );
    assert!(shown.contains("<script>alert('a name')</script> \\u{202e}eman a"));
}

#[test]
fn on_a_screen_of_any_width_nothing_is_beyond_its_edge() {
    let Some((browser, url)) = bad_day() else {
        return;
    };
    // A page that is magnified fourfold is 320 wide.
    for width in [320, 390, 768, 769, 1280] {
        browser.be_as_wide_as(width);
        browser.open(&url);
        browser.run("document.querySelectorAll('details').forEach(each => each.open = true)");
        let wide = browser.run(
            "return [...document.querySelectorAll('body *')]
                .filter(each => each.getBoundingClientRect().right > innerWidth + 0.5)
                .map(each => each.outerHTML.slice(0, 100))",
        );
        assert_eq!(wide, json!([]), "at {width}");
        let scrolled = browser.run("return document.documentElement.scrollWidth - innerWidth");
        assert!(scrolled.as_i64() <= Some(0), "at {width}: {scrolled}");
    }
}

#[test]
fn a_screen_reader_gets_a_table_on_any_device() {
    let Some((browser, url)) = bad_day() else {
        return;
    };
    for width in [390, 1280] {
        browser.be_as_wide_as(width);
        browser.open(&url);
        for (selector, role) in [
            ("body > header", "banner"),
            ("nav", "navigation"),
            ("main", "main"),
            ("section", "region"),
            ("footer", "contentinfo"),
            ("table", "table"),
            ("tbody tr", "row"),
            ("tbody th", "rowheader"),
            ("tbody td", "cell"),
        ] {
            assert_eq!(browser.role(selector), role, "{selector} at {width}");
        }
        let table = browser.label("table");
        assert_eq!(table, "Workers in trouble, the worst first");
        let section = browser.label("section");
        assert!(section.ends_with(" in trouble"), "{section}");
    }
    // Where the head of the table is not seen, each cell has its own.
    browser.be_as_wide_as(390);
    let since = browser.run(
        "return getComputedStyle(document.querySelector('tbody td:nth-child(3)'), '::before').content",
    );
    assert_eq!(since, "\"Since\"");
}

#[test]
fn failures_are_open_where_there_is_trouble_and_open_at_a_click_elsewhere() {
    let Some((browser, _)) = bad_day() else {
        return;
    };
    let loop_ = browser.text(".failing ol");
    assert!(
        loop_.contains("the configuration has no cache.ttl_seconds"),
        "{loop_}"
    );
    assert_eq!(browser.text(".up ol"), "");
    browser.click(".up summary");
    let told = browser.text(".up ol");
    assert!(told.contains("1 × error"), "{told}");
}

#[test]
fn the_dark_is_dark() {
    let Some((browser, _)) = bad_day() else {
        return;
    };
    let ground = |scheme: &str| {
        browser.prefer(scheme);
        browser.run("return getComputedStyle(document.body).backgroundColor")
    };
    assert_eq!(ground("light"), "rgb(244, 245, 247)");
    assert_eq!(ground("dark"), "rgb(16, 19, 23)");
}
