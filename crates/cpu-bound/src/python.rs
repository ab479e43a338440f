//! The countdown in the Python on the PATH: the real interpreter lock, beside the modelled one.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use timing::cli::{self, Report};
use timing::{Recording, Run, Timeline};

use crate::{Job, Work};

/// What Python 3 may be called. On Windows its installer brings `py`, and `python3` may be missing.
/// Elsewhere `python` may be Python 2.
const NAMES: &[&str] = match cfg!(windows) {
    true => &["py", "python3", "python"],
    false => &["python3"],
};

/// The course's two programs in one: with one thread the main thread counts, with more threads each
/// counts its part. It prints a [`Recording`]. Python does not say which thread has the lock, so a
/// thread's span is all of its time.
const PROGRAM: &str = r#"
import json, sys, threading, time

def count_down(n):
    while n > 0:
        n -= 1

def part(name, n):
    start = time.time_ns() - zero
    count_down(n)
    rows.append((name, {"kind": "Work", "label": "part", "start_ns": start, "end_ns": time.time_ns() - zero}))

size, workers, zero = map(int, sys.argv[1:])
rows = []
if workers == 1:
    part("main", size)
else:
    edges = [size * i // workers for i in range(workers + 1)]
    threads = [threading.Thread(target=part, args=(f"thread {i}", edges[i + 1] - edges[i])) for i in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
cpu = time.process_time_ns()
gil = getattr(sys, "_is_gil_enabled", lambda: True)()
json.dump({
    "version": "%d.%d.%d" % sys.version_info[:3] + ("" if gil else " without a GIL"),
    "recording": {
        "rows": [{"name": name, "spans": [span]} for name, span in sorted(rows)],
        "cpu": {"secs": cpu // 10**9, "nanos": cpu % 10**9},
    },
}, sys.stdout)
"#;

/// What the Python program prints.
#[derive(Deserialize)]
struct Answer {
    version: String,
    recording: Recording,
}

/// Adds two rows to the report: the job in Python on one thread, and on two. Without Python the
/// rows are left out, which is no failure.
pub fn compare(job: &Job, report: &mut Report) {
    if job.work != Work::Countdown {
        cli::complain("--python has the countdown only: its rows are left out");
        return;
    }
    let Some(python) = interpreter() else {
        let names = NAMES.join(" or ");
        cli::complain(&format!("no {names} on the PATH: its rows are left out"));
        return;
    };
    for (name, workers) in [("python", 1), ("python-threads", 2)] {
        let (result, run) = Run::record(name, workers, |timeline| {
            self::run(python, job.size, workers, timeline)
        });
        match result {
            Ok(version) => report.add(run.outcome(format!("Python {version}"))),
            Err(error) => report.complain(&format!("{name}: {error:#}")),
        }
    }
}

/// Returns the name of a Python that runs, if there is one.
pub fn interpreter() -> Option<&'static str> {
    NAMES.iter().copied().find(|name| {
        let mut python = Command::new(name);
        let python = python.arg("--version");
        let status = python.stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    })
}

/// Counts down from `size` on so many Python threads. Returns Python's version, with a remark if
/// that Python has no interpreter lock.
///
/// # Errors
/// If Python can't be run, or fails.
fn run(name: &str, size: u64, workers: usize, timeline: &Timeline) -> Result<String> {
    let zero = timeline.clock().map_or(0, |clock| clock.unix_nanos());
    let mut python = Command::new(name);
    python.args(["-c", PROGRAM]);
    python.args([size, workers as u64, zero].map(|number| number.to_string()));
    let output = python
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("can't run {name}"))?;
    if !output.status.success() {
        bail!("{name} failed ({})", output.status);
    }
    let answer: Answer = serde_json::from_slice(&output.stdout).context("Python's answer")?;
    timeline.absorb(answer.recording);
    Ok(answer.version)
}
