//! What the query asks.

use supervise_tests::markup::{Element, read};

use crate::get;

fn refresh(page: &Element) -> Option<&str> {
    let metas = page.all("meta").into_iter();
    let mut metas = metas.filter(|meta| meta.attribute("http-equiv") == Some("refresh"));
    metas.next()?.attribute("content")
}

fn links(page: &Element) -> Vec<&str> {
    let links = page.all("a").into_iter();
    links.filter_map(|link| link.attribute("href")).collect()
}

#[test]
fn the_page_refreshes_itself_unless_told_not_to() {
    for (query, seconds) in [
        ("", Some("5")),
        ("?refresh=30", Some("30")),
        // It is offered as long as it is so.
        ("?refresh=7", Some("7")),
        ("?refresh=0", None),
    ] {
        let page = read(get(query).body());
        assert_eq!(refresh(&page), seconds, "{query}");
        let current = page.all("a").into_iter();
        let current = current.filter(|link| link.attribute("aria-current").is_some());
        let current: Vec<_> = current.map(Element::text).collect();
        let seconds = seconds.map_or("off".into(), |seconds| format!("{seconds} s"));
        assert_eq!(current, [seconds]);
    }
    let page = read(get("").body());
    assert!(links(&page).contains(&"?refresh=0"));
}

#[test]
fn hostile_values_are_as_good_as_none() {
    for query in [
        "?refresh=",
        "?refresh=-1",
        "?refresh=1e3",
        "?refresh=99999999999999999999999",
        "?refresh=5;url=//example.com",
        "?refresh=%22%3E%3Cscript%3E",
        "?&&==&=&refresh&%",
    ] {
        let response = get(query);
        let page = read(response.body());
        assert_eq!(refresh(&page), Some("5"), "{query}");
        assert!(!response.body().contains("example.com"));
    }
}

#[test]
fn the_form_that_was_asked_for_is_kept_and_all_links_are_relative() {
    let page = read(get("?format=html&refresh=7").body());
    assert_eq!(refresh(&page), Some("7"));
    for link in links(&page) {
        match link.strip_prefix("?refresh=") {
            Some(rest) => assert!(rest.ends_with("&format=html"), "{link}"),
            None => assert!(
                ["?format=json", "?format=text", "metrics", "readyz"].contains(&link),
                "{link}"
            ),
        }
    }
    for form in ["?format=json", "?format=text", "metrics", "readyz"] {
        assert!(links(&page).contains(&form), "{form}");
    }
}
