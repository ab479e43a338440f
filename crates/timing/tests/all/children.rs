//! A child process's spans, on its parent's clock. The child is this very test binary, started
//! again.

use std::process::Command;
use std::time::Duration;

use timing::{Clock, Kind, Recording, Timeline};

use crate::cli::{ended, program};

const CLOCK: &str = "TIMING_TEST_CLOCK";

/// Does nothing in an ordinary run; started by the test below it is the child.
#[test]
fn child() {
    let Ok(clock) = std::env::var(CLOCK) else {
        return;
    };
    let clock: Clock = serde_json::from_str(&clock).unwrap();
    let timeline = Timeline::of_child(clock);
    let mut lane = timeline.lane("child");
    {
        let _span = lane.work("a \"quoted\" label");
        std::hint::black_box((0..1_000_000_u64).fold(0, |a, b| a ^ b));
    }
    drop(lane);
    let json = serde_json::to_string(&timeline.recording()).unwrap();
    println!("\nRECORDING {json}");
}

#[test]
fn a_childs_spans_lie_between_its_start_and_its_end() {
    let timeline = Timeline::new();
    let mut lane = timeline.lane("parent");
    let recording: Recording = {
        let _span = lane.wait("the child");
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["children::child", "--exact", "--nocapture"])
            .env(
                CLOCK,
                serde_json::to_string(&timeline.clock().unwrap()).unwrap(),
            )
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("RECORDING "));
        serde_json::from_str(line.unwrap_or_else(|| panic!("{text}"))).unwrap()
    };
    drop(lane);
    assert!(recording.cpu > Duration::ZERO, "a child tells its CPU time");
    timeline.absorb(recording);
    let all = timeline.recording();
    assert!(all.cpu > Duration::ZERO);
    let names: Vec<_> = all.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["parent", "child"]);
    let (parent, child) = (&all.rows[0].spans[0], &all.rows[1].spans[0]);
    assert_eq!(
        (child.kind, &*child.label),
        (Kind::Work, "a \"quoted\" label")
    );
    // The system's clock and the one of spans are two: allow them a millisecond.
    let slack = 1_000_000;
    assert!(
        parent.start_ns <= child.start_ns + slack,
        "{parent:?} {child:?}"
    );
    assert!(
        child.end_ns <= parent.end_ns + slack,
        "{parent:?} {child:?}"
    );
    assert!(child.start_ns < child.end_ns);
}

fn parent(role: &str) -> Command {
    let mut command = program("parent_and_child");
    command.args(["--child", role]);
    command
}

#[test]
fn a_child_answers_and_its_recording_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = parent("answers");
    command.current_dir(folder.path()).args(["--trace", "t"]);
    let (out, err) = ended(command.output().unwrap(), 0);
    assert!(out.contains("6 words"), "{out}{err}");
    let trace = std::fs::read_to_string(folder.path().join("t")).unwrap();
    for label in ["one", "two words", "three more words"] {
        assert!(trace.contains(&format!("\"name\":\"{label}\"")), "{trace}");
    }
}

#[test]
fn a_child_that_dies_is_an_error_that_says_how() {
    let (_, err) = ended(parent("dies").output().unwrap(), 1);
    let last = err.lines().last().unwrap();
    // Windows has no signals: there, whoever aborts has an exit code for it.
    let how = if cfg!(windows) {
        "exit code: 0x"
    } else {
        "signal: 6"
    };
    assert!(
        last.starts_with(&format!("error: child died ({how}")),
        "{err}"
    );
}

/// The parent waits until its child has ended: that it returns at all is the assertion.
#[test]
fn a_child_that_hears_nothing_ends_with_the_end_of_its_input() {
    let (_, err) = ended(parent("deaf").output().unwrap(), 1);
    let status = if cfg!(windows) {
        "exit code"
    } else {
        "exit status"
    };
    assert!(err.contains(&format!("child died ({status}: 1)")), "{err}");
}

#[test]
fn a_child_without_an_order_says_so() {
    let mut command = program("parent_and_child");
    let output = command.arg("__child").stdin(std::process::Stdio::null());
    let (_, err) = ended(output.output().unwrap(), 1);
    assert_eq!(err, "error: child process: no order on standard input\n");
}

#[test]
fn a_job_on_anothers_clock_has_only_its_own_cpu_time() {
    let timeline = Timeline::new();
    std::hint::black_box((0..50_000_000_u64).fold(0, |a, b| std::hint::black_box(a ^ b)));
    let clock = timeline.clock().unwrap();
    let job = Timeline::on_clock(clock).recording().cpu;
    let whole = Timeline::of_child(clock).recording().cpu;
    assert!(job < whole, "{job:?} {whole:?}");
    assert_eq!(timeline.beside().clock(), Some(clock));
    assert_eq!(timeline.beside().recording().cpu, Duration::ZERO);
    assert_eq!(Timeline::off().beside().clock(), None);
}
