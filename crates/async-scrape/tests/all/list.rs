//! What every strategy must do with a list of pages, also with servers that misbehave.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use async_scrape::Strategy;
use async_scrape::crawl::index::Entry;
use async_scrape::crawl::list::{self as pages, List};
use clap::ValueEnum;
use timing::{Kind, Run, Timeline, cli};

use crate::heads::bytes;
use crate::{Crawling, files, of, site};

/// Reads the head of a request; `None` if the client is gone.
pub fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}

/// Starts a server that calls `talk` with each connection, on a thread of its own.
pub fn raw(talk: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let talk = Arc::new(talk);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let talk = Arc::clone(&talk);
            thread::spawn(move || talk(stream));
        }
    });
    address
}

/// The number of requests that wait now, and the most that did so far.
pub type Gate = Arc<(Mutex<(usize, usize)>, Condvar)>;

/// Starts a server that answers no request until `least` of them wait at the same time. From then
/// on it answers every request.
pub fn gate(least: usize) -> (SocketAddr, Gate) {
    let gate = Gate::default();
    let ours = Arc::clone(&gate);
    let address = raw(move |mut stream| {
        while head(&mut stream).is_some() {
            let (state, changed) = &*ours;
            let mut now = state.lock().unwrap();
            now.0 += 1;
            now.1 = now.1.max(now.0);
            changed.notify_all();
            let mut now = changed.wait_while(now, |now| now.1 < least).unwrap();
            now.0 -= 1;
            drop(now);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        }
    });
    (address, gate)
}

#[test]
fn all_strategies_leave_the_same_files() {
    let site = site();
    let paths = [
        "/",
        "/chapter1/page3.html",
        "/404",
        "/524",
        "/no/such/page",
        "/200?sleep=1",
    ];
    let urls: Vec<_> = paths.iter().map(|path| site.url(path)).collect();
    let mut trees = Vec::new();
    for &strategy in Strategy::value_variants() {
        let folder = tempfile::tempdir().unwrap();
        let (job, entries) = Crawling::default().list(&urls, folder.path());
        strategy.run(&job, &Timeline::off()).unwrap();
        let tree = files(folder.path());
        let entries = entries.lock().unwrap();
        assert_eq!(entries.len(), 6, "{strategy:?}: each is reported once");
        for entry in entries.iter() {
            let file = entry.file.as_ref().unwrap();
            assert_eq!(tree[file].len() as u64, entry.bytes, "{strategy:?}: {file}");
        }
        assert_eq!(
            tree.len(),
            6,
            "{strategy:?}: no other files: {:?}",
            tree.keys()
        );
        assert!(tree["page3.html"].starts_with(b"<!doctype html>"));
        assert_eq!(tree["524.html"], b"524 A Timeout Occurred");
        trees.push(tree);
    }
    assert!(trees.windows(2).all(|two| two[0] == two[1]));
}

#[test]
fn as_many_wait_at_the_same_time_as_the_strategy_says() {
    for (strategy, together) in [
        (Strategy::Sequential, 1),
        (Strategy::Threads, 4),
        (Strategy::Tasks, 4),
    ] {
        let (address, gate) = gate(together);
        let urls: Vec<_> = (0..12)
            .map(|page| format!("http://{address}/{page}"))
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let crawling = Crawling {
            concurrency: 4,
            ..Crawling::default()
        };
        let (job, entries) = crawling.list(&urls, folder.path());
        let name = cli::name(&strategy);
        let (result, run) = Run::record(&name, 4, |timeline| strategy.run(&job, timeline));
        result.unwrap();
        let entries = entries.lock().unwrap();
        assert_eq!(
            entries.iter().filter(|entry| entry.bytes == 2).count(),
            12,
            "{name}"
        );
        assert_eq!(
            gate.0.lock().unwrap().1,
            together,
            "{name}: seen by the server"
        );
        assert_eq!(run.recording.rows.len(), together, "{name}: lanes");
        let threads = match strategy {
            Strategy::Sequential | Strategy::Tasks => 1,
            Strategy::Threads => together,
        };
        assert_eq!(strategy.workers(&job), threads, "{name}: threads");
        assert!(
            run.recording.peak(Kind::Wait) >= together,
            "{name}: on the timeline"
        );
    }
}

/// A thread of its own may wait for the disk. A task must not: all others are on its thread.
#[test]
fn a_long_file_is_written_by_the_thread_or_awaited_by_the_task() {
    let address = raw(|mut stream| {
        if head(&mut stream).is_some() {
            let body = [b'x'; 200 << 10];
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(&[head.as_bytes(), &body].concat());
        }
    });
    for (strategy, kind) in [
        (Strategy::Sequential, Kind::Work),
        (Strategy::Threads, Kind::Work),
        (Strategy::Tasks, Kind::Wait),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let urls = [format!("http://{address}/")];
        let (job, entries) = Crawling::default().list(&urls, folder.path());
        let timeline = Timeline::new();
        strategy.run(&job, &timeline).unwrap();
        assert_eq!(entries.lock().unwrap()[0].bytes, 200 << 10, "{strategy:?}");
        let rows = timeline.recording().rows;
        let spans = rows.iter().flat_map(|row| &row.spans);
        let written = spans.filter(|span| span.label == "write");
        let kinds: Vec<_> = written.map(|span| span.kind).collect();
        assert_eq!(kinds, [kind], "{strategy:?}");
    }
}

