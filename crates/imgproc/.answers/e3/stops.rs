//! misconception: everything ended with the first photo that failed, and the later photos were
//! never tried. A bad photo is one outcome among others.

use super::world::Worker;

pub fn all(photos: &[u32]) -> Vec<Result<u32, String>> {
    let mut worker = Worker::start();
    let mut outcomes = Vec::new();
    for photo in photos {
        outcomes.push(worker.process(*photo));
        if outcomes.last().is_some_and(Result::is_err) {
            break;
        }
    }
    outcomes
}
