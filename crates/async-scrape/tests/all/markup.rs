//! Links where real pages have them, and browsers find them.

use crate::Crawling;
use crate::heads::bytes;
use crate::site::crawl;

/// The paths that are requested after `/page`, in the order of the alphabet.
fn followed(head: &str, body: &[u8]) -> Vec<String> {
    let answer = [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n",
        head.as_bytes(),
        b"\r\n",
        body,
    ]
    .concat();
    let (server, asked) = bytes(move |path| match path {
        "/page" => answer.clone(),
        _ => b"HTTP/1.1 404 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec(),
    });
    crawl(&Crawling::default(), &format!("{server}/page"));
    let asked = asked.lock().unwrap();
    let paths = asked.iter().map(|head| head.split(' ').nth(1).unwrap());
    let mut paths: Vec<_> = paths
        .filter(|path| !["/page", "/robots.txt"].contains(path))
        .collect();
    paths.sort_unstable();
    paths.into_iter().map(str::to_owned).collect()
}

#[track_caller]
fn same(head: &str, body: &[u8], expected: &[&str]) {
    let told = String::from_utf8_lossy(body).into_owned();
    assert_eq!(followed(head, body), expected, "{head}{told}");
}

const HTML: &str = "Content-Type: text/html\r\n";

#[test]
fn what_is_html_is_seen_by_its_type_or_its_beginning() {
    for (head, body) in [
        ("", &b"\xef\xbb\xbf<html><a href=a>x</a>"[..]),
        ("", b"<!-- a comment --><a href=a>x</a>"),
        ("", b"\r\n<TITLE>x</TITLE><a href=a>x</a>"),
        ("Content-Type: */*\r\n", b"<a href=a>x</a>"),
        ("", b"<html\nlang=en><a href=a>x</a>"),
        (
            "Content-Type: text/html\r\nContent-Type: utf-8\r\n",
            b"<a href=a>x</a>",
        ),
        (
            "Content-Type: text/plain, text/html\r\n",
            b"<a href=a>x</a>",
        ),
        (
            "Content-Type: application/vnd.wap.xhtml+xml\r\n",
            b"<a href='a'>x</a>",
        ),
    ] {
        same(head, body, &["/a"]);
    }
    same("", b"text, and <a href=a>x</a>", &[]);
    same(
        "Content-Type: text/plain\r\n",
        b"<!doctype html><a href=a>x</a>",
        &[],
    );
}

#[test]
fn links_are_where_browsers_find_them() {
    for (body, expected) in [
        ("<base href='javascript:x'><a href=a>x</a>", &["/a"][..]),
        ("<base href='data:text/plain,x'><a href=a>x</a>", &["/a"]),
        (
            "<base href='/b/'><base href='/c/'><a href=a>x</a>",
            &["/b/a"],
        ),
        (
            "<img srcset='a(1).png 1x, b.png 2x (x, y), c.png'>",
            &["/a(1).png", "/b.png", "/c.png"],
        ),
        (
            "<svg><a xlink:href=a /><a href=b /><use xlink:href='c#d'/><feImage href=e /></svg>",
            &["/a", "/b", "/c", "/e"],
        ),
        (
            "<style>/* isn't */ @import 'a.css'; <!-- @import url(b.css) --></style>",
            &["/a.css", "/b.css"],
        ),
        (
            "<img src=a data-src=b data-srcset='c 1x'><iframe data-src=d></iframe>",
            &["/a", "/b", "/c", "/d"],
        ),
        (
            "<bgsound src=a><img lowsrc=b data-original=c>",
            &["/a", "/b", "/c"],
        ),
        (
            "<iframe srcdoc='&lt;base href=/b/&gt;&lt;a href=&quot;/a?x&amp;amp;y&quot;&gt;'></iframe>",
            &["/a?x&y"],
        ),
        (
            "<base href=/x/><iframe srcdoc='&lt;base href=b/&gt;&lt;a href=c&gt;'></iframe><a href=d>x</a>",
            &["/x/b/c", "/x/d"],
        ),
        (
            "<image src=a srcset='b 1x'><tbody background=c>",
            &["/a", "/b", "/c"],
        ),
        (
            "<img data-lazy-src=a data-lazy-srcset='b 2x'>",
            &["/a", "/b"],
        ),
        ("<p style='background: \\75rl(a.png)'>", &["/a.png"]),
        (
            "<link rel='dns-prefetch Preconnect' href=/no><link rel='preconnect icon' href=a>",
            &["/a"],
        ),
        (
            "<meta property='og:image' content='/a'><meta name=twitter:image content=b><meta property=og:title content=no>",
            &["/a", "/b"],
        ),
        (
            "<a href='a?q=&#150;&#x80;'>x</a>",
            &["/a?q=%E2%80%93%E2%82%AC"],
        ),
    ] {
        same(HTML, body.as_bytes(), expected);
    }
}

