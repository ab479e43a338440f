//! The program, as its user runs it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
#[cfg(unix)]
use std::process::{Child, ChildStderr, Command};
use timing::limit::InTime;

use async_scrape::Strategy;
use async_scrape::site::PATHS;
use clap::ValueEnum;
use serde_json::Value;
use timing::cli;

use crate::heads::bytes;
#[cfg(unix)]
use crate::list::{Gate, gate};
use crate::list::{head, raw};
use crate::{ended, files, scrape, site, tree};

#[test]
fn without_arguments_every_strategy_downloads_the_site() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = scrape(&[], folder.path());
    // A proxy that does not exist: the program's own site must be asked directly.
    command.env("http_proxy", "http://127.0.0.1:9");
    let (out, err) = ended(command.output_in_time(), 0);
    assert_eq!(err, "");
    assert!(
        out.starts_with("a site of this program's own, at http://127.0.0.1:"),
        "{out}"
    );
    let mut trees = Vec::new();
    for &strategy in Strategy::value_variants() {
        let path = format!("output/async-scrape/{}", cli::name(&strategy));
        assert!(out.contains(&format!(": {} pages, ", PATHS.len())), "{out}");
        assert!(out.contains(&format!(", in {path}\n")), "{out}");
        trees.push(files(&folder.path().join(path)));
    }
    assert_eq!(trees[0].len(), PATHS.len());
    assert!(trees[0].contains_key("site.localhost/chapter3/page3.html"));
    assert!(trees.windows(2).all(|two| two[0] == two[1]));
    assert!(out.contains("speed-up") && out.contains('░'), "{out}");
}

fn index(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("index.json")).unwrap()).unwrap()
}

