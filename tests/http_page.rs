//! The page about the workers, as it is written. How it is rendered is in
//! `browser.rs`.

#[path = "http_page/failures.rs"]
mod failures;
#[path = "http_page/hostile.rs"]
mod hostile;
#[path = "http_page/query.rs"]
mod query;
#[path = "http_page/rows.rs"]
mod rows;
#[path = "http_page/structure.rs"]
mod structure;
#[path = "http_page/style.rs"]
mod style;

use http::{Request, Response};
use supervise::http::Admin;
use supervise_tests::markup::{Element, read};

/// The answer to a browser.
fn get(query: &str) -> Response<String> {
    static ADMIN: Admin = Admin::new().service("billing", "1.4.2");
    let request = Request::get(format!("/workers{query}"));
    let request = request.header(http::header::ACCEPT, "text/html,*/*;q=0.8");
    ADMIN.respond(&request.body(()).unwrap())
}

fn page() -> Element {
    read(get("").body())
}

/// What is told of a worker.
struct Row<'p> {
    group: &'p Element,
    /// Those of the first row: name, state, since, next start, runs, restarts,
    /// panics.
    cells: Vec<&'p Element>,
}

/// The row of the worker called so.
#[track_caller]
fn row<'p>(page: &'p Element, name: &str) -> Row<'p> {
    let groups = page.all("tbody").into_iter();
    let mut groups = groups.filter(|group| group.one("th").one("b").text() == name);
    let group = groups.next().unwrap_or_else(|| panic!("no row of {name}"));
    assert!(groups.next().is_none(), "one row of {name}");
    let first = group.elements().next().unwrap();
    let cells = first.elements().collect();
    Row { group, cells }
}

impl Row<'_> {
    fn told(&self) -> Vec<String> {
        self.cells.iter().map(|cell| cell.text()).collect()
    }

    fn class(&self) -> &str {
        self.group.attribute("class").unwrap()
    }
}
