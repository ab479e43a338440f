//! Edges: outlines.

use std::ops::Range;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::grey::luma;
use super::operation::{Operation, Rows};
use crate::codec::Photo;

/// The length of the gradient of the grey value, by Sobel's two 3 x 3 kernels. Beyond the border
/// the outermost pixels repeat.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Args)]
pub struct Edges;

impl Operation for Edges {
    const HELP: &'static str = "Outlines (Sobel)";

    fn luma_is_enough(&self) -> bool {
        true
    }

    fn plan<'a>(&self, source: &'a Photo) -> Rows<'a> {
        Box::new(|rows, out| {
            edges(source, rows, out);
        })
    }
}

fn edges(source: &Photo, rows: Range<usize>, out: &mut [u8]) {
    let (width, channels) = (source.width, source.channels);
    // The kernels need one more row on each side, where there is one.
    let first = rows.start.saturating_sub(1);
    let last = (rows.end + 1).min(source.height);
    let mut converted = Vec::new();
    let grey = if channels == 1 {
        source.rows(first..last)
    } else {
        converted.extend(source.rows(first..last).chunks_exact(channels).map(luma));
        &converted
    };
    let row = |y: usize| &grey[(y - first) * width..][..width];
    let out_stride = out.len() / rows.len();
    for (y, out) in rows.zip(out.chunks_exact_mut(out_stride)) {
        let above = row(y.saturating_sub(1));
        let here = row(y);
        let below = row((y + 1).min(source.height - 1));
        for x in 0..width {
            let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
            let at = |row: &[u8], x: usize| i32::from(row[x]);
            let dx = at(above, right) - at(above, left) + at(below, right) - at(below, left)
                + 2 * (at(here, right) - at(here, left));
            let dy = at(below, left) - at(above, left) + at(below, right) - at(above, right)
                + 2 * (at(below, x) - at(above, x));
            let length = ((dx * dx + dy * dy) as f32).sqrt().min(255.0) as u8;
            if channels == 4 {
                out[4 * x..4 * x + 3].fill(length);
                out[4 * x + 3] = source.pixels[(y * width + x) * 4 + 3];
            } else {
                out[x] = length;
            }
        }
    }
}
