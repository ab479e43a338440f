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
/// As many kinds of waiting are named.
const WAITS: usize = 6;

/// Draws the part from `y` on, and returns where it ends.
pub(super) fn part(
    out: &mut String,
    y: f64,
    runs: &[Run],
    look: &Look,
    part: Range<Duration>,
) -> f64 {
    let scale = Scale::new(nanos(part.start)..nanos(part.end));
    let [mut shades, waits] = [Kind::Work, Kind::Wait].map(|kind| steps(runs, &scale, kind));
    if shades.len() > SHADES {
        shades.clear();
    }
    let _ = writeln!(
        out,
        "<text class=\"faint\" x=\"{NAMES}\" y=\"{:.1}\">The same runs, from {} to {}:</text>",
        y + 12.0,
        units::tick(part.start),
        units::tick(part.end)
    );
    let y = timeline(out, runs, y + 18.0, &scale, look, &shades);
    let class = |index| match index {
        0 => "work".to_owned(),
        index => format!("work shade{index}"),
    };
    let mut entries: Vec<_> = shades
        .iter()
        .enumerate()
        .map(|(index, step)| (class(index), step.clone()))
        .collect();
    if !waits.is_empty() && waits.len() <= WAITS {
        entries.push(("wait".to_owned(), format!("waits: {}", waits.join(", "))));
    }
    match entries.is_empty() {
        true => y + 20.0,
        false => legend::flow(out, y + 44.0, &entries),
    }
}

/// What a label is about: its first word. So "encode" and "encode a band" have one shade.
pub(super) fn step(label: &str) -> &str {
    label.split(' ').next().unwrap_or_default()
}

/// The steps of a kind in this part, the ones that take longest first.
fn steps(runs: &[Run], scale: &Scale, kind: Kind) -> Vec<String> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    let rows = runs.iter().flat_map(|run| &run.recording.rows);
    for span in rows.flat_map(|row: &Row| &row.spans) {
        let [start, end] =
            [span.start_ns, span.end_ns].map(|ns| ns.clamp(scale.ns.start, scale.ns.end));
        if span.kind == kind && start < end {
            let step = match kind {
                Kind::Work => step(&span.label),
                _ => &span.label,
            };
            *sums.entry(step).or_default() += end - start;
        }
    }
    let mut steps: Vec<_> = sums.into_iter().collect();
    steps.sort_by_key(|&(_, sum)| std::cmp::Reverse(sum));
    steps.into_iter().map(|(step, _)| step.to_owned()).collect()
}
