//! The real program against the real server.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use timing::limit::InTime;

use clap::ValueEnum;
use ping::Strategy;
use ping::server::Server;

use crate::support::{Gate, ended, ping};

const COURSE: [&str; 5] = [
    "http://httpstat.us/200:OK",
    "http://httpstat.us/200?sleep=2000:OK",
    "http://httpstat.us/404:Not Found",
    "http://httpstat.us/500?sleep=3000:Internal Server Error",
    "http://httpstat.us/524:A Timeout Occurred",
];

fn start() -> (Server, String) {
    let server = Server::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let url = format!("http://{}", server.address());
    (server, url)
}

#[test]
fn without_arguments_every_strategy_prints_the_lines_of_the_course() {
    let (out, err) = ended(ping(&[]).output_in_time(), 0);
    assert_eq!(err, "");
    let first = out.lines().next().unwrap();
    assert!(first.starts_with("httpstat.us is here a server of this program's own, at 127.0.0.1:"));
    for &strategy in Strategy::value_variants() {
        let heading = format!("--- {} ---\n", timing::cli::name(&strategy));
        let said = out.split(&heading).nth(1).unwrap();
        let said: Vec<_> = said.lines().take(5).collect();
        if strategy == Strategy::Sequential {
            assert_eq!(said, COURSE);
        }
        assert_eq!(
            said.iter().collect::<BTreeSet<_>>(),
            COURSE.iter().collect()
        );
    }
    let summary = "     2 x 2xx successful: the request was received, understood and accepted\n";
    assert_eq!(out.matches(summary).count(), 4, "{out}");
    assert_eq!(out.matches("5 of 5 answered: min ").count(), 4, "{out}");
    assert!(out.contains("speed-up") && out.contains('░'), "{out}");
}

#[test]
fn a_list_from_a_file_is_pinged_as_often_as_it_is_said() {
    let (server, url) = start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("input.txt");
    let text = format!("\u{feff}{url}/200\r\n\n# a comment\n   {url}/404  \n");
    fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let (out, _) = ended(
        ping(&["pool", "tasks", "--input", file, "--repeat", "3"]).output_in_time(),
        0,
    );
    assert!(!out.contains("httpstat.us"), "{out}");
    assert_eq!(out.matches(&format!("{url}/200:OK\n")).count(), 6, "{out}");
    assert_eq!(
        out.matches(&format!("{url}/404:Not Found\n")).count(),
        6,
        "{out}"
    );
    assert!(out.contains("6 of 6 answered"), "{out}");
    assert_eq!(server.requests(), 12);
}

#[test]
fn the_courses_urls_can_be_asked_of_a_real_server() {
    let (server, url) = start();
    let (out, _) = ended(
        ping(&["threads", "--live", &format!("{url}/")]).output_in_time(),
        0,
    );
    for line in COURSE {
        let line = line.replace("http://httpstat.us", &url);
        assert!(out.contains(&format!("{line}\n")), "no {line} in {out}");
    }
    assert_eq!(server.requests(), 5);
}

#[test]
fn a_list_may_come_from_stdin() {
    let (_server, url) = start();
    let mut child = ping(&["tasks", "--input", "-", "--url", &format!("{url}/201")])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{url}/418").unwrap();
    let (out, _) = ended(child.output_in_time(), 0);
    assert!(
        out.contains("/201:Created\n") && out.contains("/418:I'm a teapot\n"),
        "{out}"
    );
}

#[test]
fn head_and_redirects() {
    let (_server, url) = start();
    let urls = [
        format!("{url}/302"),
        format!("{url}/204"),
        format!("{url}/101"),
    ];
    let mut arguments = vec!["sequential", "--method", "head", "--url"];
    arguments.extend(urls.iter().map(String::as_str));
    let (out, _) = ended(ping(&arguments).output_in_time(), 0);
    assert!(
        out.contains("/302:OK\n") && out.contains("/204:No Content\n"),
        "{out}"
    );
    assert!(out.contains("/101:Switching Protocols\n"), "{out}");
    assert!(out.contains("1 x 1xx informational"), "{out}");
    arguments.splice(0..0, ["--redirects", "0"]);
    let (out, _) = ended(ping(&arguments).output_in_time(), 0);
    assert!(
        out.contains("/302:Found\n") && out.contains("1 x 3xx redirection"),
        "{out}"
    );
}

#[test]
fn an_announcement_is_not_the_answer() {
    let (_server, url) = start();
    for code in [100, 102, 103] {
        let (out, _) = ended(
            ping(&["--url", &format!("{url}/{code}")]).output_in_time(),
            0,
        );
        assert_eq!(
            out.matches(&format!("{url}/{code}:OK\n")).count(),
            4,
            "{out}"
        );
    }
}

#[test]
fn concurrency_is_kept_to() {
    for strategy in ["pool", "tasks"] {
        let (address, gate) = Gate::start(7);
        let url = format!("http://{address}/");
        let arguments = [
            strategy,
            "--url",
            &url,
            "--repeat",
            "40",
            "--concurrency",
            "7",
        ];
        ended(ping(&arguments).output_in_time(), 0);
        assert_eq!((gate.peak(), gate.paths().len()), (7, 40), "{strategy}");
    }
}

