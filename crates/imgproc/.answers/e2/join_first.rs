//! misconception: the thread that reads was joined before its images were received. The channel is
//! full, the thread waits for room in it, and nobody makes room: a deadlock. Receive all images
//! first, and join the thread after that.

use super::world::{Outcome, mpsc, read, thread, write};

pub fn line(photos: Vec<u32>, room: usize) -> Vec<Outcome> {
    let (sender, receiver) = mpsc::sync_channel(room);
    let reader = thread::spawn(move || {
        for photo in photos {
            sender.send(read(photo)).unwrap();
        }
    });
    reader.join().unwrap();
    receiver.iter().map(|image| image.map(write)).collect()
}
