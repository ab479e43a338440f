//! Memory that goes from one photo to the next. A fresh buffer a photo costs a page fault for every 4 KiB,
//! which for 12 megapixels is more than some filters cost.

use crossbeam::queue::ArrayQueue;

/// Spare buffers, shared by the workers of a run without a lock.
#[derive(Debug)]
pub struct Buffers {
    // Kept apart by what they hold: otherwise each would grow to the size of the largest.
    sources: ArrayQueue<Vec<u8>>,
    results: ArrayQueue<Vec<u8>>,
    files: ArrayQueue<Vec<u8>>,
}

impl Buffers {
    /// Room for the spare buffers of so many workers: a source, a result and two files each.
    pub fn for_workers(workers: usize) -> Self {
        let workers = workers.max(1);
        // What a codec or a filter allocates for a band, and frees, should stay in this process. glibc gives blocks of this
        // size back to the system at once, until it sees a larger one freed (mallopt(3), M_MMAP_THRESHOLD): here it is. With
        // 48 grey photos of 12 megapixels that saved 1.2 of 2.8 s of CPU. Other allocators do not care.
        drop(std::hint::black_box(Vec::<u8>::with_capacity(8 << 20)));
        Self {
            sources: ArrayQueue::new(workers),
            results: ArrayQueue::new(workers),
            files: ArrayQueue::new(2 * workers),
        }
    }

    /// A spare buffer to decode into, or a new one. What it holds is of no meaning.
    pub fn source(&self) -> Vec<u8> {
        // Where a photo is its own result, all of them are given back as results.
        let spare = self.sources.pop().or_else(|| self.results.pop());
        spare.unwrap_or_default()
    }

    /// A spare buffer for a filter's result, or a new one.
    pub fn result(&self) -> Vec<u8> {
        self.results.pop().unwrap_or_default()
    }

    /// A spare buffer for a file's bytes, or a new one.
    pub fn file(&self) -> Vec<u8> {
        self.files.pop().unwrap_or_default()
    }

    /// Takes back what a photo was decoded into. If there are enough, it is freed.
    pub fn give_source(&self, buffer: Vec<u8>) {
        let _ = self.sources.push(buffer);
    }

    /// Takes back a result.
    pub fn give_result(&self, buffer: Vec<u8>) {
        let _ = self.results.push(buffer);
    }

    /// Takes back a buffer for a file's bytes.
    pub fn give_file(&self, buffer: Vec<u8>) {
        let _ = self.files.push(buffer);
    }
}
