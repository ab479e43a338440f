//! Pages with unusual links, as real sites have them: correct, and hard to read.

use hyper::Response;
use hyper::header::CONTENT_ENCODING;

use super::response::{Body, answer, html, moved, zipped};

/// The files that a crawl from `/odd/` leaves in that folder, in the order of the alphabet.
pub const FILES: [&str; 29] = [
    "attribute.png",
    "base/there.html",
    "based.html",
    "both",
    "bound.css",
    "css-font.woff2",
    "css-import.css",
    "css-inline.png",
    "css-style.png",
    "entity.html%3Fa=1&b=2",
    "found.html",
    "frame.html",
    "index.html",
    "latin1.html",
    "latin1.html%3Fq=%25E4",
    "moved-here.html",
    "no-type",
    "nofollow.html",
    "noscript.html",
    "page.html",
    "page.html%3Fx",
    "poster.jpg",
    "refresh.html",
    "script.js",
    "set-1x.png",
    "set-2x.png",
    "twice spelt.html",
    "video.webm",
    "zipped.html",
];

/// The answer for this path; `None` if it is not one of these pages.
pub fn respond(path: &str, query: &str) -> Option<Response<Body>> {
    let name = path.strip_prefix("/odd/")?;
    let page = |links: &str| html("Odd", links);
    Some(match (name, query) {
        ("", "") => page(HOME),
        ("latin1.html", "") => {
            let body = b"<title>Gr\xfc\xdfe</title><a href=\"latin1.html?q=\xe4\">x</a>";
            answer(200, "text/html; charset=iso-8859-1", body)
        }
        ("based.html", "") => page("<base href=\"base/\"><a href=there.html>x</a><base href=no/>"),
        ("moved.html", "") => moved(301, "moved-here.html"),
        ("moved-out.html", "") => moved(301, "http://other.invalid/"),
        ("private.html", "") => page("<a href=never.html>x</a>"),
        ("nofollow.html", "") => {
            page("<meta name=robots content=nofollow><a href=never.html>x</a>")
        }
        ("bound.css", "") => answer(
            200,
            "text/css",
            "@import 'css-import.css'; @font-face { src: url(css-font.woff2) }",
        ),
        ("no-type", "") => answer(200, "", "<!DOCTYPE html><a href=found.html>x</a>"),
        ("zipped.html", "") => {
            let mut response = answer(200, "text/html", zipped(b"<a href=page.html>x</a>"));
            response
                .headers_mut()
                .insert(CONTENT_ENCODING, "gzip".parse().expect("a header"));
            response
        }
        // Paths are the names of the files, but for the encoded space.
        _ if FILES.contains(&&*name.replace("%20", " ")) || name == "entity.html" => {
            let is_page = name.ends_with("html");
            let kind = if is_page {
                "text/html"
            } else {
                "application/octet-stream"
            };
            answer(200, kind, format!("This is {path}."))
        }
        _ => return None,
    })
}

const HOME: &str = r##"
<a href="page.html">plain</a> <a href="#here">this page</a> <a href="./page.html#there">and with a fragment</a>
<A HREF = 'page.html?x' title=">">quotes</A> <a href="/odd/../odd/page.html?">the same again</a>
<a href="entity.html?a=1&amp;b=2">entities</a> <a href="&#47;odd&sol;based.html">more of them</a>
<a href="twice%20spelt.html">a</a> <a href="twice spelt.html">b</a> <a href="%74wice%20spelt.html">c</a>
<noscript><a href="noscript.html">without scripts</a></noscript>
<img src="set-1x.png" srcset="set-1x.png, set-2x.png 2x" style="background: url('css-style.png')">
<table background=attribute.png><tr><td>old</table>
<video poster="poster.jpg"><source src="video.webm"></video> <iframe src=frame.html></iframe>
<meta http-equiv="Refresh" content="3600; URL='refresh.html'">
<link rel="stylesheet" href="bound.css"> <style>p { background: url(css-inline.png) } /* url(never.png) */</style>
<script src="script.js"></script> <script>document.write("<a href=never-script.html>"); // <!-- <script> </script> --></script>
<!-- <a href="never-comment.html"> --> <textarea><a href="never-text.html"></textarea>
<a href="latin1.html">another charset</a> <a href="moved.html">moved</a> <a href="moved-out.html">moved away</a>
<a href="private.html">private</a> <a href="no-type">no type</a> <a href="zipped.html">zipped</a>
<a href="http://other.invalid/">somebody else</a> <a href="http://169.254.169.254/latest/meta-data/">the cloud</a>
<a href="file:///etc/passwd">a file</a> <a href="javascript:void(0)">a script</a> <a href="mailto:me@example.com">mail</a>
<a href="ftp://127.0.0.1/x">ftp</a> <a href="http://me:secret@127.0.0.1/never.html">a password</a> <a href="http://[">broken</a>
<a href="both">a file</a> <a href="nofollow.html">no more</a>
"##;
