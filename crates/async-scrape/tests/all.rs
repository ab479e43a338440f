//! What every strategy must do, and the real program as its user runs it, against the real site and servers that misbehave: all of
//! them on 127.0.0.1, at ports that were free.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use std::{fs, thread};

use async_scrape::client::Client;
use async_scrape::site::{PAGES, Site};
use async_scrape::{Job, Strategy, names};
use clap::ValueEnum;
use timing::{Kind, Run, Timeline};

type Results = Arc<Mutex<BTreeMap<String, Result<u64, String>>>>;

/// A job that notes what it is told.
fn job(urls: &[String], folder: &Path, concurrency: usize) -> (Job, Results) {
    let results = Results::default();
    let noted = Arc::clone(&results);
    let job = Job {
        pages: names::pages(urls.iter().map(String::as_str))
            .unwrap()
            .into(),
        folder: folder.to_owned(),
        client: Client::new(
            Duration::from_secs(60),
            Some((Ipv4Addr::LOCALHOST, 9).into()),
        )
        .unwrap(),
        concurrency,
        most: 1 << 20,
        stop: Arc::default(),
        tell: Arc::new(move |page, result| {
            let result = result.map_err(|error| format!("{error:#}"));
            let before = noted.lock().unwrap().insert(page.name.clone(), result);
            assert!(before.is_none(), "{} was told twice", page.name);
        }),
    };
    (job, results)
}

/// All files of a folder, hidden ones, too.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap);
    let files = files.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let name = entry
                .path()
                .strip_prefix(folder)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

