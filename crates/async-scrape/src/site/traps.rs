//! Traps for crawlers, at `/trap/`. No page of the site links there.

use std::io;
use std::time::Duration;

use http_body_util::BodyExt;
use http_body_util::channel::Channel;
use hyper::Response;
use hyper::body::Bytes;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};

use super::response::{Body, answer, html, moved, zipped};

/// The answer for `/trap/` and this path.
pub fn respond(trap: &str, query: &str) -> Response<Body> {
    let (name, rest) = trap.split_once('/').unwrap_or((trap, ""));
    let number: u64 = rest.parse().unwrap_or(0);
    match name {
        // Each page links to one more.
        "pages" => html("A page", &format!("<a href=\"{}\">next</a>", number + 1)),
        // Links to the same page with ever other queries.
        "queries" => html("A page", &format!("<a href=\"?{query}&x=1\">again</a>")),
        "circle" => moved(302, if number == 0 { "1" } else { "0" }),
        "itself" => moved(302, "itself"),
        "chain" => moved(302, &(number + 1).to_string()),
        "endless" => stream(Duration::ZERO, Bytes::from_static(&[b'x'; 65_536])),
        "drip" => stream(Duration::from_secs(1), Bytes::from_static(b"x")),
        "reset" => reset(),
        "bomb" => {
            let mut response = answer(200, "text/html", zipped(&vec![b' '; 64 << 20]));
            response
                .headers_mut()
                .insert(CONTENT_ENCODING, "gzip".parse().expect("a header"));
            response
        }
        "links" => {
            let links: String = (0..100_000)
                .map(|n| format!("<a href=\"/trap/leaf/{n}\">{n}</a>\n"))
                .collect();
            html("Many links", &links)
        }
        "leaf" => html("A leaf", ""),
        "headers" => {
            let mut response = html("Long headers", "");
            for number in 0..100 {
                let name: hyper::header::HeaderName =
                    format!("x-{number}").parse().expect("a name");
                response
                    .headers_mut()
                    .insert(name, "x".repeat(100_000).parse().expect("a header"));
            }
            response
        }
        // The content type is wrong.
        "charset" => answer(
            200,
            "text/html; charset=utf-16",
            &b"<title>\xff\xfe\x80</title><a href=\"/trap/leaf/1\">x</a>"[..],
        ),
        "busy" => {
            let mut response = answer(503, "text/plain", "later");
            response
                .headers_mut()
                .insert(RETRY_AFTER, "3600".parse().expect("a header"));
            response
        }
        // A comment without an end.
        "dashes" => html("Dashes", &format!("<!--{}", "-".repeat(2_000_000))),
        "utf-16" => {
            let page = "<a href=/trap/leaf/3>x</a>"
                .bytes()
                .flat_map(|byte| [byte, 0]);
            answer(200, "text/html; charset=utf-16le", page.collect::<Vec<_>>())
        }
        // Short links, which a long base makes a hundred megabytes of URLs.
        "base" => {
            let links: String = (0..60_000).map(|n| format!("<a href={n}>x</a>")).collect();
            html(
                "Base",
                &format!("<base href=\"/{}/\">{links}", "b".repeat(1900)),
            )
        }
        "deep" => html("Deep", &"<div>".repeat(200_000)),
        "" => {
            let traps = [
                "pages/0", "queries?", "circle/0", "itself", "chain/0", "endless", "drip", "reset",
                "bomb", "headers", "charset", "busy", "deep", "leaf/0",
            ];
            let links: String = traps
                .iter()
                .map(|trap| format!("<a href=\"{trap}\">{trap}</a>\n"))
                .collect();
            html("Traps", &links)
        }
        _ => answer(404, "text/plain", "no trap"),
    }
}

/// Makes an answer with a body without end. It is sent until the client is gone.
fn stream(interval: Duration, chunk: Bytes) -> Response<Body> {
    let (mut sender, body) = Channel::new(1);
    tokio::spawn(async move {
        while sender.send_data(chunk.clone()).await.is_ok() {
            tokio::time::sleep(interval).await;
        }
    });
    let mut response = Response::new(body.boxed());
    response
        .headers_mut()
        .insert(CONTENT_TYPE, "text/html".parse().expect("a header"));
    response
}

/// Makes an answer whose connection breaks in the middle of the body.
fn reset() -> Response<Body> {
    let (mut sender, body) = Channel::new(1);
    tokio::spawn(async move {
        let _ = sender
            .send_data(Bytes::from_static(b"<a href=\"/trap/leaf/2\">"))
            .await;
        // Time for the first part to be sent.
        tokio::time::sleep(Duration::from_millis(50)).await;
        sender.abort(io::Error::from(io::ErrorKind::ConnectionReset));
    });
    Response::new(body.boxed())
}
