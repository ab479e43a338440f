//! The site that is downloaded by default: chapters, pages, pictures and a style sheet. They are
//! made up, and the same in every run.

use hyper::{Response, StatusCode};

use super::response::{Body, answer, html};

/// All pages that can be reached from `/`, and `/` itself.
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

/// The latency of a page in milliseconds: from 65 to 148, and 3 s for all of them together. It is
/// the same in every run.
pub fn latency(path: &str) -> u64 {
    match PATHS.iter().position(|known| *known == path) {
        Some(index) => 65 + (index as u64 * 71) % 141,
        None => 0,
    }
}

/// The answer for this path.
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
        // As on httpstat.us, the site of the course: `/404` answers with status 404.
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
