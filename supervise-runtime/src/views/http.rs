//! Pages for operators: metrics, probes, and a page about the workers.
//!
//! [`respond`] turns a request into a response, in whatever server there is; no
//! framework is needed, and none is brought. With axum:
//!
//! ```
//! # use http::{Request, Response};
//! use supervise::http::Admin;
//!
//! static ADMIN: Admin = Admin::new().service("billing", env!("CARGO_PKG_VERSION"));
//!
//! async fn admin<B>(request: Request<B>) -> Response<String> {
//!     ADMIN.respond(&request)
//! }
//! // let router: axum::Router = axum::Router::new().fallback(admin);
//! ```
//!
//! | path | what it answers |
//! |---|---|
//! | `/metrics` | the metrics in Prometheus' text format (feature `prometheus`) |
//! | `/livez` | 200, as long as the process answers at all: no worker makes it fail |
//! | `/readyz` | 200 if requests may be sent, 503 if not, with the reasons |
//! | `/workers` | all workers: a page for people, JSON for programs, a table for `curl` |
//!
//! `GET` and `HEAD` are answered. Nothing here changes anything.
//!
//! **These pages belong on an admin port**, that the public can't reach: names,
//! places and the messages of panics and errors may hold secrets.
//!
//! # Ready or not
//!
//! A process is not ready
//!
//! - until each critical worker has called [`ready`](crate::ready()), or one of its
//!   runs has stayed up for 5 s. A worker counts from its first start: spawn them
//!   before the port is open;
//! - after a critical worker gave up, until one of that name is started again;
//! - once a supervisor that is nobody's child is told to shut down, as long as it
//!   exists.
//!
//! A crash loop is no reason, not even of a critical worker: a bad push would take
//! all replicas out of rotation at once.
//!
//! # The page about the workers
//!
//! It is HTML for whoever accepts `text/html`, JSON for `application/json`, and
//! text otherwise; `?format=html`, `json` and `text` overrule that. Times are UTC.
//!
//! A worker is *in trouble*, and on top, if one of its name gave up and none was
//! started since; if one failed and no run was healthy since; or if it is periodic
//! and three periods have passed since a tick succeeded. The worst are the first:
//! those that gave up, then crash loops of five failures and more, then the others;
//! among the same, critical ones.
//!
//! As HTML it needs no script and loads nothing. It loads itself again every 5 s, or
//! 30 s if there are more than 500 workers; `?refresh=60` says how often, in seconds,
//! and `?refresh=0` that it is not to. Its links are relative: it may be below any
//! prefix. The last failures of those in trouble are open to read, those of the
//! others at a click. From 1 MiB on the page tells of each worker only the last one,
//! and refers to the JSON for the others.
//!
//! # The JSON
//!
//! ```json
//! {
//!   "schema": 1,
//!   "rendered_at": "2026-11-25T21:45:28Z",
//!   "process": {
//!     "name": "billing", "version": "1.4.2", "supervise_version": "0.1.0",
//!     "pid": 4242, "host": "billing-7d4", "started_at": "2026-11-25T09:00:00Z"
//!   },
//!   "readiness": { "ready": true, "shutting_down": false, "gave_up": [], "starting": [] },
//!   "workers": [{
//!     "name": "cleanup", "kind": "worker", "restart": "on_failure", "critical": false,
//!     "location": { "file": "src/cleanup.rs", "line": 12, "column": 1 },
//!     "ready": true, "trouble": "failing",
//!     "running": 0, "waiting": 1, "scheduled": 0, "gave_up": 0,
//!     "since": "2026-11-25T21:45:20Z", "next_start": "2026-11-25T21:45:33Z",
//!     "starts": 5, "panics": 5, "gave_up_total": 0, "consecutive_failures": 5,
//!     "exits": { "finished": 0, "error": 0, "panic": 5, "timeout": 0, "shutdown": 0, "cancelled": 0 },
//!     "restarts": { "finished": 0, "error": 0, "panic": 4, "timeout": 0, "shutdown": 0, "cancelled": 0 },
//!     "last_failures": [{
//!       "reason": "panic", "message": "no cache.ttl_seconds", "count": 5,
//!       "place": { "file": "src/app.rs", "line": 61, "column": 43 },
//!       "at": "2026-11-25T21:45:20Z"
//!     }],
//!     "periodic": null
//!   }]
//! }
//! ```
//!
//! Every member is always there. `version`, `host`, `started_at`, `trouble`,
//! `since`, `next_start` and `place` can be `null`. `trouble` is `"gave_up"`,
//! `"failing"` or `"late"`, `kind` one of [`Kind`](crate::Kind)'s words, `reason`
//! one of [`Reason`](crate::Reason)'s; the others are the fields of
//! [`WorkerStatus`](crate::WorkerStatus) and mean what they mean there. Of a
//! periodic worker, `periodic` is
//!
//! ```json
//! {
//!   "period_seconds": 3600, "first_start": "2026-11-25T09:00:00Z",
//!   "last_success": null, "ticks": 2, "ticks_seconds": 0.25
//! }
//! ```
//!
//! The order of the workers is that of the page. What is added later does not
//! change `schema`; what is changed or taken away does.

mod html;
mod json;
mod negotiate;
mod process;
mod readiness;
mod snapshot;
mod state;
mod text;
mod trouble;
mod unseen;
mod utc;

use http::header::{self, HeaderName};
use http::{HeaderValue, Method, Request, Response, StatusCode};

