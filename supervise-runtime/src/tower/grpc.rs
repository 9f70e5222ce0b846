//! How a gRPC client is told of a panic.

use std::fmt::Write;

use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use super::request::{Protocol, Request};
use crate::excerpt;
use crate::failure::Failure;

/// The status "internal": "some invariants expected by the underlying system have been broken".
const INTERNAL: HeaderValue = HeaderValue::from_static("13");

/// The headers of a response that is nothing else; `None` if the request is no
/// gRPC.
pub(super) fn headers(request: &Request, failure: &Failure) -> Option<HeaderMap> {
    let content_type = match request.head.protocol {
        Protocol::Http => return None,
        Protocol::Grpc => "application/grpc",
        Protocol::GrpcWeb => "application/grpc-web+proto",
    };
    let mut headers = status(request, failure);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    Some(headers)
}

/// What follows on a body that has begun; `None` if nothing can.
pub(super) fn trailers(request: &Request, failure: &Failure) -> Option<HeaderMap> {
    let has_trailers = request.head.protocol == Protocol::Grpc;
    has_trailers.then(|| status(request, failure))
}

fn status(request: &Request, failure: &Failure) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(HeaderName::from_static("grpc-status"), INTERNAL);
    if request.boundary.exposes_message {
        let message = percent_encoded(&excerpt::of(failure.message()));
        if let Ok(message) = HeaderValue::from_str(&message) {
            headers.insert(HeaderName::from_static("grpc-message"), message);
        }
    }
    headers
}

/// As the protocol wants it: what is printable ASCII stays, but for `%`.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' '..=b'$' | b'&'..=b'~' => encoded.push(byte.into()),
            // Writing to a string does not fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::percent_encoded;

    #[test]
    fn a_message_is_encoded_so_that_any_text_is_a_header() {
        assert_eq!(percent_encoded("index 3 > 2 ~"), "index 3 > 2 ~");
        assert_eq!(percent_encoded("100 %\n"), "100 %25%0A");
        assert_eq!(percent_encoded("é\u{7f}"), "%C3%A9%7F");
    }
}
