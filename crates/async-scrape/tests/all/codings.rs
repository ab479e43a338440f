//! Compressed bodies: what can be decoded is, and all else is kept as it came.

use std::io::Write;

use async_scrape::Strategy;
use async_scrape::crawl::index::Entry;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use timing::Timeline;

use crate::heads::bytes;
use crate::site::crawl;
use crate::{Crawling, close, files, of, url};

const PAGE: &[u8] = b"<!doctype html><a href=next>x</a>";

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// Downloads a body with this name and coding. Returns what became of it, and its file.
fn download(path: &'static str, coding: &'static str, body: Vec<u8>) -> (Entry, Vec<u8>, usize) {
    let from = if path.is_empty() { "/" } else { path };
    let (server, _) = bytes(move |asked| match asked == from {
        true => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {length}\r\n\r\n"
            );
            [head.as_bytes(), &body].concat()
        }
        false => b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n".to_vec(),
    });
    let folder = tempfile::tempdir().unwrap();
    let mut crawling = Crawling::default();
    crawling.policy.bytes = 8 << 20;
    let job = crawling.from(&url(&format!("{server}{from}")), folder.path());
    Strategy::Tasks.run(&job, &Timeline::off()).unwrap();
    let entries = close(job, folder.path());
    let entry = of(&entries, from).clone();
    let mut files = files(folder.path());
    let file = entry.file.as_ref().and_then(|file| files.remove(file));
    (entry, file.unwrap_or_default(), entries.len())
}

#[test]
fn every_coding_is_decoded() {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(PAGE).unwrap();
    let zlib = zlib.finish().unwrap();
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
    deflate.write_all(PAGE).unwrap();
    // A brotli stream of one uncompressed part, and a zstd frame of one raw block.
    let brotli = [b"\x0b\x10\x80", PAGE, b"\x03"].concat();
    let zstd = [b"\x28\xb5\x2f\xfd\x20\x21\x09\x01\x00", PAGE].concat();
    let frame = |part: &[u8]| {
        let length = u8::try_from(part.len()).unwrap();
        [
            b"\x28\xb5\x2f\xfd\x20",
            &[length, length << 3 | 1, length >> 5, 0][..],
            part,
        ]
        .concat()
    };
    let frames = [frame(&PAGE[..9]), frame(&PAGE[9..])].concat();
    let skipped = b"\x50\x2a\x4d\x18\x02\0\0\0ab";
    for (coding, body) in [
        ("gzip", gzip(PAGE)),
        ("x-gzip", gzip(PAGE)),
        ("GZIP", gzip(PAGE)),
        ("gzip;q=1.0 , identity", gzip(PAGE)),
        ("gzip, gzip", gzip(&gzip(PAGE))),
        ("gzip", [gzip(&PAGE[..9]), gzip(&PAGE[9..])].concat()),
        ("gzip", [gzip(PAGE), vec![0; 20]].concat()),
        ("deflate", zlib.clone()),
        ("gzip", zlib),
        ("deflate", gzip(PAGE)),
        ("deflate", deflate.finish().unwrap()),
        ("br", brotli),
        ("zstd", zstd),
        ("zstd", frames.clone()),
        (
            "zstd",
            [skipped, &*frames, skipped, b"\x28\xb5junk"].concat(),
        ),
        ("gzip", [&*gzip(PAGE), b"\x1fjunk"].concat()),
        ("gzip", [&*gzip(PAGE), b"\x1f\x8bjunk"].concat()),
        ("aws-chunked, gzip", gzip(PAGE)),
        ("aws-chunked", PAGE.to_vec()),
        ("windows-1251", PAGE.to_vec()),
        ("text/html", PAGE.to_vec()),
        ("identity", PAGE.to_vec()),
        ("utf-8", PAGE.to_vec()),
    ] {
        let (entry, file, pages) = download("", coding, body);
        assert_eq!((&entry.error, &entry.remark), (&None, &None), "{coding}");
        assert_eq!((&*file, pages), (PAGE, 2), "{coding}");
    }
}

