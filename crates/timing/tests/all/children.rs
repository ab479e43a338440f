//! A child process's spans, on its parent's clock. The child is this very test binary, started again.

use std::process::Command;
use std::time::Duration;

use timing::{Clock, Kind, Recording, Timeline};

const CLOCK: &str = "TIMING_TEST_CLOCK";

/// Does nothing in an ordinary run; started by the test below it is the child.
#[test]
fn child() {
    let Ok(clock) = std::env::var(CLOCK) else {
        return;
    };
    let clock: Clock = serde_json::from_str(&clock).unwrap();
    let timeline = Timeline::on_clock(clock);
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
