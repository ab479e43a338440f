//! misconception: `as u8` cuts off the fraction, and so does a division of integers: nearly all
//! bytes are too small by up to one. Add a half before that.

use super::world::thread;

pub fn luma(photo: &[[u8; 3]], grey: &mut [u8], width: usize, rows: usize) {
    thread::scope(|scope| {
        let bands = grey.chunks_mut(width * rows);
        for (pixels, band) in photo.chunks(width * rows).zip(bands) {
            scope.spawn(move || {
                for (pixel, byte) in pixels.iter().zip(band) {
                    let [r, g, b] = pixel.map(f64::from);
                    *byte = (0.299 * r + 0.587 * g + 0.114 * b) as u8;
                }
            });
        }
    });
}
