//! Draws timelines for a terminal: a line for each lane, a character for each stretch of time.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use crate::grid::{self, Column};
use crate::look::Look;
use crate::recording::{Kind, SpanRecord};
use crate::run::Run;
use crate::text::{fit, printable};
use crate::units;

/// The most lanes of one run that are drawn: more would push other runs off the screen.
const MOST_LANES: usize = 24;
/// The most columns of a lane's name.
const MOST_NAME: usize = 18;

const WORK: Style = AnsiColor::Blue.on_default();
const ACT: Style = AnsiColor::Cyan.on_default();
const WAIT: Style = AnsiColor::Yellow.on_default();
const READY: Style = AnsiColor::BrightBlack.on_default();
const TITLE: Style = Style::new().bold();

/// Draws the runs one below the other, in lines of at most `width` columns. All have one time
/// scale, so that a shorter run looks shorter.
///
/// The text contains ANSI colours: print it through `anstream`, which removes them where they are
/// not wanted.
pub fn draw(runs: &[Run], width: usize) -> String {
    draw_as(runs, width, &Look::default())
}

/// Draws the runs as [`draw`] does, with a legend of its own.
pub fn draw_as(runs: &[Run], width: usize, look: &Look) -> String {
    let shown = || {
        runs.iter()
            .flat_map(|run| run.recording.rows.iter().take(MOST_LANES))
    };
    let names = shown().map(|row| printable(&row.name).width());
    let name_width = names.max().unwrap_or(0).min(MOST_NAME);
    // Two columns before the name, one on each side of the bar.
    let bar = width.saturating_sub(name_width + 4).max(10);
    let scale = runs.iter().map(Run::length).max().unwrap_or_default();
    let ns_a_cell = scale.as_nanos() as f64 / bar as f64;
    let mut text = String::new();
    for run in runs {
        let wall = units::duration(run.wall);
        let title = fit(
            &printable(&run.name),
            width.saturating_sub(wall.width() + 2),
        );
        text += &format!("{TITLE}{title}{TITLE:#}  {wall}\n");
        for row in run.recording.rows.iter().take(MOST_LANES) {
            let name = fit(&printable(&row.name), name_width);
            let pad = " ".repeat(name_width - name.width());
            let cells = cells(&grid::columns(&row.spans, 0, ns_a_cell, bar));
            text += &format!("  {name}{pad} {cells}\n");
        }
        let more = run.recording.rows.len().saturating_sub(MOST_LANES);
        if more > 0 {
            let more = format!("  ... and {more} more lanes: --svg FILE draws them all");
            text += &format!("{}\n", fit(&more, width));
        }
    }
    let indent = " ".repeat(name_width + 3);
    text += &format!("{indent}{}\n", axis(scale, bar));
    text += &legend(shown().flat_map(|row| &row.spans), width, look);
    text
}

/// Says what the signs mean. What few timelines have is said only there.
fn legend<'a>(
    spans: impl Iterator<Item = &'a SpanRecord> + Clone,
    width: usize,
    look: &Look,
) -> String {
    let has = |kind| spans.clone().any(|span| span.kind == kind);
    let usual = Look::default();
    let is_usual = |kind| look.words(kind) == usual.words(kind);
    let mut text = String::new();
    if has(Kind::Ready) {
        text += &format!("{READY}·{READY:#} {}\n", fit(&look.ready, width - 2));
    }
    if has(Kind::Act) && is_usual(Kind::Act) {
        text += &format!("{ACT}▒{ACT:#} acts: a sleep, not work {ACT}▖{ACT:#} briefly\n");
    } else if has(Kind::Act) {
        text += &format!("{ACT}▒▖{ACT:#} {}\n", fit(&look.act, width - 3));
    }
    if is_usual(Kind::Work) && is_usual(Kind::Wait) {
        text += &format!(
            "{WORK}█{WORK:#} works {WORK}▌▏{WORK:#} briefly  {WAIT}░{WAIT:#} waits {WAIT}┊{WAIT:#} briefly\n"
        );
        return text;
    }
    if has(Kind::Work) {
        text += &format!("{WORK}█▌▏{WORK:#} {}\n", fit(&look.work, width - 4));
    }
    if has(Kind::Wait) {
        text += &format!("{WAIT}░┊{WAIT:#} {}\n", fit(&look.wait, width - 3));
    }
    text
}

/// Returns one lane's characters; neighbours of one colour share their colour codes.
fn cells(columns: &[Column]) -> String {
    let mut text = String::new();
    for same in columns.chunk_by(|a, b| glyph(a).1 == glyph(b).1) {
        let glyphs: String = same.iter().map(|column| glyph(column).0).collect();
        match glyph(&same[0]).1 {
            Some(style) => text += &format!("{style}{glyphs}{style:#}"),
            None => text += &glyphs,
        }
    }
    text.truncate(text.trim_end_matches(' ').len());
    text
}

/// Returns the character for a column. A full cell shows the kind that took most of its time. If
/// the spans took less than half of the time, the mark is thinner.
fn glyph(column: &Column) -> (char, Option<Style>) {
    match (column.kind(), column.used()) {
        (None, _) => (' ', None),
        (Some(Kind::Work), 0.5..) => ('█', Some(WORK)),
        (Some(Kind::Work), 0.25..) => ('▌', Some(WORK)),
        (Some(Kind::Work), _) => ('▏', Some(WORK)),
        (Some(Kind::Act), 0.5..) => ('▒', Some(ACT)),
        (Some(Kind::Act), _) => ('▖', Some(ACT)),
        (Some(Kind::Wait), 0.5..) => ('░', Some(WAIT)),
        (Some(Kind::Wait), _) => ('┊', Some(WAIT)),
        (Some(Kind::Ready), _) => ('·', Some(READY)),
    }
}

/// Returns the time axis: round times, each at its place.
fn axis(scale: Duration, width: usize) -> String {
    let seconds = scale.as_secs_f64();
    let step = units::round_step(seconds, (width / 12).max(1));
    let mut line = String::new();
    for tick in 0.. {
        let time = tick as f64 * step;
        let label = units::duration(Duration::from_secs_f64(time));
        let at = match seconds {
            s if s > 0.0 => (time / s * width as f64) as usize,
            _ => 0,
        };
        if time > seconds || at + label.width() > width {
            break;
        }
        line += &" ".repeat(at.saturating_sub(line.width()));
        line += &label;
        if seconds == 0.0 {
            break;
        }
    }
    line
}
