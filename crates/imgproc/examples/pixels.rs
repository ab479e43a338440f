//! Shows what a photo is made of: some pixels of a real photo, their numbers, and their grey
//! values.
//!
//!     cargo run -p imgproc --example pixels
//!     cargo run -p imgproc --example pixels -- --svg pixels.svg

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use imgproc::codec::{Limits, Photo, decode};
use imgproc::filter::{self, Filter, Grey};
use imgproc::samples::SAMPLES;
use timing::cli;

#[derive(Parser)]
struct Args {
    /// The pixel at the left of the uppermost row that is shown
    #[arg(long, value_name = "N", default_value_t = 196, value_parser = clap::value_parser!(u16).range(..=446))]
    x: u16,

    /// Its row
    #[arg(long, value_name = "N", default_value_t = 102, value_parser = clap::value_parser!(u16).range(..=296))]
    y: u16,

    /// Write the picture
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// The numbers of pixels that are shown large, across and down.
const ACROSS: usize = 5;
const DOWN: usize = 4;

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let (name, bytes) = SAMPLES[1];
    let photo = decode(bytes, false, Limits::default(), Vec::new())?;
    let (left, top) = (usize::from(args.x), usize::from(args.y));
    let mut text = format!(
        "{name}.jpg: {} x {} pixels, {} bytes for each: {} bytes in memory, {} in the file.\n\n",
        photo.width,
        photo.height,
        photo.channels,
        photo.pixels.len(),
        bytes.len()
    );
    text += "Rows from the top, in each from the left: (red, green, blue) -> grey\n";
    let mut grey = Filter::Grey(Grey).canvas(&photo, Vec::new());
    let plans = Filter::Grey(Grey).plans(&photo);
    for (picture, rows, out) in grey.bands_mut() {
        plans[picture](rows, out);
    }
    for y in top..top + DOWN {
        for x in left..left + ACROSS {
            let [r, g, b] = pixel(&photo, x, y);
            let grey = grey.pixels[y * grey.width + x];
            let _ = write!(text, "  ({r:>3}, {g:>3}, {b:>3}) ->{grey:>4}");
            text += if (x - left) % 3 == 2 { "\n" } else { "" };
        }
        text += "\n\n";
    }
    cli::print(text.trim_end())?;
    cli::print("\n")?;
    if let Some(path) = &args.svg {
        cli::write(path, &draw(&photo, &grey, left, top)?)?;
    }
    Ok(true)
}

fn pixel(photo: &Photo, x: usize, y: usize) -> [u8; 3] {
    let at = (y * photo.width + x) * photo.channels;
    photo.pixels[at..at + 3].try_into().expect("three bytes")
}

/// The numbers of pixels that are shown as squares around those, and the side of a square.
const AROUND: [usize; 2] = [40, 30];
const SQUARE: f64 = 5.4;

