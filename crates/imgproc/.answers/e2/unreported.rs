//! misconception: a photo that could not be read was left out, and nobody learns of it. A failure
//! goes through the channel like an image: it is the outcome of its photo.

use super::world::{Outcome, mpsc, read, thread, write};

pub fn line(photos: Vec<u32>, room: usize) -> Vec<Outcome> {
    let (sender, receiver) = mpsc::sync_channel(room);
    let reader = thread::spawn(move || {
        for image in photos.into_iter().flat_map(read) {
            sender.send(image).unwrap();
        }
    });
    let outcomes = receiver.iter().map(|image| Ok(write(image))).collect();
    reader.join().unwrap();
    outcomes
}
