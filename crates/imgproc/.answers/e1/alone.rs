//! misconception: no thread was started for a band: the thread that cuts the bands computes them,
//! one after the other. `scope.spawn(move || ...)` starts a thread for a band.

use super::world::thread;

pub fn luma(photo: &[[u8; 3]], grey: &mut [u8], width: usize, rows: usize) {
    thread::scope(|_scope| {
        let bands = grey.chunks_mut(width * rows);
        for (pixels, band) in photo.chunks(width * rows).zip(bands) {
            for (pixel, byte) in pixels.iter().zip(band) {
                let [r, g, b] = pixel.map(u32::from);
                *byte = ((299 * r + 587 * g + 114 * b + 500) / 1000) as u8;
            }
        }
    });
}
