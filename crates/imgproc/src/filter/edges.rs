//! Edges: outlines.

use std::ops::Range;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::grey::luma;
use super::operation::{Operation, Rows};
use super::row::pad;
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
    let (mut padded, mut lengths) = ([(); 3].map(|()| Vec::new()), vec![0; width]);
    for (y, out) in rows.zip(out.chunks_exact_mut(out_stride)) {
        let three = [y.saturating_sub(1), y, (y + 1).min(source.height - 1)];
        for (padded, y) in padded.iter_mut().zip(three) {
            pad(row(y), 1, 1, padded);
        }
        let [above, here, below] = &padded;
        gradients([above, here, below], &mut lengths);
        if channels == 4 {
            let alphas = source.rows(y..y + 1).iter().skip(3).step_by(4);
            for ((out, length), alpha) in out.chunks_exact_mut(4).zip(&lengths).zip(alphas) {
                out[..3].fill(*length);
                out[3] = *alpha;
            }
        } else {
            out.copy_from_slice(&lengths);
        }
    }
}

/// Computes the lengths of a row's gradients from three rows, which have a pixel more on each side.
/// The sums wrap by name (`wrapping_add`): a loop with overflow checks is not vectorised.
fn gradients(rows: [&[u8]; 3], out: &mut [u8]) {
    // All of one length, or each access would be checked.
    let len = out.len();
    let [above, here, below] = rows.map(|row| [&row[..len], &row[1..][..len], &row[2..][..len]]);
    for (x, out) in out.iter_mut().enumerate() {
        // How much there is more at one place than at the other.
        let more = |at: &[u8], than: &[u8]| i16::from(at[x]).wrapping_sub(than[x].into());
        let sum = |outer: i16, inner: i16, other: i16| {
            outer
                .wrapping_add(inner)
                .wrapping_add(inner)
                .wrapping_add(other)
        };
        let [dx, dy] = [
            sum(
                more(above[2], above[0]),
                more(here[2], here[0]),
                more(below[2], below[0]),
            ),
            sum(
                more(below[0], above[0]),
                more(below[1], above[1]),
                more(below[2], above[2]),
            ),
        ];
        let square = |value: i16| i32::from(value).wrapping_mul(value.into());
        let length = (square(dx).wrapping_add(square(dy)) as f32).sqrt();
        // Not `min`, which would ask whether this is a number, too.
        let length = if length < 255.0 { length } else { 255.0 };
        // From 2^23 on there are no fractions: adding that and 256 rounds, and leaves the value in
        // the lowest byte. The root of a whole number below 255 x 255 is a whole number, or has a
        // fraction from 0.001 to 0.999: so with nearly half of it taken away, rounding cuts off.
        *out = (length - 0.4995 + 8_388_864.0).to_bits() as u8;
    }
}
