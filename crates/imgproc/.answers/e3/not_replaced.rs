//! misconception: the dead worker was used again, so all later photos failed, though they are
//! sound. A worker that died has to be replaced.

use super::world::Worker;

pub fn all(photos: &[u32]) -> Vec<Result<u32, String>> {
    let mut worker = Worker::start();
    let mut outcomes = Vec::new();
    for photo in photos {
        outcomes.push(worker.process(*photo));
    }
    outcomes
}
