//! The archive of a crawl (`--warc`), read here and by warcio, if that is installed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use flate2::bufread::GzDecoder;
use hmac_sha256::Hash;
use timing::limit::InTime;

use crate::heads::bytes;
use crate::{ended, scrape};

/// A record: its fields in lower case, and its block.
type Record = (BTreeMap<String, String>, Vec<u8>);

/// Reads an archive, a gzip member for each record.
fn read(path: &Path) -> Vec<Record> {
    let mut from = BufReader::new(File::open(path).unwrap());
    let mut records = Vec::new();
    while !from.fill_buf().unwrap().is_empty() {
        let mut decoder = GzDecoder::new(from);
        let mut text = Vec::new();
        decoder.read_to_end(&mut text).unwrap();
        from = decoder.into_inner();
        let end = text
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8(text[..end].to_vec()).unwrap();
        let mut lines = head.lines();
        assert_eq!(lines.next(), Some("WARC/1.1"));
        let fields = lines.map(|line| line.split_once(": ").unwrap());
        let fields: BTreeMap<_, _> = fields
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let block = &text[end + 4..];
        let length: usize = fields["content-length"].parse().unwrap();
        assert_eq!(&block[length..], b"\r\n\r\n");
        records.push((fields, block[..length].to_vec()));
    }
    records
}

