//! The site that is downloaded if nobody says what: chapters, pages, pictures and a style sheet. They are made up, and always the same.

use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_TYPE, LOCATION};
use hyper::{Response, StatusCode};

use super::Body;

/// All that can be reached from `/`, with `/` itself.
pub const PATHS: [&str; 27] = [
    "/",
    "/style/site.css",
    "/style/print.css",
    "/style/paper.svg",
    "/picture/0.svg",
    "/picture/1.svg",
    "/picture/2.svg",
    "/chapter0/",
    "/chapter1/",
    "/chapter2/",
    "/chapter3/",
    "/chapter0/page0.html",
    "/chapter0/page1.html",
    "/chapter0/page2.html",
    "/chapter0/page3.html",
    "/chapter1/page0.html",
    "/chapter1/page1.html",
    "/chapter1/page2.html",
    "/chapter1/page3.html",
    "/chapter2/page0.html",
    "/chapter2/page1.html",
    "/chapter2/page2.html",
    "/chapter2/page3.html",
    "/chapter3/page0.html",
    "/chapter3/page1.html",
    "/chapter3/page2.html",
    "/chapter3/page3.html",
];

/// How long the answer takes, in milliseconds: from 65 to 148, always the same for the same page, and 3 s for all of them.
pub fn latency(path: &str) -> u64 {
    match PATHS.iter().position(|known| *known == path) {
        Some(index) => 65 + (index as u64 * 71) % 141,
        None => 0,
    }
}

/// An answer of a page of this type.
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

/// An answer of HTML.
pub fn html(title: &str, body: &str) -> Response<Body> {
    let page = format!("<!doctype html>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n{body}");
    answer(200, "text/html; charset=utf-8", page)
}

/// An answer of this status that leads elsewhere.
pub fn moved(status: u16, to: &str) -> Response<Body> {
    let mut response = answer(status, "text/html", "moved");
    let to = to.parse().expect("a header");
    response.headers_mut().insert(LOCATION, to);
    response
}

/// What is at this path.
pub fn respond(path: &str) -> Response<Body> {
    let style = "<link rel=\"stylesheet\" href=\"/style/site.css\">\n";
    let numbers = path
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|n| n.parse::<usize>().ok());
    let numbers: Vec<_> = numbers.collect();
    match (path, &numbers[..]) {
        ("/", _) => {
            let links: String = (0..4)
                .map(|n| format!("<p><a href=\"/chapter{n}/\">Chapter {n}</a></p>\n"))
                .collect();
            html(
                "A small site",
                &format!("{style}<h1>A small site</h1>\n{links}"),
            )
        }
        ("/robots.txt", _) => answer(200, "text/plain", "User-agent: *\nDisallow: /odd/private\n"),
        ("/style/site.css", _) => answer(
            200,
            "text/css",
            "@import \"print.css\" print;\nbody { background: url(paper.svg) }\n",
        ),
        ("/style/print.css", _) => answer(200, "text/css", "body { color: black }\n"),
        ("/style/paper.svg", _) => answer(200, "image/svg+xml", picture("#eee", 400)),
        ("/picture/0.svg", _) => answer(200, "image/svg+xml", picture("#c33", 600)),
        ("/picture/1.svg", _) => answer(200, "image/svg+xml", picture("#3c3", 900)),
        ("/picture/2.svg", _) => answer(200, "image/svg+xml", picture("#33c", 1200)),
        (_, &[chapter]) if PATHS.contains(&path) => {
            let links: String = (0..4)
                .map(|n| format!("<li><a href=\"page{n}.html\">Page {n}</a>\n"))
                .collect();
            html(
                &format!("Chapter {chapter}"),
                &format!("{style}<ul>\n{links}</ul>\n"),
            )
        }
        (_, &[chapter, page]) if PATHS.contains(&path) => {
            let lines: String = (0..200 * (page + chapter % 3 + 1))
                .map(|line| format!("<p>Line {line} of page {page} of chapter {chapter}.</p>\n"))
                .collect();
            let body = format!(
                "{style}<img src=\"/picture/{}.svg\" alt=\"\">\n{lines}<a href=\"page{}.html\">Next</a>\n<a href=\"/\">Home</a>\n",
                page % 3,
                (page + 1) % 4
            );
            html(&format!("Page {page} of chapter {chapter}"), &body)
        }
        // As the site that the course asks: `/404` is a 404.
        (_, &[code]) if path.len() == 4 && (200..=599).contains(&code) => {
            let code = u16::try_from(code).expect("at most 599");
            answer(code, "text/plain", describe(code))
        }
        _ => answer(404, "text/plain", format!("There is no {path} here.\n")),
    }
}

fn picture(colour: &str, circles: usize) -> String {
    let circles: String = (0..circles)
        .map(|n| {
            format!(
                "<circle cx=\"{}\" cy=\"{}\" r=\"9\" fill=\"{colour}\"/>\n",
                n * 37 % 800,
                n * 101 % 600
            )
        })
        .collect();
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 600\">\n{circles}</svg>\n")
}

fn describe(code: u16) -> String {
    let status = StatusCode::from_u16(code).ok();
    match code {
        524 => "524 A Timeout Occurred".to_owned(),
        204 | 205 | 304 => String::new(),
        _ => format!(
            "{code} {}",
            status
                .and_then(|s| s.canonical_reason())
                .unwrap_or("Unknown Code")
        ),
    }
}
