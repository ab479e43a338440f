//! The answers of the site, as hyper sends them.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, LOCATION};
use hyper::{Response, StatusCode};

/// The body of an answer. Some bodies have no end, or break off.
pub type Body = BoxBody<Bytes, std::io::Error>;

/// Makes an answer with this status, content type and body.
pub fn answer(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Response<Body> {
    let body = Full::from(body.into())
        .map_err(|never| match never {})
        .boxed();
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    if !kind.is_empty() {
        let kind = kind.parse().expect("a header");
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    response
}

/// Makes an answer of HTML.
pub fn html(title: &str, body: &str) -> Response<Body> {
    let page = format!("<!doctype html>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n{body}");
    answer(200, "text/html; charset=utf-8", page)
}

/// Makes a redirect with this status.
pub fn moved(status: u16, to: &str) -> Response<Body> {
    let mut response = answer(status, "text/html", "moved");
    let to = to.parse().expect("a header");
    response.headers_mut().insert(LOCATION, to);
    response
}

/// Compresses a body with gzip.
pub fn zipped(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(text)
        .and_then(|()| encoder.finish())
        .expect("memory takes everything")
}
