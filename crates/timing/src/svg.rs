//! Draws timelines as an SVG picture: self-contained, light or dark as the reader's system is, and
//! readable without colour. Where scripts run, it can be zoomed.

use std::fmt::Write;
use std::ops::Range;
use std::time::Duration;

use quick_xml::escape::escape;

use crate::look::{Arrow, Look};
use crate::recording::Kind;
use crate::run::Run;
use crate::units;

mod lane;
mod legend;
mod part;
mod style;

pub(crate) use style::{SCRIPT, STYLE};

/// All lengths are in pixels at the picture's natural size, which is so small that the words stay
/// readable on a phone.
const WIDTH: f64 = 760.0;
const NAMES: f64 = 136.0;
const BAR: f64 = WIDTH - NAMES - 30.0;
const TITLE: f64 = 34.0;
/// The most height for all lanes of a run together. More lanes get thinner bars.
const TALL: f64 = 700.0;

/// Draws the runs one below the other on one time scale, so that the shorter run looks shorter.
pub fn draw(runs: &[Run]) -> String {
    draw_as(runs, &Look::default(), None)
}

/// Draws the runs as [`draw`] does, with a legend and arrows of its own. Below them it draws a part
/// of their time once more, larger.
pub fn draw_as(runs: &[Run], look: &Look, part: Option<Range<Duration>>) -> String {
    let length = runs.iter().map(Run::length).max().unwrap_or_default();
    let scale = Scale::new(0..nanos(length));
    let mut body = String::new();
    let mut y = 8.0;
    y = timeline(&mut body, runs, y, &scale, look, &[]);
    let spans = runs.iter().flat_map(|run| &run.recording.rows);
    let spans = spans.flat_map(|row| &row.spans);
    y = legend::legend(&mut body, y + 44.0, spans, look);
    if let Some(part) = part {
        y = part::part(&mut body, y + 20.0, runs, look, part);
    }
    let height = y + 22.0;
    let names: Vec<_> = runs.iter().map(|run| text(&run.name)).collect();
    let names = names.join(", ");
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"timelines\" viewBox=\"0 0 {WIDTH} {height:.0}\" \
         role=\"img\" aria-labelledby=\"what how\">\n\
         <title id=\"what\">Who worked when: {names}</title>\n\
         <desc id=\"how\">A bar for each lane, from left to right in time. The legend below says what the \
         bars mean.</desc>\n\
         <style>{STYLE}</style>\n\
         <defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><rect class=\"gap\" width=\"6\" height=\"6\"/>\
         <line class=\"stripe\" y2=\"6\" stroke-width=\"3\"/></pattern></defs>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height:.0}\" rx=\"6\"/>\n\
         {body}<script><![CDATA[\n{SCRIPT}]]></script>\n</svg>\n"
    )
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The time that is drawn from the left end of the bars to the right one.
struct Scale {
    ns: Range<u64>,
}

impl Scale {
    fn new(ns: Range<u64>) -> Self {
        let end = ns.end.max(ns.start.saturating_add(1_000));
        Self { ns: ns.start..end }
    }

    fn seconds(&self) -> f64 {
        (self.ns.end - self.ns.start) as f64 / 1e9
    }

    fn x(&self, ns: u64) -> f64 {
        let since = ns.clamp(self.ns.start, self.ns.end) - self.ns.start;
        NAMES + since as f64 / 1e9 / self.seconds() * BAR
    }

    fn ns_a_pixel(&self) -> f64 {
        self.seconds() * 1e9 / BAR
    }
}

/// Draws runs on one axis from `y` on, and returns where it ends. Work at one of these steps has a
/// shade of its own.
fn timeline(
    out: &mut String,
    runs: &[Run],
    y: f64,
    scale: &Scale,
    look: &Look,
    shades: &[String],
) -> f64 {
    let top = y;
    let (mut y, mut bars, mut arrows) = (y, String::new(), String::new());
    for run in runs {
        let before = y;
        y = group(&mut bars, run, y, scale, shades);
        for arrow in look.arrows.iter().filter(|arrow| arrow.run == run.name) {
            draw_arrow(&mut arrows, arrow, run, before, scale);
        }
    }
    let [from, to] = [scale.ns.start, scale.ns.end].map(|ns| ns as f64 / 1e9);
    let _ = writeln!(
        out,
        "<g class=\"timeline\" data-left=\"{NAMES}\" data-width=\"{BAR}\" data-from=\"{from}\" \
         data-to=\"{to}\" data-bottom=\"{y:.1}\">\n<g class=\"axis\">\n{}</g>\n<g class=\"bars\">\n{bars}</g>\n\
         <g class=\"arrows\">\n{arrows}</g>\n</g>",
        axis(top + 26.0, y, scale)
    );
    y
}

/// Draws a run's title and lanes from `y` on, and returns where they end.
fn group(out: &mut String, run: &Run, y: f64, scale: &Scale, shades: &[String]) -> f64 {
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
    let pitch = pitch(run);
    for (row, index) in rows.iter().zip(0_u32..) {
        lane::lane(
            out,
            row,
            y + TITLE - 6.0 + f64::from(index) * pitch,
            pitch,
            scale,
            shades,
        );
    }
    y + TITLE + rows.len() as f64 * pitch
}

/// The distance from one lane of a run to the next.
fn pitch(run: &Run) -> f64 {
    (TALL / run.recording.rows.len().max(1) as f64).clamp(0.8, 24.0)
}

/// Draws an arrow from the middle of one lane to the middle of another. `y` is the top of its run.
fn draw_arrow(out: &mut String, arrow: &Arrow, run: &Run, y: f64, scale: &Scale) {
    let rows = &run.recording.rows;
    let point = |(name, at): &(String, Duration)| {
        let index = rows.iter().position(|row| row.name == *name)?;
        let ns = nanos(*at);
        let middle = y + TITLE - 6.0 + (index as f64 + 0.5) * pitch(run) - 2.0;
        scale.ns.contains(&ns).then(|| (scale.x(ns), middle))
    };
    let (Some((ax, ay)), Some((bx, by))) = (point(&arrow.from), point(&arrow.to)) else {
        return;
    };
    let length = (bx - ax).hypot(by - ay).max(1.0);
    let (dx, dy) = ((bx - ax) / length, (by - ay) / length);
    // Where the head begins, and its two corners.
    let (hx, hy) = (bx - 9.0 * dx, by - 9.0 * dy);
    let _ = writeln!(
        out,
        "<path class=\"halo\" d=\"M{ax:.1} {ay:.1} L{bx:.1} {by:.1}\"/>\
         <path class=\"arrow\" d=\"M{ax:.1} {ay:.1} L{hx:.1} {hy:.1}\"/>\
         <path class=\"head\" d=\"M{bx:.1} {by:.1} L{:.1} {:.1} L{:.1} {:.1} z\"/>",
        hx - 5.0 * dy,
        hy + 5.0 * dx,
        hx + 5.0 * dy,
        hy - 5.0 * dx
    );
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
fn axis(top: f64, y: f64, scale: &Scale) -> String {
    let mut out = String::new();
    let step = units::round_step(scale.seconds(), 8);
    let begin = scale.ns.start as f64 / 1e9;
    let first = (begin / step - 1e-9).ceil().max(0.0) as u64;
    let last = (scale.ns.end as f64 / 1e9 / step + 1e-9) as u64;
    for tick in first..=last {
        let time = tick as f64 * step;
        let x = NAMES + (time - begin) / scale.seconds() * BAR;
        let label = units::tick(Duration::from_secs_f64(time));
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"faint\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>",
            y + 14.0
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
