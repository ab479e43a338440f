//! misconception: the worker that had died was asked again, and all photos after that failed, which
//! were sound. Who dies has to be replaced.

use super::world::Worker;

pub fn all(photos: &[u32]) -> Vec<Result<u32, String>> {
    let mut worker = Worker::start();
    let mut outcomes = Vec::new();
    for photo in photos {
        outcomes.push(worker.process(*photo));
    }
    outcomes
}
