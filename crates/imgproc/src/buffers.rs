//! Memory that goes from one photo to the next. A fresh buffer a photo costs a page fault for every 4 KiB,
//! which for 12 megapixels is more than some filters cost.

use crossbeam::queue::ArrayQueue;

/// Spare buffers, shared by the workers of a run without a lock.
#[derive(Debug)]
pub struct Buffers {
    // Kept apart by what they hold: otherwise each would grow to the size of the largest.
    pixels: ArrayQueue<Vec<u8>>,
    files: ArrayQueue<Vec<u8>>,
}

impl Buffers {
    /// Room for the spare buffers of so many workers: two pictures and two files each.
    pub fn for_workers(workers: usize) -> Self {
        Self {
            pixels: ArrayQueue::new(2 * workers.max(1)),
            files: ArrayQueue::new(2 * workers.max(1)),
        }
    }

    /// A spare buffer for pixels, or a new one. What it holds is of no meaning.
    pub fn pixels(&self) -> Vec<u8> {
        self.pixels.pop().unwrap_or_default()
    }

    /// A spare buffer for a file's bytes, or a new one.
    pub fn file(&self) -> Vec<u8> {
        self.files.pop().unwrap_or_default()
    }

    /// Takes back a buffer for pixels. If there are enough, it is freed.
    pub fn give_pixels(&self, buffer: Vec<u8>) {
        let _ = self.pixels.push(buffer);
    }

    /// Takes back a buffer for a file's bytes.
    pub fn give_file(&self, buffer: Vec<u8>) {
        let _ = self.files.push(buffer);
    }
}
