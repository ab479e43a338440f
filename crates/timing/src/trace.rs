//! Writes timelines as trace events, for ui.perfetto.dev and chrome://tracing.
//!
//! The format is Chrome's *Trace Event Format*: complete events (`"ph": "X"`) in microseconds, and
//! metadata events (`"M"`) that name processes and threads. Each run is shown as a process, each
//! lane as a thread of it.

use serde_json::{Value, json};

use crate::recording::Kind;
use crate::run::Run;

/// Returns the runs as one JSON document.
pub fn draw(runs: &[Run]) -> String {
    let mut events = Vec::new();
    for (run, pid) in runs.iter().zip(1_u32..) {
        let about = |what: &str, tid: u32, args: Value| json!({ "ph": "M", "name": what, "pid": pid, "tid": tid, "args": args });
        // Without a sort index the viewer would choose the order.
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
                    "cat": match span.kind { Kind::Work => "work", Kind::Act => "act", Kind::Wait => "wait", Kind::Ready => "ready" },
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
