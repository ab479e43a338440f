//! A bounded channel, whose only sender belongs to the thread that reads.

use super::world::{Outcome, mpsc, read, thread, write};

pub fn line(photos: Vec<u32>, room: usize) -> Vec<Outcome> {
    let (sender, receiver) = mpsc::sync_channel(room);
    let reader = thread::spawn(move || {
        for photo in photos {
            sender.send(read(photo)).unwrap();
        }
    });
    let outcomes = receiver.iter().map(|image| image.map(write)).collect();
    reader.join().unwrap();
    outcomes
}
