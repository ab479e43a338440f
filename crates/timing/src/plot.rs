//! Plots a few series, in the style of [`svg`](crate::svg): self-contained, light or dark, readable
//! without colour.

use std::fmt::Write;

use crate::grid::round_step;
use crate::svg::text;
use crate::text::pixels;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 420.0;
/// The rectangle in which the values lie.
const LEFT: f64 = 64.0;
const RIGHT: f64 = WIDTH - 24.0;
const TOP: f64 = 100.0;
const BOTTOM: f64 = HEIGHT - 56.0;

const STYLE: &str = "
  text { font: 14px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 }
  .paper { fill: #ffffff }
  .grid { stroke: #d1d9e0 }
  .line { fill: none; stroke: #0a5fc2; stroke-width: 2 }
  .dash1 { stroke-dasharray: 7 5 }
  .dash2 { stroke-dasharray: 2 5 }
  .point { fill: #b26a00 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .paper { fill: #0d1117 }
    .grid { stroke: #3d444d }
    .line { stroke: #58a6ff }
    .point { fill: #e3a43b }
  }
";

/// Values that belong together.
#[derive(Debug, Clone)]
pub struct Series {
    name: String,
    points: Vec<(f64, f64)>,
    is_line: bool,
}

impl Series {
    /// Points joined by a line, such as a law's.
    pub fn line(name: &str, points: Vec<(f64, f64)>) -> Self {
        let name = name.to_owned();
        Self {
            name,
            points,
            is_line: true,
        }
    }

    /// Points by themselves, such as measured ones.
    pub fn points(name: &str, points: Vec<(f64, f64)>) -> Self {
        Self {
            is_line: false,
            ..Self::line(name, points)
        }
    }
}

/// Draws the series; the y axis begins at 0. Values that are not finite are left out.
pub fn draw(title: &str, x: &str, y: &str, series: &[Series]) -> String {
    plot(title, x, y, series, |x| x)
}

/// Draws the series with a logarithmic x axis, for values above 0.
pub fn draw_log_x(title: &str, x: &str, y: &str, series: &[Series]) -> String {
    plot(title, x, y, series, f64::log10)
}

fn plot(title: &str, x: &str, y: &str, series: &[Series], place: fn(f64) -> f64) -> String {
    let all = || {
        series
            .iter()
            .flat_map(|series| &series.points)
            .filter(|p| finite(p, place))
    };
    let least = all().map(|p| place(p.0)).fold(f64::INFINITY, f64::min);
    let most = all().map(|p| place(p.0)).fold(f64::NEG_INFINITY, f64::max);
    let high = all().map(|p| p.1).fold(f64::MIN_POSITIVE, f64::max);
    let at_x =
        |x: f64| LEFT + (place(x) - least) / (most - least).max(f64::MIN_POSITIVE) * (RIGHT - LEFT);
    let at_y = |y: f64| BOTTOM - y / high * (BOTTOM - TOP);
    let mut out = String::new();
    let step = round_step(high, 6);
    for tick in 0..=(high / step) as u32 {
        let value = f64::from(tick) * step;
        let y = at_y(value);
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            y + 5.0,
            (value * 1e6).round() / 1e6
        );
    }
    let mut ticks: Vec<f64> = all().map(|p| p.0).collect();
    ticks.sort_by(f64::total_cmp);
    ticks.dedup();
    let mut last = f64::NEG_INFINITY;
    for tick in ticks.into_iter().filter(|&tick| at_x(tick).is_finite()) {
        // A label for each value that has room for one.
        if at_x(tick) - last >= 44.0 {
            last = at_x(tick);
            let _ = writeln!(
                out,
                "<text x=\"{last:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{tick}</text>",
                BOTTOM + 20.0
            );
        }
    }
    let (mut legend_x, mut legend_y) = (LEFT, 54.0);
    for (series, index) in series.iter().zip(0_u32..) {
        let points = series.points.iter().filter(|p| finite(p, place));
        let points: Vec<_> = points.map(|&(x, y)| (at_x(x), at_y(y))).collect();
        let room = 36.0 + pixels(&series.name, 14.0) + 24.0;
        if legend_x > LEFT && legend_x + room > WIDTH {
            (legend_x, legend_y) = (LEFT, legend_y + 22.0);
        }
        let dash = format!("line dash{index}");
        if series.is_line {
            let path: Vec<_> = points
                .iter()
                .map(|(x, y)| format!("{x:.1},{y:.1}"))
                .collect();
            let _ = writeln!(
                out,
                "<polyline class=\"{dash}\" points=\"{}\"/>\
                 <line class=\"{dash}\" x1=\"{legend_x}\" x2=\"{}\" y1=\"{legend_y}\" y2=\"{legend_y}\"/>",
                path.join(" "),
                legend_x + 28.0
            );
        } else {
            let dots = points.iter().copied().chain([(legend_x + 14.0, legend_y)]);
            for (x, y) in dots {
                let _ = writeln!(
                    out,
                    "<circle class=\"point\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"/>"
                );
            }
        }
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{}\">{}</text>",
            legend_x + 36.0,
            legend_y + 5.0,
            text(&series.name)
        );
        legend_x += room;
    }
    let [title, x, y] = [title, x, y].map(text);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">\n\
         <title>{title} ({y} by {x})</title>\n<style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"6\"/>\n\
         <text class=\"title\" x=\"{LEFT}\" y=\"28\">{title} ({y})</text>\n\
         <text x=\"{RIGHT}\" y=\"{:.1}\" text-anchor=\"end\">{x}</text>\n{out}</svg>\n",
        HEIGHT - 14.0
    )
}

fn finite(point: &(f64, f64), place: fn(f64) -> f64) -> bool {
    place(point.0).is_finite() && point.1.is_finite() && point.1 >= 0.0
}
