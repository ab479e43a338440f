//! Timelines as trace events, for ui.perfetto.dev and chrome://tracing.
//!
//! The format is the *Trace Event Format* that Chrome set: complete events (`"ph": "X"`) with microseconds, and
//! metadata events (`"M"`) that name processes and threads. A run is a process there, a lane a thread.

use serde_json::{Value, json};

use crate::recording::Kind;
use crate::run::Run;

/// The runs as one JSON document.
pub fn draw(runs: &[Run]) -> String {
    let mut events = Vec::new();
    for (run, pid) in runs.iter().zip(1..) {
        events.push(named("process_name", pid, 0, &run.name));
        for (row, tid) in run.recording.rows.iter().zip(1..) {
            events.push(named("thread_name", pid, tid, &row.name));
            for span in &row.spans {
                events.push(json!({
                    "ph": "X",
                    "name": span.label,
                    "cat": match span.kind { Kind::Work => "work", Kind::Wait => "wait" },
                    "pid": pid,
                    "tid": tid,
                    "ts": span.start_ns as f64 / 1e3,
                    "dur": (span.end_ns - span.start_ns) as f64 / 1e3,
                }));
            }
        }
    }
    json!({ "displayTimeUnit": "ms", "traceEvents": events }).to_string()
}

fn named(what: &str, pid: u32, tid: u32, name: &str) -> Value {
    json!({ "ph": "M", "name": what, "pid": pid, "tid": tid, "args": { "name": name } })
}
