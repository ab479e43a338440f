//! One photo, from file to file: the unit of work, and its steps.

use std::fs::File;
use std::io::Read;
use std::ops::Range;

use anyhow::{Context, Result, bail};
use timing::Lane;

use crate::budget::{Budget, Share};
use crate::buffers::Buffers;
use crate::codec::{self, Band, Encoded, Need, Part, Photo};
use crate::executor::Executor;
use crate::shield::shielded;
use crate::{Done, Outcome, Settings, Task, files};

/// The bytes of pixels that may be in work at once, for few workers, and for each of many.
const IN_WORK: u64 = 1_000_000_000;
const FOR_A_WORKER: u64 = 150_000_000;

/// A photo on its way from the input file to the output file.
pub struct Item {
    /// The pixels, after the steps so far.
    pub photo: Photo,
    /// The sizes so far.
    pub done: Done,
}

/// Processes photos: the settings, and memory that is used again from one photo to the next.
pub struct Processor<'a> {
    /// What is done to each photo.
    pub settings: &'a Settings,
    /// Spare memory.
    pub buffers: Buffers,
    memory: Budget,
}

impl<'a> Processor<'a> {
    /// Makes a processor for so many workers.
    pub fn new(settings: &'a Settings, workers: usize) -> Self {
        Self {
            settings,
            buffers: Buffers::for_workers(workers),
            memory: Budget::new(IN_WORK.max(workers as u64 * FOR_A_WORKER)),
        }
    }

    /// The unit of work: one photo, from file to file. Every strategy does exactly this. They
    /// differ in which worker does which part of it, and when.
    // ANCHOR: process
    pub fn process(&self, task: &Task, by: &mut impl Executor) -> Outcome {
        let steps = || {
            let file = self.read(task, &mut by.lane())?;
            let (item, _share) = self.decode_after(task, file, by, |pixels, lane| {
                self.wait_for_memory(pixels, lane)
            })?;
            let item = self.filter(item, by)?;
            let file = self.encode(task, &item, by)?;
            self.write(task, item, file, &mut by.lane())
        };
        shielded(steps).into()
    }
    // ANCHOR_END: process

    /// Waits until so many pixels have a place among those in work. Photos that are much larger
    /// than most are done by fewer workers at once.
    fn wait_for_memory(&self, pixels: u64, lane: &mut Lane) -> Share<'_> {
        let bytes = 3 * pixels;
        self.memory.try_acquire(bytes).unwrap_or_else(|| {
            let _waiting = lane.wait("memory");
            self.memory.acquire(bytes)
        })
    }

    /// Reads a photo's file.
    ///
    /// # Errors
    /// If there is a result already, or the file can't be read or is not a photo.
    pub fn read(&self, task: &Task, lane: &mut Lane) -> Result<Vec<u8>> {
        let _span = lane.wait("read");
        if !self.settings.force && task.output.exists() {
            bail!(files::exists(&task.output));
        }
        let mut bytes = self.buffers.file();
        bytes.clear();
        let mut file = File::open(&task.input).context("can't open")?;
        // A large file that is not a photo is not read to its end.
        let start = file.by_ref().take(64).read_to_end(&mut bytes);
        start.context("can't read")?;
        codec::check_format(&bytes)?;
        let length = file.metadata().context("can't read")?.len();
        self.settings.limits.check_file(length)?;
        file.read_to_end(&mut bytes).context("can't read")?;
        Ok(bytes)
    }

    /// Decodes a photo from its file's bytes: in parts or in steps, if there are several workers
    /// and the file allows that. When the header is read, and before memory is needed for the
    /// picture, it calls `wait` with the number of pixels.
    ///
    /// # Errors
    /// If they are no photo, or a damaged one.
    pub fn decode_after<T>(
        &self,
        task: &Task,
        file: Vec<u8>,
        by: &mut impl Executor,
        wait: impl FnOnce(u64, &mut Lane) -> T,
    ) -> Result<(Item, T)> {
        let Settings { filter, limits, .. } = *self.settings;
        let mended = codec::mended(&file);
        let encoded = codec::open(&mended, limits)?;
        let pixels = encoded.pixels();
        let waited = wait(pixels, &mut by.lane());
        let mut source = self.buffers.source();
        let need = filter.need(task.format);
        let places = self.decode_together(&encoded, need, by, &mut source);
        let mut lane = by.lane();
        let _span = lane.work("decode");
        let photo = match places {
            Some(places) => encoded.decoded(need, source, &places)?,
            None => encoded.decode(need, source)?,
        };
        let done = Done {
            pixels,
            bytes_in: file.len() as u64,
            bytes_out: 0,
            left_out: photo.metadata.left_out.clone(),
        };
        self.buffers.give_file(file);
        Ok((Item { photo, done }, waited))
    }

    /// Decodes a photo by several workers, to places in `memory`: in parts, if the file has restart
    /// markers, or in steps. Returns nothing if that can't be done, or something is wrong, which
    /// the decoder of the whole then tells.
    fn decode_together(
        &self,
        encoded: &Encoded<'_>,
        need: Need,
        by: &mut impl Executor,
        memory: &mut Vec<u8>,
    ) -> Option<Vec<Range<usize>>> {
        if by.workers() < 2 {
            return None;
        }
        let parts = encoded.parts(need, by.workers(), memory);
        if !parts.is_empty() {
            return by.bands("decode", parts, Part::decode).ok();
        }
        let luma = encoded.in_steps(need, memory)?;
        by.stream("decode", |pass_on| luma.read(pass_on), Band::transform)
            .ok()?;
        Some(Vec::new())
    }

    /// Applies the filter, band by band: so the memory that a filter needs besides the two photos
    /// stays small.
    ///
    /// # Errors
    /// If an executor returns one.
    pub fn filter(&self, item: Item, by: &mut impl Executor) -> Result<Item> {
        let filter = self.settings.filter;
        if filter.is_done(&item.photo) {
            return Ok(item);
        }
        let mut canvas = filter.canvas(&item.photo, self.buffers.result());
        let plans = filter.plans(&item.photo);
        by.bands("filter", canvas.bands_mut(), |(picture, band, out)| {
            plans[picture](band, out);
            Ok(())
        })?;
        drop(plans);
        self.buffers.give_source(item.photo.into_memory());
        Ok(Item {
            photo: canvas,
            ..item
        })
    }

    /// Encodes the result: band by band, if the format allows that.
    ///
    /// # Errors
    /// If the format can't hold the picture.
    pub fn encode(&self, task: &Task, item: &Item, by: &mut impl Executor) -> Result<Vec<u8>> {
        let (photo, spare) = (&item.photo, self.buffers.file());
        let Settings { quality, strip, .. } = *self.settings;
        if task.format.has_bands() {
            let encode = |rows| codec::encode_band(photo, rows, quality, strip);
            let bands = by.bands("encode", photo.bands().collect(), encode)?;
            return codec::join(&bands, photo.height, spare);
        }
        let mut lane = by.lane();
        let _span = lane.work("encode");
        codec::encode(photo, task.format, quality, strip, spare)
    }

    /// Writes the result, whole or not at all.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn write(&self, task: &Task, item: Item, file: Vec<u8>, lane: &mut Lane) -> Result<Done> {
        let _span = lane.wait("write");
        let time = match self.settings.keep_time {
            true => Some(task.input.metadata().and_then(|input| input.modified())),
            false => None,
        };
        let time = time.transpose().context("can't read its time")?;
        files::write(&task.output, &file, self.settings.force, time)?;
        let bytes_out = file.len() as u64;
        self.buffers.give_file(file);
        self.buffers.give_result(item.photo.into_memory());
        Ok(Done {
            bytes_out,
            ..item.done
        })
    }
}

