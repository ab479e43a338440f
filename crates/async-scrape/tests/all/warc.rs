//! The archive of a crawl (`--warc`), read here and by warcio, if that is installed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
#[cfg(unix)]
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
#[cfg(unix)]
use std::sync::Arc;

use flate2::bufread::GzDecoder;
use hmac_sha256::Hash;
use timing::limit::InTime;

use crate::heads::bytes;
#[cfg(unix)]
use crate::list::{Gate, head, raw};
#[cfg(unix)]
use crate::program::{interrupted, signal, started};
use crate::{ended, scrape, tree, url};

/// A record: its fields in lower case, and its block.
type Record = (BTreeMap<String, String>, Vec<u8>);

/// Reads an archive, a gzip member for each record.
pub fn read(path: &Path) -> Vec<Record> {
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

/// The paths of the pages whose answers are in an archive.
#[cfg(unix)]
fn paths(archive: &Path) -> Vec<String> {
    let records = read(archive).into_iter();
    let answers = records.filter(|(fields, _)| fields["warc-type"] == "response");
    let urls = answers.map(|(fields, _)| url(&fields["warc-target-uri"]));
    urls.map(|url| url.path().to_owned()).collect()
}

/// Starts a site of three pages, of which the last never arrives.
#[cfg(unix)]
fn unfinished() -> (SocketAddr, Gate) {
    let gate = Gate::default();
    let ours = Arc::clone(&gate);
    let address = raw(move |mut stream| {
        while let Some(head) = head(&mut stream) {
            let body = match head.split(' ').nth(1).unwrap() {
                "/last" => {
                    let (state, changed) = &*ours;
                    let mut state = state.lock().unwrap();
                    state.0 += 1;
                    changed.notify_all();
                    drop(changed.wait_while(state, |state| state.1 < 2).unwrap());
                    "last"
                }
                "/" => "<html><a href=/next>x</a>",
                _ => "<html><a href=/last>x</a>",
            };
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat());
        }
    });
    (address, gate)
}

