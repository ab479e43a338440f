//! Crawls leave the files of `wget -r`, which has followed links since 1996. Where wget is not
//! installed, these tests say so and end.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use async_scrape::Strategy;
use timing::Timeline;

use crate::list::{head, raw};
use crate::{Crawling, close, files, site, url};

/// The files that wget leaves, without the server's folder; `None` if wget is not installed.
fn wget(from: &str) -> Option<BTreeSet<String>> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("wget");
    command.args([
        "--quiet",
        "--recursive",
        "--level=inf",
        "--no-host-directories",
        "--tries=1",
        "--no-proxy",
    ]);
    // Its exit status is not checked: a single 404 makes it an error.
    if command
        .arg(from)
        .current_dir(folder.path())
        .status()
        .is_err()
    {
        eprintln!("wget is not installed: it was not asked");
        return None;
    }
    Some(files(folder.path()).into_keys().collect())
}

/// The files of a crawl, named as wget names them: without percent-encoding.
fn ours(from: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut crawling = Crawling::default();
    crawling.policy.bytes = 100 << 20;
    let job = crawling.from(&url(from), folder.path());
    Strategy::Tasks.run(&job, &Timeline::off()).unwrap();
    close(job, folder.path());
    let names = files(folder.path()).into_keys();
    let decoded = names.map(|name| {
        let (_, name) = name.split_once('/').unwrap();
        percent_encoding::percent_decode_str(name)
            .decode_utf8()
            .unwrap()
            .into_owned()
    });
    decoded.collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The names that only the first set has.
fn only(a: &BTreeSet<String>, b: &BTreeSet<String>) -> BTreeSet<String> {
    a.difference(b).cloned().collect()
}

#[test]
fn the_odd_pages_are_those_of_wget_but_for_what_it_does_not_read() {
    let site = site();
    let Some(theirs) = wget(&site.url("/odd/")) else {
        return;
    };
    let ours = ours(&site.url("/odd/"));
    assert_eq!(
        only(&ours, &theirs),
        set(&[
            // wget does not know the entity `&sol;`, and the page that it hides leads to another.
            "odd/based.html",
            "odd/base/there.html",
            // wget names a redirected page by the URL that redirects.
            "odd/moved-here.html",
            // wget takes the quotes of a refresh for a part of the URL, which does not exist.
            "odd/refresh.html",
            // wget decodes the page's own bytes; a crawl keeps the URL's percent-encoding.
            "odd/latin1.html?q=%E4",
        ])
    );
    assert_eq!(
        only(&theirs, &ours),
        set(&[
            "odd/moved.html",
            "odd/latin1.html?q=ä",
            // An empty query is another page to wget, and another spelling to a crawl.
            "odd/page.html?",
            // wget keeps the robots.txt that it obeys.
            "robots.txt",
        ])
    );
}

/// Starts a server of the files in a folder.
fn serve(folder: PathBuf) -> String {
    let address = raw(move |mut stream| {
        while let Some(head) = head(&mut stream) {
            let path = head.split(' ').nth(1).unwrap();
            let path = percent_encoding::percent_decode_str(path)
                .decode_utf8()
                .unwrap();
            let path = path.split('?').next().unwrap().trim_start_matches('/');
            let kind = match Path::new(path).extension().and_then(|end| end.to_str()) {
                Some("html") => "text/html",
                Some("css") => "text/css",
                _ => "application/octet-stream",
            };
            let (status, body) = match fs::read(folder.join(path)) {
                Ok(body) => ("200 OK", body),
                Err(_) => ("404 Not Found", Vec::new()),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(&[head.as_bytes(), &body].concat());
        }
    });
    format!("http://{address}")
}

#[test]
fn a_tree_of_documents_is_that_of_wget() {
    let docs = Path::new("/usr/share/doc/python3-doc/html");
    if !docs.exists() {
        eprintln!("python3-doc is not installed: its pages were not downloaded");
        return;
    }
    let from = format!("{}/index.html", serve(docs.to_owned()));
    let Some(theirs) = wget(&from) else { return };
    let ours = ours(&from);
    assert!(ours.len() > 500, "{}", ours.len());
    assert_eq!(
        (only(&ours, &theirs), only(&theirs, &ours)),
        (set(&[]), set(&[]))
    );
}