#[test]
fn a_worker_that_panics_is_an_error_and_nobody_waits_for_its_page() {
    let (address, _) = gate(1);
    let urls = [1, 2, 3].map(|page| format!("http://{address}/{page}"));
    for (strategy, concurrency) in [
        (Strategy::Threads, 1),
        (Strategy::Tasks, 1),
        (Strategy::Threads, 3),
        (Strategy::Tasks, 3),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let seeds = pages::urls(urls.iter().map(String::as_str)).unwrap();
        let list = List::create(folder.path(), &seeds).unwrap();
        let crawling = Crawling {
            concurrency,
            ..Crawling::default()
        };
        let mut plan = crawling.plan(seeds);
        plan.limits.robots_first = false;
        plan.policy.robots = false;
        let observer = Arc::new(|entry: &Entry| assert!(!entry.url.ends_with("/1"), "a bad page"));
        let job = crawling.job(&plan, Box::new(list), observer);
        let error = strategy.run(&job, &Timeline::off()).unwrap_err();
        let text = format!("{error:#}");
        assert!(
            text.ends_with("panicked: a bad page"),
            "{strategy:?}: {text}"
        );
    }
}

#[test]
fn a_page_that_fails_leaves_no_file_and_stops_nobody() {
    let good = raw(|mut stream| {
        while head(&mut stream).is_some() {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        }
    });
    let short = raw(|mut stream| {
        head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
    });
    let endless = raw(|mut stream| {
        head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 65_536]).is_ok() {}
    });
    let busy = raw(|mut stream| {
        while head(&mut stream).is_some() {
            let _ =
                stream.write_all(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let urls = [
        ("good", good),
        ("short", short),
        ("endless", endless),
        ("busy", busy),
        ("good2", good),
    ];
    let urls = urls.map(|(name, address)| format!("http://{address}/{name}"));
    for &strategy in Strategy::value_variants() {
        let folder = tempfile::tempdir().unwrap();
        let crawling = Crawling {
            concurrency: 2,
            ..Crawling::default()
        };
        let (job, entries) = crawling.list(&urls, folder.path());
        strategy.run(&job, &Timeline::off()).unwrap();
        let entries = entries.lock().unwrap();
        for (name, hint) in [
            ("/short", "tried 2 times: "),
            ("/endless", "longer than 1048576 bytes"),
            (
                "/busy",
                "tried 2 times: the server answers 429 Too Many Requests",
            ),
        ] {
            let error = of(&entries, name).error.as_ref().unwrap();
            assert!(error.contains(hint), "{strategy:?}: {error}");
        }
        let names: Vec<_> = files(folder.path()).into_keys().collect();
        assert_eq!(names, ["good.html", "good2.html"], "{strategy:?}");
    }
}

#[test]
fn redirects_are_followed_and_no_secrets_are_sent_elsewhere() {
    let (other, asked) =
        bytes(|_| b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi".to_vec());
    let (server, asked_first) = bytes(move |path| {
        let to = match path {
            "/away" => format!("{other}/x"),
            path => format!("{path}x"),
        };
        let head = format!("HTTP/1.1 300 Choose\r\nLocation: {to}\r\nConnection: close");
        format!("{head}\r\nContent-Length: 0\r\n\r\n").into_bytes()
    });
    let folder = tempfile::tempdir().unwrap();
    let mut crawling = Crawling::default();
    for name in ["authorization", "cookie", "x-other"] {
        let name = name.parse::<reqwest::header::HeaderName>().unwrap();
        crawling
            .settings
            .headers
            .insert(name, "me".parse().unwrap());
    }
    let urls = ["/away", "/far"].map(|path| format!("{server}{path}"));
    let (job, entries) = crawling.list(&urls, folder.path());
    Strategy::Sequential.run(&job, &Timeline::off()).unwrap();
    let entries = entries.lock().unwrap();
    let away = of(&entries, "/away");
    assert_eq!(
        (away.status, away.bytes, &away.error),
        (Some(200), 2, &None)
    );
    let far = of(&entries, "/far").error.as_deref().unwrap();
    assert!(far.contains("redirects more than 10 times"), "{far}");
    let has = |head: &str, name: &str| head.to_ascii_lowercase().contains(&format!("\n{name}: me"));
    for (head, secrets) in [
        (&asked_first.lock().unwrap()[0], true),
        (&asked.lock().unwrap()[0], false),
    ] {
        assert!(has(head, "x-other"), "{head}");
        assert_eq!(
            (has(head, "authorization"), has(head, "cookie")),
            (secrets, secrets),
            "{head}"
        );
    }
}
