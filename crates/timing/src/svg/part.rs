//! A part of the runs' time, once more and larger, so that short work can be told apart.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;
use std::time::Duration;

use super::{NAMES, Scale, legend, nanos, timeline};
use crate::look::Look;
use crate::recording::{Kind, Row};
use crate::run::Run;
use crate::units;

/// As many kinds of work can have a shade of their own.
const SHADES: usize = 4;

/// Draws the part from `y` on, and returns where it ends.
pub(super) fn part(
    out: &mut String,
    y: f64,
    runs: &[Run],
    look: &Look,
    part: Range<Duration>,
) -> f64 {
    let scale = Scale::new(nanos(part.start)..nanos(part.end));
    let shades = shades(runs, &scale);
    let _ = writeln!(
        out,
        "<text class=\"faint\" x=\"{NAMES}\" y=\"{:.1}\">The same runs, from {} to {}:</text>",
        y + 12.0,
        units::tick(part.start),
        units::tick(part.end)
    );
    let y = timeline(out, runs, y + 18.0, &scale, look, &shades);
    if shades.is_empty() {
        return y + 20.0;
    }
    let class = |index| match index {
        0 => "work".to_owned(),
        index => format!("work shade{index}"),
    };
    let entries: Vec<_> = shades
        .iter()
        .enumerate()
        .map(|(index, label)| (class(index), label.clone()))
        .collect();
    legend::flow(out, y + 44.0, &entries)
}

/// The labels of work in this part, the ones that take longest first. None if they are too many.
fn shades(runs: &[Run], scale: &Scale) -> Vec<String> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    let rows = runs.iter().flat_map(|run| &run.recording.rows);
    for span in rows.flat_map(|row: &Row| &row.spans) {
        let [start, end] =
            [span.start_ns, span.end_ns].map(|ns| ns.clamp(scale.ns.start, scale.ns.end));
        if span.kind == Kind::Work && start < end {
            *sums.entry(&span.label).or_default() += end - start;
        }
    }
    let mut labels: Vec<_> = sums.into_iter().collect();
    labels.sort_by_key(|&(_, sum)| std::cmp::Reverse(sum));
    match labels.len() {
        0..=SHADES => labels
            .into_iter()
            .map(|(label, _)| label.to_owned())
            .collect(),
        _ => Vec::new(),
    }
}
