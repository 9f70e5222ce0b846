//! The pages for operators, as programs and terminals get them.

#[path = "http/hostile.rs"]
mod hostile;
#[path = "http/json.rs"]
mod json;
#[path = "http/routes.rs"]
mod routes;
#[path = "http/table.rs"]
mod table;

use http::{Request, Response};

/// The answer to `GET`.
fn get(path: &str) -> Response<String> {
    supervise::http::respond(&Request::get(path).body(()).unwrap())
}