fn sha256(bytes: &[u8]) -> String {
    let hex: String = Hash::hash(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    format!("sha256:{hex}")
}

#[test]
fn an_archive_has_every_request_and_every_answer() {
    let long = vec![b'x'; 3 << 20];
    let (server, asked) = bytes(move |path| {
        let (status, body): (&str, &[u8]) = match path {
            "/robots.txt" => ("200 OK", b"User-agent: *\nAllow: /\n"),
            "/" => (
                "200 OK\r\nContent-Type: text/html",
                b"<a href=/long>x</a><a href=/gone>x</a><a href=/to>x</a><a href=/packed>x</a>\
                  <a href=/choice>x</a>",
            ),
            "/long" => ("200 OK", &long),
            "/choice" => (
                "300 Choice\r\nContent-Type: text/html",
                b"<a href=/behind>x</a>",
            ),
            "/behind" => ("200 OK", b"there"),
            "/to" => ("302 Found\r\nLocation: /", b"moved"),
            "/packed" => (
                "200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked",
                b"3\r\n\x1f\x8bx\r\n0\r\n\r\n",
            ),
            _ => ("404 No", b"nothing"),
        };
        let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n\r\n");
        [head.as_bytes(), body].concat()
    });
    let folder = tempfile::tempdir().unwrap();
    let from = format!("{server}/");
    let arguments = [
        "--url",
        &from,
        "--warc",
        "a.warc.gz",
        "--output",
        "out",
        "--header",
        "Authorization: Bearer secret",
    ];
    ended(scrape(&arguments, folder.path()).output_in_time(), 1);
    let archive = folder.path().join("a.warc.gz");
    let records = read(&archive);
    assert_eq!(records[0].0["warc-type"], "warcinfo");
    let mut ids = BTreeSet::new();
    let mut answers = BTreeMap::new();
    let mut requests = Vec::new();
    for (fields, block) in &records {
        assert!(ids.insert(&fields["warc-record-id"]));
        assert_eq!(fields["warc-block-digest"], sha256(block));
        let head = block.windows(4).position(|four| four == b"\r\n\r\n");
        let head = head.map_or(block.len(), |end| end + 4);
        match &*fields["warc-type"] {
            "response" => {
                let body = &block[head..];
                assert_eq!(fields["warc-payload-digest"], sha256(body));
                assert_eq!(fields["warc-ip-address"], "127.0.0.1");
                let path = fields["warc-target-uri"].strip_prefix(&server).unwrap();
                answers.insert(path, (&fields["warc-concurrent-to"], body));
            }
            "request" => {
                let text = String::from_utf8(block.clone()).unwrap();
                requests.push(text.split("\r\n").next().unwrap().to_owned());
                let lower = text.to_ascii_lowercase();
                assert!(lower.contains("\r\nuser-agent: async-scrape/"), "{text}");
                assert!(lower.contains("\r\nhost: 127.0.0.1:"), "{text}");
                // An archive is passed on.
                assert!(
                    lower.contains("\r\nauthorization: (left out)\r\n"),
                    "{text}"
                );
            }
            kind => assert_eq!(kind, "warcinfo"),
        }
    }
    let asked: BTreeSet<_> = asked.lock().unwrap().iter().cloned().collect();
    let asked: Vec<_> = asked
        .iter()
        .map(|head| head.lines().next().unwrap().to_owned())
        .collect();
    requests.sort();
    assert_eq!(requests, asked);
    assert_eq!(answers.len(), 8);
    assert_eq!(answers["/choice"].1, b"<a href=/behind>x</a>");
    assert_eq!(answers["/long"].1.len(), 3 << 20);
    assert_eq!(
        (answers["/gone"].1, answers["/to"].1),
        (&b"nothing"[..], &b"moved"[..])
    );
    assert_eq!(answers["/packed"].1, b"\x1f\x8bx");
    assert!(answers.values().all(|(request, _)| ids.contains(request)));
    // An archive is not replaced.
    let (_, err) = ended(scrape(&arguments, folder.path()).output_in_time(), 1);
    assert!(err.contains("is there already"), "{err}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    assert!(folder.path().join("out/index.json").is_file());
    by_warcio(&archive, records.len());
}

/// A second opinion, of the library that others read archives with.
fn by_warcio(archive: &Path, records: usize) {
    let mut python = Command::new("python3");
    python.args(["-c", "import warcio"]).stderr(Stdio::null());
    if !python.status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: Python's warcio is not installed");
        return;
    }
    let script = "import sys\n\
        from warcio.archiveiterator import ArchiveIterator\n\
        with open(sys.argv[1], 'rb') as f:\n\
        \x20 n = 0\n\
        \x20 for r in ArchiveIterator(f, check_digests='raise'):\n\
        \x20   r.raw_stream.read(); n += 1\n\
        \x20   assert r.digest_checker.passed, r.rec_headers\n\
        print(n)";
    let ended = Command::new("python3")
        .arg("-c")
        .arg(script)
        .arg(archive)
        .output_in_time();
    let (out, err) = (
        ended.stdout,
        String::from_utf8_lossy(&ended.stderr).into_owned(),
    );
    assert_eq!(
        String::from_utf8(out).unwrap().trim(),
        records.to_string(),
        "{err}"
    );
}

/// As for pages: a choice without a target is what is there.
#[test]
fn a_robots_txt_that_is_a_choice_is_obeyed_and_kept_once() {
    let rules = b"User-agent: *\nDisallow: /not\n";
    let (server, asked) = bytes(move |path| {
        let (status, body): (&str, &[u8]) = match path {
            "/robots.txt" => ("300 Choice", rules),
            _ => ("200 OK\r\nContent-Type: text/html", b"<a href=/not>x</a>"),
        };
        let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n\r\n");
        [head.as_bytes(), body].concat()
    });
    let folder = tempfile::tempdir().unwrap();
    let from = format!("{server}/");
    let arguments = ["--url", &from, "--warc", "a.warc.gz"];
    scrape(&arguments, folder.path()).output_in_time();
    let records = read(&folder.path().join("a.warc.gz"));
    let robots: Vec<_> = records
        .iter()
        .filter(|(fields, _)| fields["warc-type"] == "response")
        .filter(|(fields, _)| fields["warc-target-uri"].ends_with("/robots.txt"))
        .collect();
    assert_eq!(robots.len(), 1);
    assert!(robots[0].1.ends_with(rules));
    assert!(
        !asked
            .lock()
            .unwrap()
            .iter()
            .any(|head| head.starts_with("GET /not"))
    );
}
