//! Many pings: for a duration, at a rate, and what is told of them.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;

use ping::server::Server;
use serde_json::Value;
use timing::limit::InTime;

use crate::support::{Gate, ended, ping};

/// Runs the program, and returns what it prints and the details of each row of `--json`.
#[track_caller]
fn load(arguments: &[&str]) -> (String, Vec<Value>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.json");
    let mut command = ping(arguments);
    let (out, _) = ended(command.arg("--json").arg(&file).output_in_time(), 0);
    let data: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let rows = data["rows"].as_array().unwrap().iter();
    (out, rows.map(|row| row["details"].clone()).collect())
}

fn server() -> (Server, String) {
    let server = Server::start((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let url = format!("http://{}/200", server.address());
    (server, url)
}

#[test]
fn a_rate_and_a_duration_say_how_many() {
    let (server, url) = server();
    for strategy in ["sequential", "threads", "pool", "tasks"] {
        let (out, rows) = load(&[
            strategy,
            "--rate",
            "100",
            "--duration",
            "200ms",
            "--url",
            &url,
        ]);
        assert!(out.contains("20 of 20 answered: min "), "{out}");
        // They are summed up, and not listed.
        assert!(
            !out.contains(&url) && out.contains("\n       p99.9 ") && out.contains("█"),
            "{out}"
        );
        assert_eq!(
            (&rows[0]["answered"], &rows[0]["classes"]["2xx"]),
            (&20.into(), &20.into())
        );
        let bins = rows[0]["histogram"].as_array().unwrap().iter();
        assert_eq!(
            bins.map(|bin| bin["pings"].as_u64().unwrap()).sum::<u64>(),
            20
        );
    }
    assert_eq!(server.requests(), 80);
}

#[test]
fn an_open_loop_asks_whether_or_not_it_was_answered() {
    // The server answers nobody until five wait.
    let (address, gate) = Gate::start(5);
    let url = format!("http://{address}/");
    load(&["tasks", "--rate", "1000", "--repeat", "5", "--url", &url]);
    assert_eq!(gate.peak(), 5);
}

#[test]
fn a_latency_counts_from_the_planned_time() {
    let (_server, url) = server();
    let url = format!("{url}?sleep=20");
    for strategy in ["sequential", "pool", "tasks"] {
        let arguments = [strategy, "--url", &url, "--rate", "1000", "--repeat", "10"];
        let one = [&arguments[..], &["--concurrency", "1"]].concat();
        let (_, rows) = load(&one);
        let of = |name: &str| rows[0]["percentiles"][name].as_f64().unwrap();
        // The last of ten was planned for 9 ms, and nine were answered before it, in 20 ms each.
        assert!(of("p100") >= 0.19, "{strategy}: {rows:?}");
        assert!(of("p50") >= 0.09, "{strategy}: {rows:?}");
    }
}

#[test]
fn a_closed_loop_ends_with_its_duration() {
    let (server, url) = server();
    for strategy in ["sequential", "pool", "tasks"] {
        let before = server.requests();
        let (_, rows) = load(&[
            strategy,
            "--duration",
            "50ms",
            "--concurrency",
            "2",
            "--url",
            &url,
        ]);
        assert_eq!(rows[0]["answered"], server.requests() - before);
        assert!(server.requests() > before);
    }
    let mut command = ping(&["threads", "--duration", "50ms", "--url", &url]);
    let (_, err) = ended(command.output_in_time(), 1);
    assert!(
        err.contains("would start threads without end: try pool or tasks"),
        "{err}"
    );
    for (arguments, words) in [
        (["--rate", "0", "--repeat", "2"], "--rate"),
        (["--duration", "1s", "--repeat", "2"], "cannot be used with"),
    ] {
        let (_, err) = ended(ping(&arguments).output_in_time(), 2);
        assert!(err.contains(words), "{err}");
    }
}

#[test]
fn both_loops_of_the_side_lesson_ask_as_often() {
    let program = Path::new(env!("CARGO_BIN_EXE_ping"));
    let name = format!("coordinated_omission{}", std::env::consts::EXE_SUFFIX);
    let program = program.parent().unwrap().join("examples").join(name);
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("x.json");
    let mut command = Command::new(program);
    let (out, _) = ended(command.arg("--trace").arg(&trace).output_in_time(), 0);
    assert!(out.contains(" closed ") && out.contains(" open "), "{out}");
    let trace = fs::read_to_string(trace).unwrap();
    for number in 0..20 {
        assert_eq!(
            trace.matches(&format!("\"ping {number}\"")).count(),
            2,
            "{trace}"
        );
    }
}