#[test]
fn a_thousand_at_once() {
    let (address, gate) = Gate::start(1000);
    let url = format!("http://{address}/");
    let arguments = [
        "tasks",
        "--url",
        &url,
        "--repeat",
        "1000",
        "--timeout",
        "60s",
        "--connect-timeout",
        "60s",
    ];
    let (out, _) = ended(ping(&arguments).output_in_time(), 0);
    assert!(out.contains("1000 of 1000 answered"), "{out}");
    assert_eq!(gate.peak(), 1000);
}

#[test]
fn more_urls_than_threads_may_be_are_no_reason_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("many");
    // 100 000 of them, and none that anybody would have to answer.
    fs::write(&file, "nonsense\n".repeat(100_000)).unwrap();
    let arguments = ["threads", "tasks", "--input", file.to_str().unwrap()];
    let (out, err) = ended(ping(&arguments).output_in_time(), 1);
    assert_eq!(
        err,
        "error: threads: 100000 URLs are more than the 10000 threads that it may start: try pool or tasks\n\
         error: tasks: 100000 of 100000 failed\n"
    );
    assert_eq!(out.matches("\nnonsense:failed: ").count(), 100_000);
}

#[test]
fn what_was_not_answered_is_counted_and_told() {
    let (_server, url) = start();
    let (out, err) = ended(
        ping(&["tasks", "--url", &format!("{url}/500"), "nonsense"]).output_in_time(),
        1,
    );
    assert!(
        out.contains("nonsense:failed: not a URL to ping (no scheme: try http://nonsense)\n"),
        "{out}"
    );
    assert!(out.contains("1 of 2 answered: min"), "{out}");
    assert!(out.contains("     1 x not a URL to ping\n"), "{out}");
    assert_eq!(err, "error: tasks: 1 of 2 failed\n");
}

#[test]
fn a_guess_is_shown_beside_what_was_measured() {
    let (_server, url) = start();
    let url = format!("{url}/200");
    let arguments = [
        "sequential",
        "tasks",
        "--url",
        &url,
        "--predict",
        "sequential=1h,tasks=2x",
    ];
    let (out, _) = ended(ping(&arguments).output_in_time(), 0);
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
fn wrong_arguments_are_told() {
    for (arguments, hint) in [
        (&["thread"][..], "threads"),
        (&["--timeout", "0s"], "from 1ms to 1day"),
        (&["--connect-timeout", "soon"], "--connect-timeout"),
        (&["--repeat", "0"], "--repeat"),
        (&["--concurrency", "0"], "--concurrency"),
        (&["--method", "POST"], "a ping is GET or HEAD"),
        (&["--redirects", "-1"], "-1"),
        (&["--live"], "--live"),
        (
            &["--live", "http://a.test", "--url", "http://127.0.0.1/"],
            "--live",
        ),
        (&["--serve", "here"], "--serve"),
        (
            &["--serve", "127.0.0.1:0", "--live", "http://a.test"],
            "--serve",
        ),
    ] {
        let (_, err) = ended(ping(arguments).output_in_time(), 2);
        assert!(err.contains(hint), "{arguments:?}: {err}");
    }
}

#[test]
fn lists_that_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("empty"), "# nothing\n\n").unwrap();
    fs::write(path("binary"), b"\xff\xfe\x00").unwrap();
    for (name, hint) in [
        ("empty", "there is no URL to ping"),
        ("binary", "valid UTF-8"),
        ("missing", "os error 2"),
        // Windows opens no folder as a file.
        (
            "",
            if cfg!(windows) {
                "os error 5"
            } else {
                "directory"
            },
        ),
    ] {
        let (out, err) = ended(ping(&["--input", &path(name)]).output_in_time(), 1);
        assert!(
            err.starts_with("error: ") && err.contains(hint),
            "{name}: {err}"
        );
        assert_eq!((err.lines().count(), &*out), (1, ""), "{name}");
    }
}

#[test]
fn the_server_stays_up_for_others() {
    let mut child = ping(&["--serve", "127.0.0.1:0"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let url = line.split(' ').next().unwrap().trim_end_matches('/');
    let (out, _) = ended(
        ping(&["threads", "--url", &format!("{url}/418")]).output_in_time(),
        0,
    );
    assert!(out.contains(":I'm a teapot\n"), "{out}");
    let taken = url.trim_start_matches("http://");
    let (_, err) = ended(ping(&["--serve", taken]).output_in_time(), 1);
    assert!(
        err.starts_with(&format!("error: can't listen on {taken}: ")),
        "{err}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
}

#[cfg(unix)]
#[test]
fn ctrl_c_sums_up_what_was_answered() {
    let (server, url) = start();
    let arguments = [
        "sequential",
        "--url",
        &format!("{url}/200"),
        &format!("{url}/200?sleep=300000"),
        "--timeout",
        "1h",
    ];
    let child = ping(&arguments).spawn().unwrap();
    while server.requests() < 2 {
        std::thread::yield_now();
    }
    let kill = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let (out, _) = ended(child.output_in_time(), 1);
    assert!(out.contains("\ninterrupted: 1 of 1 answered: min"), "{out}");
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let (_server, url) = start();
    let mut child = ping(&["--url", &format!("{url}/200"), "--repeat", "5"])
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let (_, err) = ended(child.output_in_time(), 0);
    assert_eq!(err, "");
}
