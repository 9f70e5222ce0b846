//! The page of a process in which no worker was ever started.

use http::Request;
use supervise_tests::markup::read;

#[test]
fn a_page_of_no_workers_says_so() {
    let request = Request::get("/workers?format=html").body(()).unwrap();
    let page = read(supervise::http::respond(&request).body());
    let title = page.one("title").text();
    assert!(title.starts_with("no workers · http_page_empty"), "{title}");
    assert!(page.one("header").text().contains("No workers yet"));
    assert!(page.one("header").text().contains("Ready for requests"));
    assert_eq!(
        page.one("main").text().trim(),
        "No worker was started in this process so far."
    );
    assert!(page.all("table").is_empty() && page.all("section").is_empty());
}
