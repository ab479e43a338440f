//! Draws timelines as an SVG picture: self-contained, light or dark as the reader's system is, and
//! readable without colour.

use std::fmt::Write;
use std::time::Duration;

use quick_xml::escape::escape;
use unicode_width::UnicodeWidthStr;

use crate::grid;
use crate::recording::{Kind, Row, SpanRecord};
use crate::run::Run;
use crate::text::fit;
use crate::units;

/// All lengths are in pixels at the picture's natural size, which is so small that the words stay
/// readable on a phone.
const WIDTH: f64 = 760.0;
const NAMES: f64 = 116.0;
const BAR: f64 = WIDTH - NAMES - 30.0;
const TITLE: f64 = 34.0;
/// The most height for all lanes of a run together. More lanes get thinner bars.
const TALL: f64 = 700.0;

/// Work is solid, a sleep that stands for work is framed, waiting is hatched, and to be ready
/// without running is a dotted frame, so that they differ without colour, too.
const STYLE: &str = "
  text { font: 14px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 16px; stroke: #ffffff; stroke-width: 4; paint-order: stroke }
  .title .faint { font-weight: 400 }
  .faint { fill: #59636e }
  .paper { fill: #ffffff }
  .track { fill: #f3f4f6 }
  .grid { stroke: #d1d9e0 }
  .work { fill: #0a5fc2 }
  .act { fill: #b6d7ff; stroke: #0a5fc2; stroke-width: 1 }
  .wait { fill: url(#hatch); stroke: #b26a00; stroke-width: 0.6 }
  .ready { fill: #ffffff; stroke: #59636e; stroke-width: 1; stroke-dasharray: 2 3 }
  .stripe { stroke: #b26a00 }
  .gap { fill: #fff6e6 }
  .on { fill: #ffffff; font-size: 12px; pointer-events: none }
  .in { font-size: 12px; pointer-events: none }
  .over { font-size: 12px; pointer-events: none; stroke: #fff6e6; stroke-width: 5; paint-order: stroke }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .title { stroke: #0d1117 }
    .faint { fill: #9198a1 }
    .paper { fill: #0d1117 }
    .track { fill: #1b222c }
    .grid { stroke: #3d444d }
    .work { fill: #58a6ff }
    .act { fill: #12365f; stroke: #58a6ff }
    .wait { stroke: #e3a43b }
    .ready { fill: #0d1117; stroke: #9198a1 }
    .stripe { stroke: #e3a43b }
    .gap { fill: #30240f }
    .on { fill: #0d1117 }
    .over { stroke: #30240f }
  }
";

/// Draws the runs one below the other on one time scale, so that the shorter run looks shorter.
pub fn draw(runs: &[Run]) -> String {
    let scale = Scale::new(runs.iter().map(Run::length).max().unwrap_or_default());
    let mut body = String::new();
    let mut y = 8.0;
    for run in runs {
        y = group(&mut body, run, y, &scale);
    }
    let axis = axis(y, &scale);
    let height = y + 66.0;
    let names: Vec<_> = runs.iter().map(|run| text(&run.name)).collect();
    let names = names.join(", ");
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" \
         aria-labelledby=\"what how\">\n\
         <title id=\"what\">Who worked when: {names}</title>\n\
         <desc id=\"how\">A bar for each lane, from left to right in time: solid where it worked, \
         framed where a sleep stood for work, hatched where it waited, empty where it did nothing.</desc>\n\
         <style>{STYLE}</style>\n\
         <defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><rect class=\"gap\" width=\"6\" height=\"6\"/>\
         <line class=\"stripe\" y2=\"6\" stroke-width=\"3\"/></pattern></defs>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height:.0}\" rx=\"6\"/>\n\
         {axis}{body}{}</svg>\n",
        legend(y + 44.0, runs)
    )
}

struct Scale {
    seconds: f64,
}

impl Scale {
    fn new(length: Duration) -> Self {
        let seconds = length.as_secs_f64().max(1e-6);
        Self { seconds }
    }

    fn x(&self, ns: u64) -> f64 {
        NAMES + ns as f64 / 1e9 / self.seconds * BAR
    }

    fn ns_a_pixel(&self) -> f64 {
        self.seconds * 1e9 / BAR
    }
}

/// Draws a run's title and lanes from `y` on, and returns where they end.
fn group(out: &mut String, run: &Run, y: f64, scale: &Scale) -> f64 {
    let rows = &run.recording.rows;
    let workers = match run.workers {
        1 => "1 worker".to_owned(),
        n => format!("{n} workers"),
    };
    let _ = writeln!(
        out,
        "<text class=\"title\" x=\"12\" y=\"{:.1}\">{}<tspan class=\"faint\" dx=\"10\">{}, {workers}</tspan></text>",
        y + 20.0,
        text(&run.name),
        units::duration(run.wall)
    );
    let pitch = (TALL / rows.len().max(1) as f64).clamp(0.8, 24.0);
    for (row, index) in rows.iter().zip(0_u32..) {
        lane(
            out,
            row,
            y + TITLE - 6.0 + f64::from(index) * pitch,
            pitch,
            scale,
        );
    }
    y + TITLE + rows.len() as f64 * pitch
}

fn lane(out: &mut String, row: &Row, y: f64, pitch: f64, scale: &Scale) {
    let height = if pitch > 8.0 {
        pitch - 4.0
    } else {
        pitch * 0.8
    };
    let _ = writeln!(
        out,
        "<rect class=\"track\" x=\"{NAMES}\" y=\"{y:.1}\" width=\"{BAR}\" height=\"{height:.1}\"/>"
    );
    if pitch >= 12.0 {
        let name = fit(&row.name, 12);
        let _ = writeln!(
            out,
            "<text class=\"faint\" x=\"20\" y=\"{:.1}\">{}<title>{}</title></text>",
            y + height * 0.5 + 4.5,
            text(&name),
            text(&fit(&row.name, 200))
        );
    }
    let is_wide = |span: &&SpanRecord| scale.x(span.end_ns) - scale.x(span.start_ns) >= 1.0;
    // Spans that are narrower than a pixel are drawn by the pixel, so that the file stays small.
    let narrow = row.spans.iter().filter(|span| !is_wide(span));
    crumbs(out, narrow, y, height, scale);
    for span in row.spans.iter().filter(is_wide) {
        bar(out, span, y, height, scale);
    }
}

fn bar(out: &mut String, span: &SpanRecord, y: f64, height: f64, scale: &Scale) {
    let (x, end) = (scale.x(span.start_ns), scale.x(span.end_ns));
    let class = class(span.kind);
    let at = |ns| units::duration(Duration::from_nanos(ns));
    let _ = writeln!(
        out,
        "<rect class=\"{class}\" x=\"{x:.2}\" y=\"{y:.1}\" width=\"{:.2}\" height=\"{height:.1}\">\
         <title>{} ({class}): {}, from {} to {}</title></rect>",
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
    // About seven pixels a column at this size.
    let room = (end - x - 8.0) / 7.0;
    if height >= 14.0 && span.label.width() as f64 <= room {
        // Hatching needs a halo around what is written on it.
        let class = match span.kind {
            Kind::Work => "on",
            Kind::Act | Kind::Ready => "in",
            Kind::Wait => "over",
        };
        let _ = writeln!(
            out,
            "<text class=\"{class}\" x=\"{:.2}\" y=\"{:.1}\">{}</text>",
            x + 4.0,
            y + height * 0.5 + 4.0,
            text(&span.label)
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
    let columns = grid::columns(spans, scale.ns_a_pixel(), BAR as usize);
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

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Work => "work",
        Kind::Act => "act",
        Kind::Wait => "wait",
        Kind::Ready => "ready",
    }
}

/// Lines at round times, from the top to `y`, with the times below.
fn axis(y: f64, scale: &Scale) -> String {
    let mut out = String::new();
    let step = grid::round_step(scale.seconds, 8);
    for tick in 0..=(scale.seconds / step) as u64 {
        let time = tick as f64 * step;
        let x = NAMES + time / scale.seconds * BAR;
        let label = units::tick(Duration::from_secs_f64(time));
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"34\" y2=\"{y:.1}\"/>\
             <text class=\"faint\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>",
            y + 14.0
        );
    }
    out
}

/// Says what the bars mean. What few pictures have is said only there.
fn legend(y: f64, runs: &[Run]) -> String {
    let rows = runs.iter().flat_map(|run| &run.recording.rows);
    let spans: Vec<_> = rows.flat_map(|row| &row.spans).collect();
    let has = |kind| spans.iter().any(|span| span.kind == kind);
    let works = (NAMES, "work", "works");
    let (looks, empty) = match (has(Kind::Act), has(Kind::Ready)) {
        (true, false) => {
            let acts = (205.0, "act", "acts: a sleep stands for work");
            (vec![works, acts, (466.0, "wait", "waits")], Some(572.0))
        }
        (false, false) => (vec![works, (240.0, "wait", "waits")], Some(364.0)),
        (acts, true) => {
            let ready = (298.0, "ready", "is ready, but does not run");
            let mut looks = vec![works, (205.0, "wait", "waits"), ready];
            // A picture with all four has no room for the last word.
            if acts {
                looks.push((550.0, "act", "a sleep as work"));
            }
            (looks, (!acts).then_some(550.0))
        }
    };
    let mut out = String::new();
    for (x, class, word) in looks {
        let _ = writeln!(
            out,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{:.1}\" width=\"28\" height=\"12\"/>\
             <text class=\"faint\" x=\"{}\" y=\"{y:.1}\">{word}</text>",
            y - 10.0,
            x + 36.0
        );
    }
    if let Some(empty) = empty {
        let _ = writeln!(
            out,
            "<text class=\"faint\" x=\"{empty}\" y=\"{y:.1}\">empty: does nothing</text>"
        );
    }
    out
}

/// Text for XML: escaped, and without the characters that XML 1.0 forbids (section 2.2).
pub(crate) fn text(raw: &str) -> String {
    let allowed =
        |c: char| !matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    let clean: String = raw
        .chars()
        .map(|c| if allowed(c) { c } else { '\u{fffd}' })
        .collect();
    escape(clean.as_str()).into_owned()
}
