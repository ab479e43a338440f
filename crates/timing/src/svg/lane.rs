//! One lane of a picture: its name, its bars, and what stands on them.

use std::fmt::Write;
use std::time::Duration;

use super::{BAR, NAMES, Scale, class, part, text};
use crate::grid;
use crate::recording::{Kind, LOST, Row, SpanRecord};
use crate::text::{fit, fit_pixels, pixels};
use crate::units;

/// Draws a lane from `y` on. Work at one of these steps has a shade of its own.
pub(super) fn lane(
    out: &mut String,
    row: &Row,
    y: f64,
    pitch: f64,
    scale: &Scale,
    shades: &[String],
) {
    let height = match pitch > 8.0 {
        true => pitch - 4.0,
        false => pitch * 0.8,
    };
    let _ = writeln!(
        out,
        "<path class=\"track\" d=\"M{NAMES} {y:.1} h{BAR} v{height:.1} h-{BAR} z\"/>"
    );
    if pitch >= 12.0 {
        // So that it does not touch the bar.
        let name = fit_pixels(&row.name, 13.0, NAMES - 24.0);
        let _ = writeln!(
            out,
            "<text class=\"name\" x=\"16\" y=\"{:.1}\">{}<title>{}</title></text>",
            y + height * 0.5 + 4.5,
            text(&name),
            text(&fit(&row.name, 200))
        );
    }
    let is_seen =
        |span: &&SpanRecord| span.end_ns >= scale.ns.start && span.start_ns <= scale.ns.end;
    let is_wide = |span: &&SpanRecord| scale.x(span.end_ns) - scale.x(span.start_ns) >= 1.0;
    // Spans that are narrower than a pixel are drawn by the pixel, so that the file stays small.
    let narrow = row.spans.iter().filter(is_seen);
    let narrow = narrow.filter(|span| !is_wide(span));
    crumbs(out, narrow, y, height, scale);
    for span in row.spans.iter().filter(is_wide) {
        bar(out, span, y, height, scale, shades);
    }
}

fn bar(out: &mut String, span: &SpanRecord, y: f64, height: f64, scale: &Scale, shades: &[String]) {
    let (x, end) = (scale.x(span.start_ns), scale.x(span.end_ns));
    let kind = class(span.kind);
    let is_lost = span.label.starts_with(LOST);
    let shade = shades
        .iter()
        .position(|step| step == part::step(&span.label));
    let class = match shade.filter(|_| span.kind == Kind::Work) {
        _ if is_lost => format!("{kind} lost"),
        Some(index @ 1..) => format!("{kind} shade{index}"),
        _ => kind.to_owned(),
    };
    let at = |ns| units::duration(Duration::from_nanos(ns));
    let _ = writeln!(
        out,
        "<rect class=\"{class}\" x=\"{x:.2}\" y=\"{y:.1}\" width=\"{:.2}\" height=\"{height:.1}\">\
         <title>{} ({kind}): {}, from {} to {}</title></rect>",
        // A hair of background between two spans that follow each other, where there is room.
        if end - x > 4.0 {
            end - x - 0.7
        } else {
            end - x
        },
        text(&fit(&span.label, 200)),
        at(span.end_ns.saturating_sub(span.start_ns)),
        at(span.start_ns),
        at(span.end_ns)
    );
    // Where there is no room for the words, the mark alone is better than nothing.
    let mark = LOST.trim_end();
    let label = match pixels(&span.label, 12.0) > end - x - 8.0 {
        true if is_lost && end - x >= 12.0 => mark,
        true => return,
        false => &span.label,
    };
    if height >= 14.0 {
        // Hatching needs a halo around what is written on it.
        let class = match span.kind {
            Kind::Work if shade.is_some_and(|index| index % 2 == 1) => "dark",
            Kind::Work => "on",
            Kind::Act | Kind::Ready => "in",
            Kind::Wait => "over",
        };
        let inset = if label == mark { 2.0 } else { 4.0 };
        let _ = writeln!(
            out,
            "<text class=\"{class}\" x=\"{:.2}\" y=\"{:.1}\">{}</text>",
            x + inset,
            y + height * 0.5 + 4.0,
            text(label)
        );
    }
}

/// Draws spans that are too narrow to be seen alone: each pixel's stroke is as high as the part of
/// its time that was used.
fn crumbs<'a>(
    out: &mut String,
    spans: impl Iterator<Item = &'a SpanRecord>,
    y: f64,
    height: f64,
    scale: &Scale,
) {
    let columns = grid::columns(spans, scale.ns.start, scale.ns_a_pixel(), BAR as usize);
    let look = |column: &grid::Column| {
        // Four heights, so that like neighbours make one stroke.
        let part = (column.used() * 4.0).ceil().clamp(1.0, 4.0) / 4.0;
        column.kind().map(|kind| (kind, part))
    };
    let mut x = 0;
    for same in columns.chunk_by(|a, b| look(a) == look(b)) {
        if let Some((kind, part)) = look(&same[0]) {
            let words = match same.iter().map(|column| column.begun).sum::<usize>() {
                0 | 1 => "1 short span".to_owned(),
                count => format!("{count} short spans"),
            };
            let _ = writeln!(
                out,
                "<rect class=\"{}\" x=\"{:.1}\" y=\"{:.2}\" width=\"{}\" height=\"{:.2}\">\
                 <title>{words}</title></rect>",
                class(kind),
                NAMES + x as f64,
                y + height * (1.0 - part),
                same.len(),
                height * part
            );
        }
        x += same.len();
    }
}
