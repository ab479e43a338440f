//! misconception: a photo that failed has no outcome. So nobody learns of the failure, and the
//! outcomes no longer match their photos.

use super::world::Worker;

pub fn all(photos: &[u32]) -> Vec<Result<u32, String>> {
    let mut worker = Worker::start();
    let mut outcomes = Vec::new();
    for photo in photos {
        match worker.process(*photo) {
            Ok(done) => outcomes.push(Ok(done)),
            Err(_) => worker = Worker::start(),
        }
    }
    outcomes
}