#[test]
fn a_style_sheet_without_a_type_is_known_by_its_name() {
    let (server, asked) = bytes(|path| {
        let body = match path {
            "/page" => "<html><link rel=stylesheet href=a.css>",
            "/a.css" => "p { background: url(b.png) }",
            _ => "",
        };
        format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}").into_bytes()
    });
    crawl(&Crawling::default(), &format!("{server}/page"));
    assert!(
        asked
            .lock()
            .unwrap()
            .iter()
            .any(|head| head.starts_with("GET /b.png "))
    );
}

#[test]
fn xhtml_is_read_as_xml() {
    for kind in [
        "application/xhtml+xml",
        "application/vnd.wap.xhtml+xml",
        "text/xml",
    ] {
        same(
            &format!("Content-Type: {kind}\r\n"),
            b"<?xml version='1.0'?><?xml-stylesheet type='text/css' href='a.css'?>\
              <html xmlns='http://www.w3.org/1999/xhtml'><head><title/><script src='b.js'/>\
              <style>@import 'c.css';</style></head><body><iframe src='d'/><textarea/>\
              <![CDATA[<a href='no'>]]><!-- -- <a href='no'> --!> <a href='no'> -->\
              <x:a xmlns:x='http://www.w3.org/1999/xhtml' href='e'/><a href='f'>x</a></body></html>",
            &["/a.css", "/b.js", "/c.css", "/d", "/e", "/f"],
        );
    }
    same(
        "Content-Type: image/svg+xml\r\n",
        b"<svg xmlns:xl='http://www.w3.org/1999/xlink' xmlns:xlink='http://www.w3.org/1999/xlink'>\
          <title/><a xlink:href='a'/><image href='b'/><use xl:href='c#d'/></svg>",
        &["/a", "/b", "/c"],
    );
}

#[test]
fn the_encoding_is_found_wherever_it_is_said() {
    let late = |label: &str, link: &[u8]| {
        let head = format!("<!-- {} --><meta charset={label}>", "-".repeat(2000));
        [head.as_bytes(), b"<a href=", link, b">x</a>"].concat()
    };
    let utf_16: Vec<u8> = "<a href=ä>x</a>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (head, body, expected) in [
        (HTML, late("koi8-r", b"\xc1?\xc1"), "/%D0%B0?%C1"),
        (
            HTML,
            late("shift_jis", b"\x83\x5c?\x83\x5c"),
            "/%E3%82%BD?%83\\",
        ),
        (HTML, utf_16.clone(), "/%C3%A4"),
        ("", utf_16, "/%C3%A4"),
        (
            "Content-Type: application/xhtml+xml\r\n",
            b"<?xml version='1.0' encoding='koi8-r'?><a href='\xc1'/>".to_vec(),
            "/%D0%B0",
        ),
        // All of this page is ASCII, but its link is not.
        (
            "Content-Type: text/html; charset=iso-8859-1\r\n",
            b"<a href='a?q=&auml;'>x</a>".to_vec(),
            "/a?q=%E4",
        ),
        (
            HTML,
            b"<meta charset=latin1><a href='a?q=&auml;&#x3b1;'>x</a>".to_vec(),
            "/a?q=%E4%26%23945%3B",
        ),
    ] {
        same(head, &body, &[expected]);
    }
}

#[test]
fn wishes_for_robots_are_obeyed_wherever_they_stand() {
    const LINK: &[u8] = b"<!doctype html><a href=a>x</a>";
    for head in [
        "X-Robots-Tag: nofollow\r\n",
        "X-Robots-Tag: noindex\r\nx-robots-tag: async-scrape: none\r\n",
    ] {
        same(head, LINK, &[]);
    }
    for head in [
        "X-Robots-Tag: noindex\r\n",
        "X-Robots-Tag: other: nofollow\r\n",
    ] {
        same(head, LINK, &["/a"]);
    }
    same(
        HTML,
        b"<meta name=Async-Scrape/0.1.0 content=nofollow><a href=a>x</a>",
        &[],
    );
    same(
        HTML,
        b"<meta name=other content=nofollow><a href=a>x</a>",
        &["/a"],
    );
}

/// As much of a `robots.txt` is read as the standard asks for.
#[test]
fn half_a_rule_at_the_end_of_what_is_read_is_no_rule() {
    let mut rules = b"User-agent: *\nDisallow: /b\n#".to_vec();
    let rule = b"\nDisallow: /private";
    // The last byte that is read is the slash.
    rules.resize((500 << 10) - b"\nDisallow: /".len(), b'x');
    rules.extend_from_slice(rule);
    let (server, asked) = bytes(move |path| {
        let body = match path {
            "/robots.txt" => &*rules,
            _ => b"<!doctype html><a href=a>x</a><a href=b>x</a>",
        };
        [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", body].concat()
    });
    crawl(&Crawling::default(), &format!("{server}/"));
    assert_eq!(asked.lock().unwrap().len(), 3);
}
