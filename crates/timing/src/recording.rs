//! The contents of a timeline, as plain data for renderings and tests.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What the label of a span begins with whose work was thrown away: see [`Span::lost`].
///
/// [`Span::lost`]: crate::Span::lost
pub(crate) const LOST: &str = "✗ ";

/// What a worker did with its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// The worker worked.
    Work,
    /// The worker acted: it slept, where a real program would work. It needed no core.
    Act,
    /// The worker waited: for another worker, the disk, the network, or a timer.
    Wait,
    /// The worker was ready: nothing was missing for it to go on but its turn. Another one had the
    /// thread, or the interpreter.
    Ready,
}

/// A stretch of a worker's time, in nanoseconds since the timeline's time zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanRecord {
    /// Whether it worked, acted, waited, or was ready.
    pub kind: Kind,
    /// The name of the work, or of what it waited for.
    pub label: Cow<'static, str>,
    /// The start of the span.
    pub start_ns: u64,
    /// The end of the span; not before its start.
    pub end_ns: u64,
}

/// One worker's spans, in the order of their start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The lane's name.
    pub name: String,
    /// Its spans. Spans of one lane never overlap, those of lanes that share a name may.
    pub spans: Vec<SpanRecord>,
}

/// Everything that a timeline recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// A row a lane name, in the order in which the lanes were first asked for.
    pub rows: Vec<Row>,
    /// The CPU time of the child processes and jobs whose recordings were absorbed; in the
    /// recording of a child process ([`Timeline::of_child`](crate::Timeline::of_child)) also its
    /// own.
    pub cpu: Duration,
}

impl Recording {
    /// Returns the end of the last span, since time zero.
    pub fn end(&self) -> Duration {
        let ends = self.rows.iter().flat_map(|row| &row.spans);
        Duration::from_nanos(ends.map(|span| span.end_ns).max().unwrap_or(0))
    }

    /// Returns the most spans of this kind that were open at one instant. A span includes its start
    /// but not its end, so of two spans without a gap between them only one is open.
    ///
    /// A test can assert this about parallelism, whatever the machine's speed.
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
