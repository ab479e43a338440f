//! misconception: there are two threads, and one waited until the other was done. Stages that work
//! in turns are no pipeline: the channel has to be read while the other thread still reads photos.

use super::world::{Outcome, mpsc, read, thread, write};

pub fn line(photos: Vec<u32>, room: usize) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for photos in photos.chunks(room.max(1)) {
        let (sender, receiver) = mpsc::sync_channel(photos.len());
        let photos = photos.to_vec();
        let reader = thread::spawn(move || {
            for photo in photos {
                sender.send(read(photo)).unwrap();
            }
        });
        reader.join().unwrap();
        outcomes.extend(receiver.iter().map(|image| image.map(write)));
    }
    outcomes
}
