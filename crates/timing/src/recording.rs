//! What a timeline holds when it is over: plain data, that renderings draw and tests ask questions of.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a worker did with its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// It worked.
    Work,
    /// It waited: for another worker, the disk, the network.
    Wait,
}

/// A stretch of a worker's time, in nanoseconds since the timeline's time zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanRecord {
    /// Working or waiting.
    pub kind: Kind,
    /// At or for what.
    pub label: Cow<'static, str>,
    /// When it began.
    pub start_ns: u64,
    /// When it was over; not before it began.
    pub end_ns: u64,
}

/// One worker's spans, in the order of their start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The lane's name.
    pub name: String,
    /// What it did. The spans of lanes that share a name may overlap; those of one lane never do.
    pub spans: Vec<SpanRecord>,
}

/// All that a timeline recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// A row a lane name, in the order in which the lanes were first asked for.
    pub rows: Vec<Row>,
    /// The CPU time of this process when it recorded, and of the child processes that it absorbed: what a
    /// parent can't know by itself.
    pub cpu: Duration,
}

impl Recording {
    /// The end of the last span, since time zero.
    pub fn end(&self) -> Duration {
        let ends = self.rows.iter().flat_map(|row| &row.spans);
        Duration::from_nanos(ends.map(|span| span.end_ns).max().unwrap_or(0))
    }

    /// The most spans of this kind that were open at one instant. A span holds its start but not its end, so that
    /// of two that follow each other at once only one is open.
    ///
    /// This is what a test can ask about parallelism, whatever the machine's speed.
    pub fn peak(&self, kind: Kind) -> usize {
        let spans = self.rows.iter().flat_map(|row| &row.spans);
        let spans = spans.filter(|span| span.kind == kind && span.start_ns < span.end_ns);
        // At one instant ends (-1) sort before starts (+1).
        let mut changes: Vec<(u64, isize)> = spans
            .flat_map(|span| [(span.start_ns, 1), (span.end_ns, -1)])
            .collect();
        changes.sort_unstable();
        let open = changes.iter().scan(0, |open, change| {
            *open += change.1;
            Some(*open)
        });
        open.max().unwrap_or(0) as usize
    }
}
