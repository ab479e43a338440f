//! misconception: the channel had no bound. If reading is faster than writing, images pile up
//! between the two until the memory is full: only a bounded channel makes the faster stage wait.

use super::world::{Outcome, mpsc, read, thread, write};

pub fn line(photos: Vec<u32>, _room: usize) -> Vec<Outcome> {
    let (sender, receiver) = mpsc::channel();
    let reader = thread::spawn(move || {
        for photo in photos {
            sender.send(read(photo)).unwrap();
        }
    });
    let outcomes = receiver.iter().map(|image| image.map(write)).collect();
    reader.join().unwrap();
    outcomes
}
