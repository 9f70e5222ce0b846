//! The pages of this process, over HTTP: at `/`, and below a prefix.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Mutex;
use std::thread;

use axum::Router;
use axum::extract::Request;
use axum::http::Response;
use axum::routing::any;
use supervise::http::Admin;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

static ADMIN: Admin = Admin::new().service("billing", "1.4.2");

/// What was asked for so far.
static ASKED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Serves them as long as the process lives; where.
pub fn serve() -> String {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let pages = || Router::new().fallback(any(answer));
    let router = Router::new().nest("/ops/billing", pages()).merge(pages());
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
    });
    format!("http://{address}")
}

async fn answer(request: Request) -> Response<String> {
    ASKED.lock().unwrap().push(request.uri().to_string());
    ADMIN.respond(&request)
}

pub fn asked() -> Vec<String> {
    ASKED.lock().unwrap().clone()
}
