//! The pages for operators, in axum. A service in production has them on a port
//! of its own, which the public can't reach.

use axum::Router;
use axum::extract::Request;
use axum::http::Response;
use axum::routing::any;
use supervise::http::Admin;

pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let pages = ["/workers", "/metrics", "/livez", "/readyz"];
    let add = |router: Router<S>, path| router.route(path, any(answer));
    pages.into_iter().fold(Router::new(), add)
}

async fn answer(request: Request) -> Response<String> {
    static ADMIN: Admin = Admin::new().service("incident", env!("CARGO_PKG_VERSION"));
    ADMIN.respond(&request)
}
