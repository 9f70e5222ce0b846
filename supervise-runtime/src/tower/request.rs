//! What is known of a request that has crossed the boundary.

use http::Method;
use http::header::{CONTENT_TYPE, HeaderMap};
use http::uri::PathAndQuery;

use super::boundary::{Boundary, Caught};
use crate::failure::Failure;

/// A request on its way through, up to the end of its response.
pub(super) struct Request {
    pub(super) boundary: Boundary,
    pub(super) head: Head,
}

/// What is kept of the request itself, for its answer and the log.
pub(super) struct Head {
    method: Method,
    /// Shared with the request.
    path: Option<PathAndQuery>,
    pub(super) protocol: Protocol,
}

/// How an answer is to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http,
    Grpc,
    /// In HTTP of any version, which has no trailers for it.
    GrpcWeb,
}

impl Request {
    pub(super) fn new<B>(boundary: Boundary, request: &http::Request<B>) -> Self {
        let head = Head {
            method: request.method().clone(),
            path: request.uri().path_and_query().cloned(),
            protocol: Protocol::of(request.headers()),
        };
        Self { boundary, head }
    }

    #[inline]
    pub(super) fn inside<T>(&self, f: impl FnOnce() -> T) -> Result<T, Caught> {
        self.boundary.inside(f)
    }

    pub(super) fn panicked(&self, caught: Caught) -> Failure {
        self.boundary.panicked(Some(&self.head), caught)
    }

    pub(super) fn clean_up(&self, f: &mut dyn FnMut()) {
        self.boundary.clean_up(Some(&self.head), f);
    }
}

impl Head {
    pub(super) fn method(&self) -> &str {
        self.method.as_str()
    }

    /// Without the query, which may hold secrets.
    pub(super) fn path(&self) -> &str {
        self.path.as_ref().map_or("", PathAndQuery::path)
    }
}

impl Protocol {
    const GRPC: &[u8] = b"application/grpc";

    fn of(headers: &HeaderMap) -> Self {
        let Some(content_type) = headers.get(CONTENT_TYPE) else {
            return Self::Http;
        };
        let Some((kind, rest)) = content_type.as_bytes().split_at_checked(Self::GRPC.len()) else {
            return Self::Http;
        };
        if !kind.eq_ignore_ascii_case(Self::GRPC) {
            return Self::Http;
        }
        match rest {
            [] | [b'+' | b';' | b' ', ..] => Self::Grpc,
            [b'-', rest @ ..] if starts_with_web(rest) => Self::GrpcWeb,
            _ => Self::Http,
        }
    }
}

fn starts_with_web(text: &[u8]) -> bool {
    text.get(..3)
        .is_some_and(|word| word.eq_ignore_ascii_case(b"web"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_request_is_grpc_by_its_content_type() {
        for (content_type, protocol) in [
            ("application/grpc", Protocol::Grpc),
            ("application/grpc+proto", Protocol::Grpc),
            ("Application/GRPC; charset=utf-8", Protocol::Grpc),
            ("application/grpc-web", Protocol::GrpcWeb),
            ("application/grpc-web+proto", Protocol::GrpcWeb),
            ("application/grpc-Web-text", Protocol::GrpcWeb),
            ("application/grpcurl", Protocol::Http),
            ("application/grpc-we", Protocol::Http),
            ("application/grp", Protocol::Http),
            ("application/json", Protocol::Http),
            ("", Protocol::Http),
        ] {
            let mut headers = HeaderMap::new();
            assert_eq!(Protocol::of(&headers), Protocol::Http);
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            assert_eq!(Protocol::of(&headers), protocol, "{content_type}");
        }
    }
}