#[cfg(test)]
mod tests {
    use std::ops::DerefMut;

    use timing::Timeline;

    use super::*;
    use crate::codec::Format;
    use crate::filter::{Filter, Invert};
    use crate::samples::SAMPLES;

    /// One worker, that looks at each step whether a byte is left of the memory.
    struct Watching<'a> {
        lane: Lane,
        memory: &'a Budget,
        /// Whether there was none left, step by step.
        full: Vec<(&'static str, bool)>,
    }

    impl Executor for Watching<'_> {
        fn workers(&self) -> usize {
            1
        }

        fn lane(&mut self) -> impl DerefMut<Target = Lane> {
            &mut self.lane
        }

        fn bands<B: Send, T: Send>(
            &mut self,
            step: &'static str,
            bands: Vec<B>,
            work: impl Fn(B) -> Result<T> + Sync,
        ) -> Result<Vec<T>> {
            self.full.push((step, self.memory.try_acquire(1).is_none()));
            self.lane.bands(step, bands, work)
        }

        fn stream<B: Send>(
            &mut self,
            step: &'static str,
            produce: impl FnOnce(&mut dyn FnMut(B)) -> Result<()> + Send,
            work: impl Fn(B) + Sync,
        ) -> Result<()> {
            self.lane.stream(step, produce, work)
        }
    }

    /// Three bytes a pixel, until its result is there.
    #[test]
    fn a_photo_in_work_has_its_share_of_the_memory() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("photo.jpg");
        std::fs::write(&input, SAMPLES[0].1).unwrap();
        let task = Task {
            input,
            output: folder.path().join("result.jpg"),
            format: Format::Jpeg,
        };
        let settings = Settings::new(Filter::Invert(Invert));
        let pixels = codec::open(SAMPLES[0].1, settings.limits).unwrap().pixels();
        for (limit, full) in [(3 * pixels, true), (3 * pixels + 1, false)] {
            let processor = Processor {
                memory: Budget::new(limit),
                ..Processor::new(&settings, 1)
            };
            let mut by = Watching {
                lane: Timeline::off().lane("main"),
                memory: &processor.memory,
                full: Vec::new(),
            };
            let outcome = processor.process(&task, &mut by);
            assert!(outcome.done().is_some(), "{outcome:?}");
            assert_eq!(by.full, [("filter", full), ("encode", full)], "{limit}");
            assert!(processor.memory.try_acquire(limit).is_some());
            std::fs::remove_file(&task.output).unwrap();
        }
    }
}
