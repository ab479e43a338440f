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
    for (run, pid) in runs.iter().zip(1_u32..) {
        let about = |what: &str, tid: u32, args: Value| json!({ "ph": "M", "name": what, "pid": pid, "tid": tid, "args": args });
        // Without an order of their own they would be sorted by name or by number, as the viewer likes.
        events.push(about("process_name", 0, json!({ "name": run.name })));
        events.push(about("process_sort_index", 0, json!({ "sort_index": pid })));
        for (row, tid) in run.recording.rows.iter().zip(1_u32..) {
            events.push(about("thread_name", tid, json!({ "name": row.name })));
            events.push(about(
                "thread_sort_index",
                tid,
                json!({ "sort_index": tid }),
            ));
            events.extend(row.spans.iter().map(|span| {
                json!({
                    "ph": "X",
                    "name": span.label,
                    "cat": match span.kind { Kind::Work => "work", Kind::Wait => "wait" },
                    "pid": pid,
                    "tid": tid,
                    "ts": span.start_ns as f64 / 1e3,
                    "dur": span.end_ns.saturating_sub(span.start_ns) as f64 / 1e3,
                })
            }));
        }
    }
    json!({ "displayTimeUnit": "ms", "traceEvents": events }).to_string()
}