use self::negotiate::Form;
use self::snapshot::{Service, Snapshot};
use crate::registry;

/// The response to a request for one of the pages: [`Admin::respond`] with nothing
/// said of the service.
///
/// # Examples
///
/// ```
/// use http::{Request, StatusCode};
///
/// let request = Request::get("/livez").body(())?;
/// assert_eq!(supervise::http::respond(&request).status(), StatusCode::OK);
/// # Ok::<_, http::Error>(())
/// ```
#[must_use]
pub fn respond<B>(request: &Request<B>) -> Response<String> {
    Admin::new().respond(request)
}

/// The pages, and what they say of the service that they are part of.
#[derive(Clone, Debug, Default)]
pub struct Admin {
    service: Service,
    #[cfg(feature = "prometheus")]
    registry: Option<prometheus::Registry>,
}

impl Admin {
    /// Pages that name the program's file, and no version.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            service: Service {
                name: None,
                version: None,
            },
            #[cfg(feature = "prometheus")]
            registry: None,
        }
    }

    /// What the service is called, and which version of it this is, such as
    /// `env!("CARGO_PKG_VERSION")`.
    #[must_use]
    pub const fn service(mut self, name: &'static str, version: &'static str) -> Self {
        self.service = Service {
            name: Some(name),
            version: Some(version),
        };
        self
    }

    /// The registry that `/metrics` shows, instead of the default one.
    ///
    /// The metrics of the workers are in it if they were added
    /// ([`metrics::register`](crate::metrics::register)).
    #[cfg(feature = "prometheus")]
    #[must_use]
    pub fn registry(mut self, registry: prometheus::Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// The response to `request`: 404 if there is no such page, 405 if it was not
    /// asked for by `GET` or `HEAD`.
    ///
    /// # Panics
    ///
    /// `/metrics` reads all collectors of the registry: it panics if one does that
    /// is not of this crate.
    ///
    /// # Examples
    ///
    /// ```
    /// use http::{Request, StatusCode};
    /// use supervise::http::Admin;
    ///
    /// let admin = Admin::new().service("billing", "1.4.2");
    /// let request = Request::get("/workers?format=json").body(())?;
    /// let response = admin.respond(&request);
    /// assert!(response.body().contains(r#""version":"1.4.2""#));
    /// # Ok::<_, http::Error>(())
    /// ```
    #[must_use]
    pub fn respond<B>(&self, request: &Request<B>) -> Response<String> {
        self.answer(request.method(), request.uri(), request.headers())
    }

    /// One piece of code for all bodies.
    fn answer(
        &self,
        method: &Method,
        uri: &http::Uri,
        headers: &http::HeaderMap,
    ) -> Response<String> {
        let query = uri.query().unwrap_or_default();
        let page = match uri.path() {
            #[cfg(feature = "prometheus")]
            "/metrics" => self.metrics(),
            "/livez" => text(StatusCode::OK, "alive\n".into()),
            "/readyz" => readyz(),
            "/workers" => self.workers(Form::wanted(query, headers), query),
            _ => text(
                StatusCode::NOT_FOUND,
                "there are /workers, /livez, /readyz and, with metrics, /metrics\n".into(),
            ),
        };
        match *method {
            Method::GET => page,
            Method::HEAD => page.map(|_| String::new()),
            _ => not_allowed(),
        }
    }

    fn workers(&self, form: Form, query: &str) -> Response<String> {
        let snapshot = Snapshot::take(self.service);
        let (body, content_type) = match form {
            Form::Html => (html::page(&snapshot, query), "text/html; charset=utf-8"),
            Form::Json => (json::page(&snapshot), "application/json"),
            Form::Text => (text::page(&snapshot), TEXT),
        };
        let mut response = response(StatusCode::OK, content_type, body);
        set(&mut response, header::VARY, "accept");
        if form == Form::Html {
            let policy = header::CONTENT_SECURITY_POLICY;
            set(&mut response, policy, html::POLICY);
            // Its address, and that of the admin port, is nobody else's business.
            set(&mut response, header::REFERRER_POLICY, "no-referrer");
        }
        response
    }

    #[cfg(feature = "prometheus")]
    fn metrics(&self) -> Response<String> {
        let families = match &self.registry {
            Some(registry) => registry.gather(),
            None => prometheus::gather(),
        };
        match prometheus::TextEncoder::new().encode_to_string(&families) {
            Ok(metrics) => response(StatusCode::OK, prometheus::TEXT_FORMAT, metrics),
            Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
        }
    }
}

const TEXT: &str = "text/plain; charset=utf-8";

fn readyz() -> Response<String> {
    let readiness = readiness::of(&registry::workers());
    let status = if readiness.is_ready() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    text(status, readiness.told())
}

fn not_allowed() -> Response<String> {
    let why = "these pages change nothing: GET and HEAD only\n";
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, why.into());
    set(&mut response, header::ALLOW, "GET, HEAD");
    response
}

fn text(status: StatusCode, body: String) -> Response<String> {
    response(status, TEXT, body)
}

fn response(status: StatusCode, content_type: &'static str, body: String) -> Response<String> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    set(&mut response, header::CONTENT_TYPE, content_type);
    // What was true a moment ago is not to be shown again.
    set(&mut response, header::CACHE_CONTROL, "no-store");
    // A message in it is never a page of its own.
    set(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

fn set(response: &mut Response<String>, name: HeaderName, value: &'static str) {
    let headers = response.headers_mut();
    headers.insert(name, HeaderValue::from_static(value));
}