/// Draws, above, the photo with a frame, what is in that frame as squares with a second frame, and
/// the pixels in that one; below, the first of them and the colours that it is mixed from.
fn draw(photo: &Photo, grey: &Photo, left: usize, top: usize) -> Result<String> {
    let mut body = String::new();
    let square = |body: &mut String, [x, y, w, h]: [f64; 4], [r, g, b]: [u8; 3]| {
        let _ = writeln!(
            body,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" fill=\"#{r:02x}{g:02x}{b:02x}\"/>"
        );
    };
    let words = |body: &mut String, class: &str, x: f64, y: f64, text: &str| {
        let _ = writeln!(
            body,
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>"
        );
    };
    // A frame lies around its pixels, and covers none of them.
    let frame = |body: &mut String, [x, y, w, h]: [f64; 4]| {
        for (class, out) in [("edge", 2.0), ("frame", 1.0)] {
            let _ = writeln!(
                body,
                "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
                x - out,
                y - out,
                w + 2.0 * out,
                h + 2.0 * out
            );
        }
    };
    words(&mut body, "title", 12.0, 28.0, "A photo");
    words(&mut body, "title", 252.0, 28.0, "is a matrix of pixels:");
    words(&mut body, "title", 488.0, 28.0, "each is three numbers");
    // The whole photo, in larger squares: one for each 9 x 9 of its pixels.
    let small = filter::resized(photo, photo.width / 9, photo.height / 9);
    let side = 224.0 / small.width as f64;
    for y in 0..small.height {
        for x in 0..small.width {
            // A little larger than their place, so that there are no seams.
            let place = [12.0 + x as f64 * side, 44.0 + y as f64 * side];
            square(
                &mut body,
                [place[0], place[1], side + 0.4, side + 0.4],
                pixel(&small, x, y),
            );
        }
    }
    // The part around the pixels, as far as the photo goes.
    let begin = |at: usize, shown: usize, around: usize, all: usize| {
        at.saturating_sub((around - shown) / 2).min(all - around)
    };
    let from = [
        begin(left, ACROSS, AROUND[0], photo.width),
        begin(top, DOWN, AROUND[1], photo.height),
    ];
    let scale = side / 9.0;
    let [fx, fy, fw, fh] = [from[0], from[1], AROUND[0], AROUND[1]].map(|n| n as f64 * scale);
    frame(&mut body, [12.0 + fx, 44.0 + fy, fw, fh]);
    for y in 0..AROUND[1] {
        for x in 0..AROUND[0] {
            let place = [252.0 + x as f64 * SQUARE, 44.0 + y as f64 * SQUARE];
            square(
                &mut body,
                [place[0], place[1], SQUARE + 0.2, SQUARE + 0.2],
                pixel(photo, from[0] + x, from[1] + y),
            );
        }
    }
    let [dx, dy] = [left - from[0], top - from[1]].map(|n| n as f64 * SQUARE);
    let inner = [ACROSS, DOWN].map(|n| n as f64 * SQUARE);
    frame(&mut body, [252.0 + dx, 44.0 + dy, inner[0], inner[1]]);
    for (row, y) in (top..top + DOWN).enumerate() {
        for (column, x) in (left..left + ACROSS).enumerate() {
            let (px, py) = (488.0 + column as f64 * 52.0, 44.0 + row as f64 * 57.0);
            let rgb = pixel(photo, x, y);
            square(&mut body, [px, py, 51.0, 56.0], rgb);
            let light = grey.pixels[y * grey.width + x] > 110;
            let class = if light { "black" } else { "white" };
            for (value, line) in rgb.iter().zip(1_u8..) {
                words(
                    &mut body,
                    class,
                    px + 25.5,
                    py + f64::from(line) * 16.0 + 1.0,
                    &value.to_string(),
                );
            }
        }
    }
    words(&mut body, "faint", 12.0, 222.0, "in the frame:");
    words(
        &mut body,
        "faint",
        252.0,
        222.0,
        "in the frame: 5 x 4 pixels",
    );
    words(&mut body, "faint", 12.0, 242.0, "40 x 30 pixels");
    let (rgb, value) = (
        pixel(photo, left, top),
        grey.pixels[top * grey.width + left],
    );
    words(&mut body, "title", 12.0, 316.0, "The first of these 20");
    let parts = [
        (rgb[0], [255, 0, 0], "red"),
        (rgb[1], [0, 160, 0], "green"),
        (rgb[2], [40, 90, 255], "blue"),
    ];
    for ((value, colour, name), line) in parts.into_iter().zip(0_u8..) {
        let y = 330.0 + f64::from(line) * 22.0;
        let _ = writeln!(
            body,
            "<rect class=\"track\" x=\"70\" y=\"{y}\" width=\"255\" height=\"16\"/>"
        );
        square(&mut body, [70.0, y, f64::from(value), 16.0], colour);
        words(&mut body, "faint", 12.0, y + 13.0, name);
        words(
            &mut body,
            "plain",
            334.0,
            y + 13.0,
            &format!("{value} of 255"),
        );
    }
    square(&mut body, [450.0, 330.0, 60.0, 60.0], rgb);
    square(&mut body, [520.0, 330.0, 60.0, 60.0], [value; 3]);
    words(&mut body, "plain", 590.0, 352.0, "and as grey:");
    words(&mut body, "plain", 590.0, 374.0, &format!("{value} of 255"));
    let mixtures = [
        ([255, 0, 0], "red (255, 0, 0)"),
        ([255, 255, 0], "yellow (255, 255, 0)"),
        ([255; 3], "white (255, 255, 255)"),
    ];
    for ((rgb, name), x) in mixtures.into_iter().zip([12.0, 220.0, 470.0]) {
        // A white square on white paper needs an edge.
        square(&mut body, [x - 1.0, 411.0, 24.0, 18.0], [128; 3]);
        square(&mut body, [x, 412.0, 22.0, 16.0], rgb);
        words(&mut body, "faint", x + 30.0, 425.0, name);
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 440\" role=\"img\" aria-labelledby=\"what\">\n\
         <title id=\"what\">A photo as a matrix of pixels, some of them with their red, green and blue</title>\n\
         <style>{STYLE}</style>\n<rect class=\"paper\" width=\"760\" height=\"440\" rx=\"6\"/>\n{body}</svg>\n"
    ))
}

/// The colours of the timelines. The pixels have their own.
const STYLE: &str = "
  text { font: 14px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 16px }
  .faint { fill: #59636e }
  .paper { fill: #ffffff }
  .track { fill: #f3f4f6 }
  .frame { fill: none; stroke: #ffffff; stroke-width: 2 }
  .edge { fill: none; stroke: #000000; stroke-width: 2 }
  .black { fill: #000000; text-anchor: middle }
  .white { fill: #ffffff; text-anchor: middle }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .faint { fill: #9198a1 }
    .paper { fill: #0d1117 }
    .track { fill: #1b222c }
    .black { fill: #000000 }
    .white { fill: #ffffff }
  }
";
