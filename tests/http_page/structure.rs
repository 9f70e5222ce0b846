//! What the page is made of, for browsers and for screen readers.

use std::future::pending;
use std::time::Duration;

use http::header;
use supervise::supervised;
use supervise_tests::markup::{Element, read};
use tokio::time::sleep;

use crate::{get, page};

#[supervised(name = "structured", restart = true, backoff = "1h", critical = true)]
async fn worker(fails: bool) {
    assert!(!fails, "structured");
    pending::<()>().await;
}

#[tokio::test(start_paused = true)]
async fn there_is_nothing_on_it_but_text_and_links() {
    let tasks = [true, false].map(|fails| tokio::spawn(worker(fails)));
    sleep(Duration::from_millis(10)).await;
    for element in page().everything() {
        let allowed = [
            "head", "meta", "title", "link", "style", "body", "header", "nav", "main", "footer",
            "section", "h1", "h2", "p", "div", "span", "ul", "ol", "li", "dl", "dt", "dd", "table",
            "caption", "thead", "tbody", "tr", "th", "td", "b", "i", "q", "br", "strong", "small",
            "code", "pre", "time", "details", "summary", "a",
        ];
        assert!(allowed.contains(&&*element.name), "{}", element.name);
        for (name, value) in &element.attributes {
            let allowed = [
                "aria-current",
                "aria-label",
                "aria-labelledby",
                "charset",
                "class",
                "colspan",
                "content",
                "datetime",
                "href",
                "http-equiv",
                "id",
                "name",
                "open",
                "rel",
                "role",
                "scope",
            ];
            assert!(allowed.contains(&&**name), "{name}");
            let is_icon = element.name == "link" && value.starts_with("data:image/svg+xml,");
            let is_elsewhere = name == "href" && value.contains([':', '/', '\\']);
            assert!(!is_elsewhere || is_icon, "{value}");
        }
    }
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
}

#[test]
fn nothing_of_it_may_run_load_or_send_anything() {
    let response = get("");
    let header = |name| response.headers()[name].to_str().unwrap();
    let policy = header(header::CONTENT_SECURITY_POLICY);
    let rules: Vec<_> = policy.split("; ").collect();
    for rule in [
        "default-src 'none'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(rules.contains(&rule), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(header(header::REFERRER_POLICY), "no-referrer");
    assert_eq!(header(header::CACHE_CONTROL), "no-store");
    let json = get("?format=json");
    assert!(!json.headers().contains_key(header::CONTENT_SECURITY_POLICY));
}

#[tokio::test(start_paused = true)]
async fn a_screen_reader_finds_its_way() {
    let tasks = [true, false].map(|fails| tokio::spawn(worker(fails)));
    sleep(Duration::from_millis(10)).await;
    let page = page();
    assert_eq!(page.attribute("lang"), Some("en"));
    for landmark in ["header", "main", "footer", "h1", "title"] {
        assert_eq!(page.all(landmark).len(), 1, "{landmark}");
    }
    let navs = page.all("nav").into_iter();
    let mut labels: Vec<_> = navs
        .map(|nav| nav.attribute("aria-label").unwrap())
        .collect();
    labels.dedup();
    assert_eq!(labels.len(), 2, "{labels:?}");

    let sections = page.all("section");
    assert!(!sections.is_empty());
    for section in sections {
        let title = section.one("h2");
        assert_eq!(section.attribute("aria-labelledby"), title.attribute("id"));
        let table = section.one("table");
        assert_eq!(table.elements().next().unwrap().name, "caption");
        let heads = table.one("thead").all("th");
        assert_eq!(heads.len(), 7);
        assert!(
            heads
                .iter()
                .all(|head| head.attribute("scope") == Some("col"))
        );
        for group in table.all("tbody") {
            assert_eq!(group.one("th").attribute("scope"), Some("rowgroup"));
            let widths = group.elements().map(|row| {
                let cells = row.elements();
                let width = |span: Option<&str>| span.map_or(1, |span| span.parse().unwrap());
                cells
                    .map(|cell| width(cell.attribute("colspan")))
                    .sum::<usize>()
            });
            assert!(widths.collect::<Vec<_>>().iter().all(|width| *width == 7));
        }
    }
    for details in page.all("details") {
        assert_eq!(details.elements().next().unwrap().name, "summary");
    }
    for time in page.all("time") {
        let at = time.attribute("datetime").unwrap();
        assert_eq!(at.len(), "2026-11-25T21:45:28Z".len(), "{at}");
        assert!(time.text().ends_with(" UTC"));
        let clock = &at[at.len() - 9..at.len() - 1];
        assert!(time.text().contains(clock), "{at}");
    }
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(start_paused = true)]
async fn the_head_tells_what_this_is_and_of_when() {
    #[supervised(name = "starting", restart = true, backoff = "1h", critical = true)]
    async fn starting() {
        panic!("before it was ready");
    }
    let task = tokio::spawn(starting());
    sleep(Duration::from_millis(10)).await;
    let page = page();
    let head = page.one("header");
    assert_eq!(head.one("h1").text(), "billing 1.4.2");
    let facts: Vec<_> = head.all("div").into_iter().map(Element::text).collect();
    let fact = |name: &str| {
        facts
            .iter()
            .find_map(|fact| fact.strip_prefix(name))
            .unwrap()
    };
    assert_eq!(fact("Process id"), std::process::id().to_string());
    assert!(!fact("Host").is_empty());
    assert!(fact("Process started").contains(" UTC, "));
    assert!(fact("Rendered at").ends_with(" UTC"));
    assert!(facts.iter().any(|fact| {
        fact.starts_with("Not ready") && fact.contains("critical worker starting is starting")
    }));
    let title = page.one("title").text();
    assert!(
        title.contains(" in trouble · not ready · billing"),
        "{title}"
    );
    let foot = page.one("footer").text();
    assert!(foot.contains("may hold secrets") && foot.contains("admin port"));
    assert!(page.one("body").text().contains("more than a minute ago"));
    task.abort();
}

/// The reader would not find a mistake in the page if it did not refuse these.
#[test]
fn mistakes_are_refused() {
    let page = |body: &str| format!("<!doctype html>\n<html>{body}</html>\n");
    let page_in_order = page("<p id=\"a\">a &amp; b<br>c</p><details open>d</details>");
    assert_eq!(read(&page_in_order).text(), "a & bcd");
    for wrong in [
        "<p>",
        "</p>",
        "<b><i></b></i>",
        "<p id=a></p>",
        "<p id='a'></p>",
        "<p id=\"a\"></p><p id=\"a\"></p>",
        "<p id=\"a\" id=\"b\"></p>",
        "a < b",
        "a & b",
        "&nbsp;",
        "<P></P>",
        "<!-- -->",
        "a\u{7}",
        "\u{202e}",
        "<p title=\"<\"></p>",
    ] {
        let read = std::panic::catch_unwind(|| read(&page(wrong)));
        assert!(read.is_err(), "{wrong}");
    }
}
