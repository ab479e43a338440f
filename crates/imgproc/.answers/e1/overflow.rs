//! misconception: 587 times 255 does not fit into the type in which it was computed. The result is
//! a byte, but the sum before the division needs 18 bits: compute in `u32`.

use super::world::thread;

pub fn luma(photo: &[[u8; 3]], grey: &mut [u8], width: usize, rows: usize) {
    thread::scope(|scope| {
        let bands = grey.chunks_mut(width * rows);
        for (pixels, band) in photo.chunks(width * rows).zip(bands) {
            scope.spawn(move || {
                for (pixel, byte) in pixels.iter().zip(band) {
                    let [r, g, b] = pixel.map(u16::from);
                    *byte = ((299 * r + 587 * g + 114 * b + 500) / 1000) as u8;
                }
            });
        }
    });
}
