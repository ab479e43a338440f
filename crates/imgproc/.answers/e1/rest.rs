//! misconception: `chunks_exact` leaves out what does not fill a whole band, so the last rows stay
//! black wherever the rows of the photo are no multiple of those of a band. `chunks` has them.

use super::world::thread;

pub fn luma(photo: &[[u8; 3]], grey: &mut [u8], width: usize, rows: usize) {
    thread::scope(|scope| {
        let bands = grey.chunks_exact_mut(width * rows);
        for (pixels, band) in photo.chunks_exact(width * rows).zip(bands) {
            scope.spawn(move || {
                for (pixel, byte) in pixels.iter().zip(band) {
                    let [r, g, b] = pixel.map(u32::from);
                    *byte = ((299 * r + 587 * g + 114 * b + 500) / 1000) as u8;
                }
            });
        }
    });
}