#[test]
fn a_site_is_downloaded_with_a_manifest_and_a_summary() {
    let site = site();
    let folder = tempfile::tempdir().unwrap();
    let url = site.url("/");
    // A picture merges spans that are shorter than a pixel; a trace has every one.
    let trace = folder.path().join("t.json");
    let arguments = [
        "--url",
        &url,
        "--output",
        "out",
        "--trace",
        trace.to_str().unwrap(),
    ];
    let (out, err) = ended(scrape(&arguments, folder.path()).output_in_time(), 0);
    assert_eq!(err, "");
    assert!(out.starts_with("tasks: 27 pages, "), "{out}");
    for part in [
        "answer",
        "server",
        " 200 ",
        &site.address().to_string(),
        "27 of 27 pages",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let lanes = fs::read_to_string(trace).unwrap();
    for span in [
        "connect",
        "robots.txt",
        "/chapter1/",
        "receive",
        "parse",
        "write",
    ] {
        assert!(lanes.contains(span), "{span}");
    }
    let index = index(&folder.path().join("out"));
    assert_eq!(
        (&index["complete"], &index["from"][0]),
        (&true.into(), &Value::from(url))
    );
    let pages = index["pages"].as_array().unwrap();
    assert_eq!(pages.len(), PATHS.len());
    let page = pages
        .iter()
        .find(|page| page["url"] == site.url("/chapter2/").as_str())
        .unwrap();
    assert_eq!(page["title"], "Chapter 2");
    // Four pages and a style sheet.
    assert_eq!((&page["status"], &page["links"]), (&200.into(), &5.into()));
    let file = folder
        .path()
        .join("out")
        .join(page["file"].as_str().unwrap());
    assert_eq!(page["bytes"], fs::metadata(file).unwrap().len());
    assert!(page["at"].as_str().unwrap().ends_with('Z') && page["ms"].is_u64());
}

#[test]
fn what_is_lost_is_told_and_a_later_run_needs_only_that() {
    // In the first run each request for `/a` breaks off.
    let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::<String>::new()));
    let noted = std::sync::Arc::clone(&asked);
    let address = raw(move |mut stream| {
        while let Some(head) = head(&mut stream) {
            let path = head.split(' ').nth(1).unwrap().to_owned();
            let first = !noted.lock().unwrap().iter().any(|path| path == "again");
            noted.lock().unwrap().push(path.clone());
            let answer = match &*path {
                "/robots.txt" => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
                "/" => {
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 30\r\n\r\n<a href=a>x</a><a href=b>x</a>"
                }
                "/a" if first => return,
                _ => "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
            };
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let url = format!("http://{address}/");
    let once = [
        "--url",
        &url,
        "--output",
        "out",
        "--retries",
        "0",
        "--concurrency",
        "1",
    ];
    let (out, err) = ended(scrape(&once, folder.path()).output_in_time(), 1);
    assert!(err.starts_with(&format!("error: tasks: {url}a: ")), "{err}");
    assert!(
        out.contains("2 of 3 pages") && out.contains("no answer"),
        "{out}"
    );
    assert_eq!(
        index(&folder.path().join("out"))["pages"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    asked.lock().unwrap().push("again".to_owned());
    let again = [&once[..], &["--resume"]].concat();
    let (out, _) = ended(scrape(&again, folder.path()).output_in_time(), 0);
    assert!(out.contains("3 of 3 pages"), "{out}");
    let asked = asked.lock().unwrap();
    let later: Vec<_> = asked
        .iter()
        .skip_while(|path| *path != "again")
        .skip(1)
        .collect();
    assert_eq!(later, ["/robots.txt", "/a"]);
}

#[cfg(unix)]
pub fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(status.unwrap().success());
}

#[cfg(unix)]
#[test]
fn after_kill_9_a_later_run_ends_with_the_same_tree() {
    use std::sync::{Arc, Condvar, Mutex};
    // A site of 200 pages in a chain. At page 150 the program is killed; by then most of the
    // journal is written.
    let door: Arc<(Mutex<(bool, bool)>, Condvar)> = Arc::default();
    let ours = Arc::clone(&door);
    let asked: Arc<Mutex<usize>> = Arc::default();
    let counted = Arc::clone(&asked);
    let address = raw(move |mut stream| {
        while let Some(head) = head(&mut stream) {
            *counted.lock().unwrap() += 1;
            let path = head.split(' ').nth(1).unwrap().to_owned();
            let number: usize = path.trim_start_matches('/').parse().unwrap_or(0);
            if number == 150 {
                let (state, changed) = &*ours;
                let mut state = state.lock().unwrap();
                state.0 = true;
                changed.notify_all();
                drop(changed.wait_while(state, |state| !state.1).unwrap());
            }
            let body = match number {
                200 => "the last".to_owned(),
                _ => format!(
                    "<a href={}>next</a> {}",
                    number + 1,
                    "x".repeat(number * 10)
                ),
            };
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let url = format!("http://{address}/0");
    let run = |output: &str, more: &[&str]| {
        let arguments = [
            "--url",
            &url,
            "--output",
            output,
            "--depth",
            "1000",
            "--ignore-robots",
        ];
        scrape(&[&arguments[..], more].concat(), folder.path())
    };
    let mut child = run("killed", &[]).spawn().unwrap();
    let (state, changed) = &*door;
    drop(
        changed
            .wait_while(state.lock().unwrap(), |state| !state.0)
            .unwrap(),
    );
    // No other process may use the folder meanwhile.
    let (_, err) = ended(run("killed", &["--resume"]).output_in_time(), 1);
    assert!(err.contains("another crawl writes into killed"), "{err}");
    signal(&child, "-KILL");
    child.wait().unwrap();
    state.lock().unwrap().1 = true;
    changed.notify_all();
    let killed = folder.path().join("killed");
    let before = std::mem::take(&mut *asked.lock().unwrap());
    assert_eq!(before, 151);
    // A process that is killed while it writes leaves such a file.
    fs::write(killed.join(".crawl/.part-abcdef"), "half").unwrap();
    assert!(!killed.join("index.json").exists());
    ended(run("killed", &["--resume"]).output_in_time(), 0);
    // Pages whose lines waited in memory are requested again; the journal had most of them.
    let after = *asked.lock().unwrap();
    assert!((51..=201).contains(&after), "{after}");
    ended(run("undisturbed", &[]).output_in_time(), 0);
    assert_eq!(files(&killed), files(&folder.path().join("undisturbed")));
    assert_eq!(files(&killed).len(), 201);
}

/// Starts the program, and waits until its first request is at the gate.
#[cfg(unix)]
pub fn started(mut program: Command, gate: &Gate) -> Child {
    let child = program.spawn().unwrap();
    let (state, changed) = &**gate;
    let state = changed.wait_while(state.lock().unwrap(), |now| now.0 < 1);
    drop(state.unwrap());
    child
}

/// Starts the program, interrupts it when its first request is at the gate, and waits until it has
/// reported the interrupt. The rest of its stderr is still to be read.
#[cfg(unix)]
pub fn interrupted(program: Command, gate: &Gate) -> (Child, BufReader<ChildStderr>) {
    let mut child = started(program, gate);
    signal(&child, "-INT");
    let mut line = String::new();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut line).unwrap();
    assert!(
        line.starts_with("stopping when what is under way is done"),
        "{line}"
    );
    (child, stderr)
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_crawl_with_a_manifest() {
    let (address, gate) = gate(2);
    let folder = tempfile::tempdir().unwrap();
    let url = format!("http://{address}/");
    let arguments = [
        "--url",
        &url,
        "--output",
        "out",
        "--ignore-robots",
        "--timeout",
        "1h",
    ];
    let (child, mut stderr) = interrupted(scrape(&arguments, folder.path()), &gate);
    // The page never arrives, and the second Ctrl-C does not wait for it.
    signal(&child, "-INT");
    let (out, _) = ended(child.output_in_time(), 1);
    let mut err = String::new();
    stderr.read_to_string(&mut err).unwrap();
    assert!(err.contains(": interrupted"), "{err}{out}");
    let index = index(&folder.path().join("out"));
    assert_eq!(index["pages"][0]["error"], "interrupted");
    assert_eq!(index["complete"], false);
    let names: Vec<_> = tree(&folder.path().join("out")).into_keys().collect();
    assert_eq!(names, ["index.json"]);
}

#[test]
fn a_list_is_downloaded_as_in_the_course() {
    let site = site();
    let folder = tempfile::tempdir().unwrap();
    let list: String = ["200", "200?sleep=20", "404", "500?sleep=30", "524"]
        .map(|path| site.url(&format!("/{path}\n")))
        .concat();
    fs::write(folder.path().join("input.txt"), list).unwrap();
    let (out, _) = ended(
        scrape(&["--urls", "input.txt", "--output", "out"], folder.path()).output_in_time(),
        0,
    );
    assert!(out.contains("tasks: 5 pages"), "{out}");
    let names: Vec<_> = tree(&folder.path().join("out")).into_keys().collect();
    assert_eq!(
        names,
        [
            "200.html",
            "200sleep=20.html",
            "404.html",
            "500sleep=30.html",
            "524.html"
        ]
    );
    assert_eq!(site.requests().len(), 5);
}

#[test]
fn what_could_not_be_had_is_told_and_the_rest_is_there() {
    let site = site();
    let folder = tempfile::tempdir().unwrap();
    let list = format!("http://{}/200\nhttp://127.0.0.1:9/gone\n", site.address());
    fs::write(folder.path().join("list"), list).unwrap();
    let (out, err) = ended(
        scrape(&["threads", "--urls", "list"], folder.path()).output_in_time(),
        1,
    );
    assert!(out.contains("threads: 1 pages"), "{out}");
    assert!(
        err.starts_with(
            "error: threads: http://127.0.0.1:9/gone: the server refuses connections ("
        ),
        "{err}"
    );
    assert!(err.contains("refused"), "{err}");
}

#[test]
fn a_guess_is_shown_beside_what_was_measured() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["sequential", "tasks", "--predict", "sequential=1h,tasks=2x"];
    let (out, _) = ended(scrape(&arguments, folder.path()).output_in_time(), 0);
    assert!(
        out.contains("\nsequential: guess 3600 s, measured "),
        "{out}"
    );
    assert!(
        out.contains("\ntasks: guess 2x as fast as sequential, measured "),
        "{out}"
    );
}

#[test]
fn wrong_arguments_and_lists_are_told() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, hint) in [
        (&["task"][..], "tasks"),
        (&["--concurrency", "0"], "1..=1000"),
        (&["--timeout", "0s"], "from 1ms to 1day"),
        (&["--serve", "here"], "--serve"),
        (
            &["--url", "http://h/", "--same-host", "--allow", "g"],
            "cannot be used with",
        ),
        (
            &["--url", "http://h/", "--urls", "x"],
            "cannot be used with",
        ),
        (&["--allow", "a/b"], "a server's name is needed"),
        (&["--allow", ".a:80"], "a port goes with one server only"),
        (&["--urls", "x", "--depth", "2"], "cannot be used with"),
        (&["--header", "x"], "\"Name: value\" is needed"),
        (&["--depth", "-1"], "--depth"),
    ] {
        let (_, err) = ended(scrape(arguments, folder.path()).output_in_time(), 2);
        assert!(err.contains(hint), "{arguments:?}: {err}");
    }
    fs::write(folder.path().join("bad"), "http://127.0.0.1/\nmailto:x\n").unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for (arguments, hint) in [
        (
            &["--urls", "bad"][..],
            "line 2: mailto:x: the scheme is mailto",
        ),
        (&["--urls", "missing"], "can't read missing"),
        (
            &["--url", "example.com"],
            "example.com: no scheme: try http://example.com",
        ),
        (&["--url", "ftp://h/"], "ftp://h/: the scheme is ftp"),
        (&["--urls", "file"], "there is no URL in the list"),
        (
            &["--output", "file/x"],
            "--output: can't make the folder file/x/sequential/.crawl",
        ),
    ] {
        let (_, err) = ended(scrape(arguments, folder.path()).output_in_time(), 1);
        assert!(
            err.starts_with("error: ") && err.contains(hint),
            "{arguments:?}: {err}"
        );
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_finishes_what_is_under_way_and_leaves_no_half_file() {
    let (address, gate) = gate(2);
    let folder = tempfile::tempdir().unwrap();
    let list: String = (0..50)
        .map(|page| format!("http://{address}/{page}\n"))
        .collect();
    fs::write(folder.path().join("list"), list).unwrap();
    let arguments = ["sequential", "--urls", "list", "--output", "out"];
    // The first request waits at the gate for a second one, which `sequential` never sends.
    let (child, mut stderr) = interrupted(scrape(&arguments, folder.path()), &gate);
    // The test sends it, now that the program knows of the interrupt.
    let mut other = TcpStream::connect(address).unwrap();
    other
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let (out, _) = ended(child.output_in_time(), 1);
    let mut err = String::new();
    stderr.read_to_string(&mut err).unwrap();
    assert_eq!(err, "");
    let names: Vec<_> = tree(&folder.path().join("out")).into_keys().collect();
    assert_eq!(names, ["0.html"], "{out}");
}

#[test]
fn the_site_stays_up_for_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = scrape(&["--serve", "127.0.0.1:0"], folder.path())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line.split(['/', ' ']).nth(2).unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(answer.matches("<a href=").count(), 4, "{answer}");
}

/// The proxy does not exist, so all requests would fail that go through it.
#[test]
fn a_server_that_needs_no_proxy_has_its_answers_repaired() {
    let (server, _) = bytes(|_| b"HTTP/1.2 200 OK\r\n\r\nx".to_vec());
    let folder = tempfile::tempdir().unwrap();
    let url = format!("{server}/");
    let arguments = [
        "--url",
        &url,
        "--output",
        "out",
        "--ignore-robots",
        "--retries",
        "0",
    ];
    for (no_proxy, status) in [("127.0.0.1", 0), ("other", 1)] {
        let mut command = scrape(&arguments, folder.path());
        command
            .env("http_proxy", "http://127.0.0.1:9")
            .env("no_proxy", no_proxy);
        ended(command.output_in_time(), status);
    }
}
