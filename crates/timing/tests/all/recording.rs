//! What a timeline remembers.

use timing::{Kind, Lane, Lanes, Recording, Row, SpanRecord, Timeline};

fn spans(kind: Kind, times: &[(u64, u64)]) -> Vec<SpanRecord> {
    let span = |&(start_ns, end_ns): &(u64, u64)| SpanRecord {
        kind,
        label: "x".into(),
        start_ns,
        end_ns,
    };
    times.iter().map(span).collect()
}

fn recording(rows: Vec<Vec<SpanRecord>>) -> Recording {
    let row = |spans| Row {
        name: String::new(),
        spans,
    };
    Recording {
        rows: rows.into_iter().map(row).collect(),
        ..Recording::default()
    }
}

#[test]
fn the_peak_counts_what_is_open_at_once() {
    let peak = |rows| recording(rows).peak(Kind::Work);
    let work = |times: &[(u64, u64)]| spans(Kind::Work, times);
    assert_eq!(peak(vec![]), 0);
    assert_eq!(peak(vec![work(&[(0, 5), (5, 9)])]), 1);
    assert_eq!(
        peak(vec![work(&[(0, 5)]), work(&[(5, 9)])]),
        1,
        "one after the other"
    );
    assert_eq!(peak(vec![work(&[(0, 6)]), work(&[(5, 9)])]), 2);
    assert_eq!(
        peak(vec![work(&[(0, 9)]), work(&[(1, 2)]), work(&[(3, 4)])]),
        2
    );
    assert_eq!(peak(vec![work(&[(0, 9)]), spans(Kind::Wait, &[(0, 9)])]), 1);
    assert_eq!(peak(vec![work(&[(3, 3)])]), 0, "no time, nothing open");
}

#[test]
fn spans_of_a_lane_follow_each_other_and_lanes_of_one_name_are_one_row() {
    let timeline = Timeline::new();
    for _ in 0..2 {
        let mut lane = timeline.lane("Alice");
        drop(lane.work("5"));
        drop(lane.wait("Bob"));
    }
    drop(timeline.lane("Bob"));
    let recording = timeline.recording();
    let names: Vec<_> = recording.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["Alice", "Bob"]);
    let alice = &recording.rows[0].spans;
    let labels: Vec<_> = alice.iter().map(|span| (span.kind, &*span.label)).collect();
    let twice = [(Kind::Work, "5"), (Kind::Wait, "Bob")].repeat(2);
    assert_eq!(labels, twice);
    assert!(
        alice
            .windows(2)
            .all(|pair| pair[0].end_ns <= pair[1].start_ns)
    );
}

#[test]
fn a_lane_tells_when_it_is_dropped_even_by_a_panic() {
    let timeline = Timeline::new();
    let mut lane = timeline.lane("a");
    drop(lane.work("x"));
    assert_eq!(timeline.recording().rows[0].spans, []);
    drop(lane);
    assert_eq!(timeline.recording().rows[0].spans.len(), 1);
    let copy = timeline.clone();
    let crash = std::thread::spawn(move || {
        let mut lane = copy.lane("b");
        let _span = lane.work("y");
        panic!("on purpose");
    });
    assert!(crash.join().is_err());
    assert_eq!(timeline.recording().rows[1].spans.len(), 1);
}

#[test]
fn lanes_of_a_pool_survive_a_workers_panic() {
    let timeline = Timeline::new();
    let lanes = Lanes::new(&timeline, "worker", 2);
    let crash = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _lane = lanes.get(1);
        panic!("on purpose");
    }));
    assert!(crash.is_err());
    drop(lanes.get(1).work("again"));
    drop(lanes);
    let rows = timeline.recording().rows;
    assert_eq!([&*rows[0].name, &*rows[1].name], ["worker 0", "worker 1"]);
    assert_eq!(rows[1].spans.len(), 1);
}

#[test]
fn off_records_nothing() {
    let timeline = Timeline::off();
    assert!(!timeline.is_on() && timeline.clock().is_none());
    drop(timeline.lane("a").work("x"));
    timeline.absorb(recording(vec![spans(Kind::Work, &[(0, 1)])]));
    assert_eq!(timeline.recording(), Recording::default());
}

/// A guard may live across an await in a task that moves between threads: this compiles, or it does
/// not.
#[test]
fn guards_can_be_sent() {
    fn sent<T: Send>(_: T) {}
    fn shared<T: Send + Sync>(_: &T) {}
    let timeline = Timeline::new();
    shared(&timeline);
    let mut lane: Lane = timeline.lane("a");
    sent(lane.work("x"));
    sent(lane);
}

#[test]
fn the_spans_of_a_row_are_in_the_order_of_their_begins() {
    let timeline = Timeline::new();
    let (mut one, mut other) = (timeline.lane("both"), timeline.lane("both"));
    let begin = std::time::Instant::now();
    drop(other.work("second"));
    // Told later, begun earlier.
    one.past(Kind::Wait, "first", begin);
    drop((other, one));
    let recording = timeline.recording();
    let spans = recording.rows[0].spans.iter();
    let names: Vec<_> = spans.map(|span| &*span.label).collect();
    assert_eq!(names, ["first", "second"]);
}
