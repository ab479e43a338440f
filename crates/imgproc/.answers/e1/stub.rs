//! Turn a photo grey, in bands of rows, each band in a thread.
//!
//! `grey` is to hold a byte for each pixel of `photo`: 299 of 1000 parts red, 587 green and 114
//! blue, rounded to the nearest integer (a half is rounded up). A band has `rows` rows of `width`
//! pixels, and the last one may have fewer rows. The bytes must be those of a single loop over all
//! pixels, whatever the bands. As it stands, only the first band is right.

use super::world::thread;

pub fn luma(photo: &[[u8; 3]], grey: &mut [u8], width: usize, rows: usize) {
    thread::scope(|scope| {
        for band in grey.chunks_mut(width * rows) {
            scope.spawn(move || {
                for (pixel, byte) in photo.iter().zip(band) {
                    let [r, g, b] = pixel.map(u32::from);
                    *byte = ((299 * r + 587 * g + 114 * b + 500) / 1000) as u8;
                }
            });
        }
    });
}
