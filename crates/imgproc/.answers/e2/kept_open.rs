//! misconception: nobody closes the channel. A receiver's loop ends when all senders are gone, and
//! one is still there: the thread that reads got a clone. Move the sender itself into the thread,
//! or drop it before the loop.

use super::world::{Outcome, mpsc, read, thread, write};

pub fn line(photos: Vec<u32>, room: usize) -> Vec<Outcome> {
    let (sender, receiver) = mpsc::sync_channel(room);
    let of_reader = sender.clone();
    let reader = thread::spawn(move || {
        for photo in photos {
            of_reader.send(read(photo)).unwrap();
        }
    });
    let outcomes = receiver.iter().map(|image| image.map(write)).collect();
    reader.join().unwrap();
    drop(sender);
    outcomes
}