#[cfg(unix)]
#[test]
fn a_crawl_that_is_killed_leaves_whole_records_and_a_later_run_adds_the_rest() {
    let (address, gate) = unfinished();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("http://{address}/");
    let arguments = ["--url", &url, "--ignore-robots", "--warc", "made/a.warc.gz"];
    let mut child = started(scrape(&arguments, folder.path()), &gate);
    signal(&child, "-KILL");
    child.wait().unwrap();
    gate.0.lock().unwrap().1 = 2;
    gate.1.notify_all();
    let archive = folder.path().join("made/a.warc.gz");
    assert_eq!(paths(&archive), ["/", "/next"]);
    // A long record that is being written is torn.
    let whole = fs::read(&archive).unwrap();
    fs::write(&archive, [&whole[..], &whole[..whole.len() / 5]].concat()).unwrap();
    let resumed = [&arguments[..], &["--resume"]].concat();
    ended(scrape(&resumed, folder.path()).output_in_time(), 0);
    let paths = paths(&archive);
    assert_eq!(paths[..2], ["/", "/next"]);
    // A page whose line in the journal was lost is there twice.
    assert_eq!(paths.last().unwrap(), "/last");
    by_warcio(&archive, read(&archive).len());
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_a_whole_archive() {
    let (address, gate) = unfinished();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("http://{address}/");
    let arguments = ["--url", &url, "--ignore-robots", "--warc", "a.warc.gz"];
    let (child, _stderr) = interrupted(scrape(&arguments, folder.path()), &gate);
    signal(&child, "-INT");
    ended(child.output_in_time(), 1);
    assert_eq!(paths(&folder.path().join("a.warc.gz")), ["/", "/next"]);
    gate.0.lock().unwrap().1 = 2;
    gate.1.notify_all();
}

#[test]
fn what_is_no_archive_is_not_added_to() {
    let (server, _) = bytes(|_| b"HTTP/1.1 404 No\r\nConnection: close\r\n\r\n".to_vec());
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--url", &server, "--warc", "a", "--resume"];
    let path = folder.path().join("a");
    scrape(&arguments, folder.path()).output_in_time();
    let archive = fs::read(&path).unwrap();
    let mut damaged = archive.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    let mut other = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    other.write_all(b"no archive").unwrap();
    let torn = archive[..20].to_vec();
    for content in [b"notes".to_vec(), other.finish().unwrap(), damaged, torn] {
        fs::write(&path, &content).unwrap();
        let (_, err) = ended(scrape(&arguments, folder.path()).output_in_time(), 1);
        assert!(err.contains("can't add to a: from byte "), "{err}");
        assert_eq!(fs::read(&path).unwrap(), content);
    }
}

#[test]
fn an_archive_is_of_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let url = ["--url", "http://127.0.0.1:9/"];
    for more in [
        &["threads", "tasks", url[0], url[1]][..],
        &["--runs", "2", url[0], url[1]],
        &[],
    ] {
        let arguments = [&["--warc", "a.warc.gz"], more].concat();
        let (out, err) = ended(scrape(&arguments, folder.path()).output_in_time(), 2);
        assert!(err.contains("one run of one strategy"), "{err}");
        assert_eq!(out, "");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// What stops a crawl before it begins is found before an earlier crawl is forgotten.
#[test]
fn a_crawl_that_can_not_begin_leaves_an_earlier_one_as_it_was() {
    let (server, _) = bytes(|path| {
        let body = if path == "/" { "<html>x" } else { "" };
        format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}").into_bytes()
    });
    let folder = tempfile::tempdir().unwrap();
    let from = format!("{server}/");
    let run = |more: &[&str], proxy: Option<&str>, status: i32| {
        let arguments = [&["--url", &from, "--output", "out"], more].concat();
        let mut command = scrape(&arguments, folder.path());
        command.envs(proxy.map(|proxy| ("http_proxy", proxy)));
        ended(command.output_in_time(), status).1
    };
    run(&["--warc", "out/a.warc.gz"], None, 0);
    let before = tree(folder.path());
    for (more, proxy, words) in [
        (&[][..], Some("::"), "http_proxy is no proxy"),
        (&["--user-agent", "\u{1}"], None, "the user agent"),
        (&["--warc", "out/a.warc.gz"], None, "is there already"),
        (&["--warc", "out/index.json/a"], None, "can't write"),
        (&["--ca", "out/index.json"], None, ""),
    ] {
        let err = run(more, proxy, 1);
        assert!(err.contains(words), "{err}");
        assert_eq!(tree(folder.path()), before, "{more:?} {proxy:?}");
    }
    // And if the folder is what stops it, there is no new archive.
    fs::create_dir(folder.path().join("out/.crawl")).unwrap();
    fs::create_dir(folder.path().join("out/.crawl/lock")).unwrap();
    run(&["--warc", "new.warc.gz"], None, 1);
    assert_eq!(tree(folder.path()), before);
    // Nor does one that would be added to change, not even its last record, which is torn.
    let archive = folder.path().join("out/a.warc.gz");
    let whole = fs::read(&archive).unwrap();
    fs::write(&archive, [&whole[..], &whole[..20]].concat()).unwrap();
    let before = tree(folder.path());
    run(&["--warc", "out/a.warc.gz", "--resume"], None, 1);
    assert_eq!(tree(folder.path()), before);
    fs::remove_dir(folder.path().join("out/.crawl/lock")).unwrap();
    run(&["--warc", "out/a.warc.gz", "--resume"], None, 0);
    by_warcio(&archive, read(&archive).len());
}

#[cfg(unix)]
#[test]
fn two_crawls_do_not_write_into_one_archive() {
    let (address, gate) = unfinished();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("http://{address}/");
    let arguments = ["--url", &url, "--ignore-robots", "--warc", "a.warc.gz"];
    let run = |output: &str, more: &[&str]| {
        let arguments = [&arguments[..], &["--output", output], more].concat();
        scrape(&arguments, folder.path())
    };
    let child = started(run("first", &[]), &gate);
    let archive = folder.path().join("a.warc.gz");
    let before = fs::read(&archive).unwrap();
    // The first has written two pages, and waits for the third.
    let (_, err) = ended(run("second", &["--resume"]).output_in_time(), 1);
    assert!(err.contains("another crawl writes into a.warc.gz"), "{err}");
    assert_eq!(fs::read(&archive).unwrap(), before);
    assert!(!folder.path().join("second").exists());
    gate.0.lock().unwrap().1 = 2;
    gate.1.notify_all();
    ended(child.output_in_time(), 0);
    assert_eq!(paths(&archive), ["/", "/next", "/last"]);
}