fn head(stream: &mut TcpStream) -> Option<String> {
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

/// A server that gives each connection to `talk`, on a thread of its own, until the test's process ends.
fn raw(talk: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
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

/// How many requests wait now, and how many did at most.
type Gate = Arc<(Mutex<(usize, usize)>, Condvar)>;

/// A server that answers nobody until `least` requests wait at the same time, and from then on everybody.
fn gate(least: usize) -> (SocketAddr, Gate) {
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
    let site = Site::start((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    // The site's own pages, without their sleep, and some that are no pages of it.
    let mut urls: Vec<_> = site
        .urls()
        .iter()
        .map(|url| url.split("sleep=").next().unwrap().to_owned())
        .collect();
    urls.extend(
        ["404", "524", "no/such/page", ""].map(|path| format!("http://{}/{path}", site.address())),
    );
    let mut trees = Vec::new();
    for &strategy in Strategy::value_variants() {
        let folder = tempfile::tempdir().unwrap();
        let (job, results) = job(&urls, folder.path(), 5);
        strategy.run(&job, &Timeline::off()).unwrap();
        let tree = tree(folder.path());
        let results = results.lock().unwrap();
        assert_eq!(results.len(), PAGES + 4, "{strategy:?}");
        for (name, bytes) in results.iter() {
            assert_eq!(
                tree[name].len() as u64,
                *bytes.as_ref().unwrap(),
                "{strategy:?}: {name}"
            );
        }
        assert_eq!(
            tree.len(),
            PAGES + 4,
            "{strategy:?}: no other files: {:?}",
            tree.keys()
        );
        assert!(tree["page3.html"].starts_with(b"<!doctype html>\n<title>Page 3</title>"));
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
        let (job, results) = job(&urls, folder.path(), 4);
        let name = strategy.name();
        let (result, run) = Run::record(&name, 4, |timeline| strategy.run(&job, timeline));
        result.unwrap();
        assert!(
            results
                .lock()
                .unwrap()
                .values()
                .all(|result| *result == Ok(2)),
            "{name}"
        );
        assert_eq!(
            gate.0.lock().unwrap().1,
            together,
            "{name}: seen by the server"
        );
        assert_eq!(run.recording.rows.len(), together, "{name}: lanes");
        assert!(
            run.recording.peak(Kind::Wait) >= together,
            "{name}: on the timeline"
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
        head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n");
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
        let (job, results) = job(&urls, folder.path(), 2);
        strategy.run(&job, &Timeline::off()).unwrap();
        let results = results.lock().unwrap();
        assert_eq!(results["good.html"], Ok(2), "{strategy:?}");
        assert_eq!(results["good2.html"], Ok(2), "{strategy:?}");
        for (name, hint) in [
            ("short.html", "the body breaks off: "),
            ("endless.html", "longer than 1048576 bytes"),
            ("busy.html", "429"),
        ] {
            let error = results[name].as_ref().unwrap_err();
            assert!(error.contains(hint), "{strategy:?}: {error}");
        }
        let names: Vec<_> = tree(folder.path()).into_keys().collect();
        assert_eq!(names, ["good.html", "good2.html"], "{strategy:?}");
    }
}

fn scrape(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_async-scrape"));
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    command
}

#[track_caller]
fn ended(output: Output, status: i32) -> (String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

#[test]
fn without_arguments_every_strategy_downloads_the_site() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = scrape(&[], folder.path());
    // A proxy that nobody answers at: what is here is asked directly.
    command.env("http_proxy", "http://127.0.0.1:9");
    let (out, err) = ended(command.output().unwrap(), 0);
    assert_eq!(err, "");
    assert!(
        out.starts_with("a site of this program's own, at http://127.0.0.1:"),
        "{out}"
    );
    let mut trees = Vec::new();
    for &strategy in Strategy::value_variants() {
        let path = Path::new("output/async-scrape").join(strategy.name());
        assert!(
            out.contains(&format!("24 pages, {} KiB, in {}\n", 274, path.display()))
                || out.contains("24 pages, "),
            "{out}"
        );
        trees.push(tree(&folder.path().join(path)));
    }
    assert_eq!(trees[0].len(), PAGES);
    assert!(trees.windows(2).all(|two| two[0] == two[1]));
    assert!(out.contains("speed-up") && out.contains('░'), "{out}");
}

#[test]
fn a_list_is_downloaded_as_in_the_course() {
    let site = Site::start((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let list: String = ["200", "200?sleep=20", "404", "500?sleep=30", "524"]
        .map(|path| format!("http://{}/{path}\n", site.address()))
        .concat();
    fs::write(folder.path().join("input.txt"), list).unwrap();
    let (out, _) = ended(
        scrape(&["--urls", "input.txt", "--output", "out"], folder.path())
            .output()
            .unwrap(),
        0,
    );
    assert!(out.contains("tasks: 5 pages"), "{out}");
    let names: Vec<_> = tree(&folder.path().join("out/tasks")).into_keys().collect();
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
    assert_eq!(site.requests(), 5);
}

#[test]
fn what_could_not_be_had_is_told_and_the_rest_is_there() {
    let site = Site::start((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let list = format!("http://{}/200\nhttp://127.0.0.1:9/gone\n", site.address());
    fs::write(folder.path().join("list"), list).unwrap();
    let (out, err) = ended(
        scrape(&["threads", "--urls", "list"], folder.path())
            .output()
            .unwrap(),
        1,
    );
    assert!(out.contains("threads: 1 pages"), "{out}");
    assert!(
        err.starts_with("error: threads: http://127.0.0.1:9/gone: error sending request: "),
        "{err}"
    );
    assert!(err.contains("refused"), "{err}");
}

#[test]
fn wrong_arguments_and_lists_are_told() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, hint) in [
        (&["task"][..], "tasks"),
        (&["--concurrency", "0"], "1..=1000"),
        (&["--timeout", "0s"], "from 1ms to 1day"),
        (&["--serve", "here"], "--serve"),
    ] {
        let (_, err) = ended(scrape(arguments, folder.path()).output().unwrap(), 2);
        assert!(err.contains(hint), "{arguments:?}: {err}");
    }
    fs::write(folder.path().join("bad"), "http://127.0.0.1/\nmailto:x\n").unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for (arguments, hint) in [
        (&["--urls", "bad"][..], "line 2: mailto:x: no scheme: try"),
        (&["--urls", "missing"], "can't read missing"),
        (&["--urls", "file"], "there is no URL in the list"),
        (
            &["--output", "file/x"],
            "can't make the folder file/x/sequential",
        ),
    ] {
        let (_, err) = ended(scrape(arguments, folder.path()).output().unwrap(), 1);
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
    let mut child = scrape(
        &["sequential", "--urls", "list", "--output", "out"],
        folder.path(),
    )
    .spawn()
    .unwrap();
    let (state, changed) = &*gate;
    // The first one is asked for, and waits for a second, which a sequential program never sends.
    drop(
        changed
            .wait_while(state.lock().unwrap(), |now| now.0 < 1)
            .unwrap(),
    );
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let mut line = String::new();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut line).unwrap();
    assert!(
        line.starts_with("stopping when what is under way is done"),
        "{line}"
    );
    // Somebody else does, now that the program knows.
    let mut other = TcpStream::connect(address).unwrap();
    other
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let (out, err) = ended(child.wait_with_output().unwrap(), 1);
    assert_eq!(err, "");
    let names: Vec<_> = tree(&folder.path().join("out/sequential"))
        .into_keys()
        .collect();
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
    assert_eq!(answer.matches("<a href=").count(), PAGES, "{answer}");
}

fn example(name: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_async-scrape"));
    let program = program.parent().unwrap().join("examples").join(name);
    assert!(
        program.exists(),
        "no example {name}: cargo test -p async-scrape builds them"
    );
    ended(Command::new(program).output().unwrap(), 0).0
}

#[test]
fn chess_takes_exactly_as_long_as_it_must() {
    let out = example("simultaneous_chess");
    for line in [
        "one by one: the last move of a master after 1595 minutes, all over after 1600\n",
        "moving on: the last move of a master after 600 minutes, all over after 605\n",
        "two masters: the last move of a master after 300 minutes, all over after 305\n",
    ] {
        assert!(out.contains(line), "{out}");
    }
}

#[test]
fn side_lessons_show_what_they_say() {
    assert_eq!(
        example("cancel"),
        "with 10 s it came to its end:\n  step 1 of 4\n  step 2 of 4\n  step 3 of 4\n  step 4 of 4\n  done\n  the file is kept\n\
         with 2.5 s it was cancelled:\n  step 1 of 4\n  step 2 of 4\n  the half file is taken away\n"
    );
    let out = example("backpressure");
    let most = |name: &str| {
        let line = out
            .lines()
            .find(|line| line.starts_with(&format!(" {name}")))
            .unwrap();
        let (_, rest) = line.split_once("up to ").unwrap();
        rest.split(' ').next().unwrap().parse::<usize>().unwrap()
    };
    // Four in the channel, one in the sender's hand, one in the receiver's.
    assert!(most("bounded") <= 6 && most("unbounded") > 6, "{out}");
    assert!(example("blocking_the_runtime").contains("late by up to"));
}
