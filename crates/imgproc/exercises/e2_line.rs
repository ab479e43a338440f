//! A pipeline of two stages: one thread reads photos, another one writes them.
//!
//! `read` returns a photo's image, or why it can't be read; `write` writes an image. Both stages
//! must be able to work at the same time, but at most `room` images may lie between them, as images
//! are large. Return an outcome for each photo, in any order: `Ok` with its number when it was
//! written, or the error. `mpsc::sync_channel(room)` holds so many, and `send` waits while it is
//! full; a receiver's loop ends when all senders are gone. As it stands, the stages work in turns.

use super::world::{Outcome, read, write};

pub fn line(photos: Vec<u32>, _room: usize) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for photo in photos {
        outcomes.push(read(photo).map(write));
    }
    outcomes
}
