//! A pipeline of two stages: one thread reads photos, another one writes them.
//!
//! `read(photo)` returns an image, or an error if it can't be read. `write(image)` writes it, and
//! returns the photo's number. Both stages must be able to work at the same time, but at most
//! `room` images may wait between them, as images are large. Return an outcome for each photo, in
//! any order: `Ok` with its number, or the error. The channel `mpsc::sync_channel(room)` has room
//! for that: `send` waits while it is full, and a receiver's loop ends when all senders are gone.
//! `mpsc` and `thread` are in `super::world`, too. As it stands, the stages work in turns.

use super::world::{Outcome, read, write};

pub fn line(photos: Vec<u32>, _room: usize) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for photo in photos {
        outcomes.push(read(photo).map(write));
    }
    outcomes
}
