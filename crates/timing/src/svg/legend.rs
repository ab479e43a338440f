//! Says what the bars of a picture mean. What few pictures have is said only there.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{NAMES, WIDTH, text};
use crate::look::Look;
use crate::recording::{Kind, LOST, SpanRecord};
use crate::text::pixels;

/// Writes the legend from `y` on, and returns where it ends.
pub(super) fn legend<'a>(
    out: &mut String,
    y: f64,
    spans: impl Iterator<Item = &'a SpanRecord>,
    look: &Look,
) -> f64 {
    let (mut kinds, mut lost) = (BTreeSet::new(), false);
    for span in spans {
        let is_lost = span.label.starts_with(LOST);
        lost |= is_lost;
        if !is_lost {
            kinds.insert(super::class(span.kind));
        }
    }
    // A picture without a bar has a legend all the same.
    if kinds.is_empty() && !lost {
        kinds.insert("work");
    }
    let all = [Kind::Work, Kind::Act, Kind::Wait, Kind::Ready];
    let there = all
        .iter()
        .filter(|kind| kinds.contains(super::class(**kind)));
    let mut entries: Vec<(String, String)> = there
        .map(|&kind| (super::class(kind).to_owned(), look.words(kind).to_owned()))
        .collect();
    if lost {
        entries.push(("lost".to_owned(), "thrown away, and tried again".to_owned()));
    }
    if !look.arrows.is_empty() {
        entries.push(("arrow".to_owned(), look.arrow.clone()));
    }
    entries.push((String::new(), format!("empty: {}", look.empty)));
    flow(out, y, &entries)
}

/// Writes samples with their words from `y` on, in as many lines as they need. Returns the end.
pub(super) fn flow(out: &mut String, y: f64, entries: &[(String, String)]) -> f64 {
    let (mut x, mut y) = (NAMES, y);
    for (class, words) in entries {
        let sample = if class.is_empty() { 0.0 } else { 36.0 };
        let width = sample + pixels(words, 14.0) + 24.0;
        if x > NAMES && x + width > WIDTH {
            (x, y) = (NAMES, y + 22.0);
        }
        let _ = match class.as_str() {
            "" => Ok(()),
            "arrow" => write!(
                out,
                "<line class=\"arrow\" x1=\"{x:.1}\" x2=\"{:.1}\" y1=\"{1:.1}\" y2=\"{1:.1}\"/>\
                 <path class=\"head\" d=\"M{2:.1} {1:.1} l-9 -5 v10 z\"/>",
                x + 20.0,
                y - 4.0,
                x + 28.0
            ),
            class => write!(
                out,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"28\" height=\"12\"/>",
                y - 10.0
            ),
        };
        let _ = writeln!(
            out,
            "<text class=\"faint\" x=\"{:.1}\" y=\"{y:.1}\">{}</text>",
            x + sample,
            text(words)
        );
        x += width;
    }
    y
}
