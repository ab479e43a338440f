//! One photo, from file to file: the unit of work, and its steps.

use anyhow::{Context, Result, bail};
use timing::Lane;

use crate::buffers::Buffers;
use crate::codec::{self, Photo};
use crate::filter::Filter;
use crate::shield::shielded;
use crate::{Done, Outcome, Settings, Task, files};

/// A photo on its way from the input file to the output file.
pub struct Item {
    /// Its pixels, as they are by now.
    pub photo: Photo,
    /// What there is to tell of it so far.
    pub done: Done,
}

/// A desk to work at: the settings, and memory that goes from one photo to the next.
pub struct Desk<'a> {
    /// What is done to each photo.
    pub settings: &'a Settings,
    /// Spare memory.
    pub buffers: Buffers,
}

impl<'a> Desk<'a> {
    /// A desk at which so many workers find room.
    pub fn new(settings: &'a Settings, workers: usize) -> Self {
        Self {
            settings,
            buffers: Buffers::for_workers(workers),
        }
    }

    /// The unit of work: one photo, from file to file. Every strategy does exactly this, and they
    /// differ in who does which part of it, and when.
    // ANCHOR: process
    pub fn process(&self, task: &Task, lane: &mut Lane) -> Outcome {
        let steps = || {
            let item = self.load(task, lane)?;
            let item = self.filter(item, lane)?;
            let file = self.encode(task, &item, lane)?;
            self.save(task, item, file, lane)
        };
        shielded(steps).into()
    }
    // ANCHOR_END: process

    /// Reads and decodes a photo.
    ///
    /// # Errors
    /// If there is a result already, or the file can't be read or decoded.
    pub fn load(&self, task: &Task, lane: &mut Lane) -> Result<Item> {
        let file = self.read(task, lane)?;
        self.decode(file, lane)
    }

    /// Reads a photo's file.
    ///
    /// # Errors
    /// If there is a result already, or the file can't be read.
    pub fn read(&self, task: &Task, lane: &mut Lane) -> Result<Vec<u8>> {
        let _span = lane.wait("read");
        if !self.settings.force && task.output.exists() {
            bail!(files::exists(&task.output));
        }
        let mut bytes = self.buffers.file();
        bytes.clear();
        let mut file = std::fs::File::open(&task.input).context("can't open")?;
        std::io::Read::read_to_end(&mut file, &mut bytes).context("can't read")?;
        Ok(bytes)
    }

    /// Decodes a photo from its file's bytes.
    ///
    /// # Errors
    /// If they are no photo, or a damaged one.
    pub fn decode(&self, file: Vec<u8>, lane: &mut Lane) -> Result<Item> {
        let _span = lane.work("decode");
        let Settings { filter, limits, .. } = *self.settings;
        let spare = self.buffers.source();
        let photo = codec::decode(&file, filter.wants_luma(), limits, spare)?;
        let done = Done {
            pixels: photo.width as u64 * photo.height as u64,
            bytes_in: file.len() as u64,
            bytes_out: 0,
        };
        self.buffers.give_file(file);
        Ok(Item { photo, done })
    }

    /// Applies the filter.
    ///
    /// # Errors
    /// If the filter refuses the picture.
    pub fn filter(&self, item: Item, lane: &mut Lane) -> Result<Item> {
        let filter = self.settings.filter;
        if filter.is_done(&item.photo) {
            return Ok(item);
        }
        let _span = lane.work("filter");
        let mut canvas = filter.canvas(&item.photo, self.buffers.result());
        if let Filter::Thumbnail { .. } = filter {
            // It would compute its kernel's weights anew for each band.
            filter.rows(&item.photo, 0..item.photo.height, &mut canvas.pixels)?;
        } else {
            // In bands, so that what a filter needs beside the two photos stays small.
            for (rows, out) in canvas.bands_mut() {
                filter.rows(&item.photo, rows, out)?;
            }
        }
        self.finish(item, canvas)
    }

    /// Does what the filter has left when all rows are there, and takes the memory back that is no longer needed.
    ///
    /// # Errors
    /// If the filter refuses the picture.
    pub fn finish(&self, item: Item, canvas: Photo) -> Result<Item> {
        let photo = match self.settings.filter.finish(&item.photo, &canvas)? {
            Some(photo) => {
                self.buffers.give_result(canvas.pixels);
                photo
            }
            None => canvas,
        };
        self.buffers.give_source(item.photo.pixels);
        Ok(Item { photo, ..item })
    }

    /// Encodes the result.
    ///
    /// # Errors
    /// If the format can't hold the picture.
    pub fn encode(&self, task: &Task, item: &Item, lane: &mut Lane) -> Result<Vec<u8>> {
        let _span = lane.work("encode");
        let Settings { quality, strip, .. } = *self.settings;
        let format = files::output_format(task);
        let spare = self.buffers.file();
        codec::encode(&item.photo, format, quality, strip, spare)
    }

    /// Writes the result, whole or not at all.
    ///
    /// # Errors
    /// If the file system says no.
    pub fn save(&self, task: &Task, item: Item, file: Vec<u8>, lane: &mut Lane) -> Result<Done> {
        let _span = lane.wait("write");
        files::write(&task.output, &file, self.settings.force)?;
        let bytes_out = file.len() as u64;
        self.buffers.give_file(file);
        // A thumbnail's would be too small for the next photo's canvas, and that has come back already.
        if !matches!(self.settings.filter, Filter::Thumbnail { .. }) {
            self.buffers.give_result(item.photo.pixels);
        }
        Ok(Done {
            bytes_out,
            ..item.done
        })
    }
}