/// As in a browser, if it is the length before the compression. What breaks off is lost.
#[test]
fn the_length_may_be_that_of_what_was_compressed() {
    let text = [PAGE, &b" ".repeat(3000)].concat();
    for (length, is_whole) in [(text.len(), true), (text.len() + 1, false)] {
        let body = gzip(&text);
        let (server, _) = bytes(move |path| match path {
            "/" => {
                let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\n";
                let head = format!("{head}Content-Length: {length}\r\n\r\n");
                [head.as_bytes(), &body].concat()
            }
            _ => b"HTTP/1.1 404 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec(),
        });
        let (entries, _) = crawl(&Crawling::default(), &format!("{server}/"));
        let entry = of(&entries, "/");
        assert_eq!(entry.error.is_none(), is_whole, "{:?}", entry.error);
        let found = if is_whole {
            (text.len() as u64, 2)
        } else {
            (0, 1)
        };
        assert_eq!((entry.bytes, entries.len()), found);
    }
}

#[test]
fn a_long_body_is_decoded_beside_the_memory() {
    let mut random = fastrand::Rng::with_seed(1);
    let text: Vec<u8> = (0..3 << 20).map(|_| random.u8(b'a'..=b'd')).collect();
    for (coding, body) in [("gzip", gzip(&text)), ("gzip, gzip", gzip(&gzip(&text)))] {
        let (entry, file, _) = download("", coding, body);
        assert_eq!((&entry.error, &entry.remark), (&None, &None));
        assert!(file == text, "{coding}: {} bytes", file.len());
    }
}

#[test]
fn what_can_not_be_decoded_is_kept_as_it_came_and_said() {
    let whole = gzip(PAGE);
    for (coding, body) in [
        ("gzip", PAGE.to_vec()),
        ("gzip", whole[..12].to_vec()),
        ("gzip, gzip", gzip(PAGE)),
        ("deflate", PAGE.to_vec()),
        ("br", PAGE.to_vec()),
        ("zstd", PAGE.to_vec()),
        ("compress", PAGE.to_vec()),
    ] {
        let (entry, file, pages) = download("", coding, body.clone());
        assert_eq!((&entry.error, entry.bytes), (&None, body.len() as u64));
        assert!(file == body, "{coding}");
        let remark = entry.remark.unwrap();
        assert!(remark.contains("kept as it came"), "{coding}: {remark}");
        // A body that was not compressed has links all the same.
        assert_eq!(pages, if body == PAGE { 2 } else { 1 }, "{coding}");
    }
}

/// As in a browser, which shows what it can.
#[test]
fn a_body_that_breaks_off_has_the_links_before_that() {
    let mut body = gzip(PAGE);
    body.truncate(body.len() - 8);
    let (entry, file, pages) = download("", "gzip", body.clone());
    assert!(entry.remark.unwrap().contains("no whole gzip"));
    assert!(file == body);
    assert_eq!(pages, 2);
}

/// Nobody asked for it, and chunks and this may be said at the same time.
#[test]
fn a_body_that_is_compressed_for_the_transfer_is_decoded() {
    let body = gzip(PAGE);
    let (server, _) = bytes(move |path| match path {
        "/" => {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n";
            let size = format!("{head}{:x}\r\n", body.len());
            [size.as_bytes(), &body, b"\r\n0\r\n\r\n"].concat()
        }
        _ => b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(),
    });
    let (entries, _) = crawl(&Crawling::default(), &format!("{server}/"));
    assert_eq!(
        (of(&entries, "/").bytes, entries.len()),
        (PAGE.len() as u64, 2)
    );
}

#[test]
fn robots_txt_is_decoded_too() {
    let rules = b"User-agent: *\nDisallow: /no\n";
    for body in [gzip(rules), rules.to_vec()] {
        let (server, asked) = bytes(move |path| match path {
            "/robots.txt" => {
                let head =
                    b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\n\r\n";
                [&head[..], &body].concat()
            }
            _ => b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<html><a href=no>x</a>".to_vec(),
        });
        let (entries, _) = crawl(&Crawling::default(), &format!("{server}/"));
        assert!(of(&entries, "/no").skipped.is_some());
        assert_eq!(asked.lock().unwrap().len(), 2);
    }
}

#[test]
fn files_that_are_compressed_stay_so() {
    let archive = gzip(b"an archive");
    for path in ["/a.tar.gz", "/a.TGZ"] {
        let (entry, file, _) = download(path, "gzip", archive.clone());
        assert_eq!((&entry.error, &entry.remark), (&None, &None));
        assert!(file == archive, "{path}");
    }
}
