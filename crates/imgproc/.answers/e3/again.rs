//! misconception: the photo that had killed a worker was given to the next worker, which died of
//! it, too. A second try helps against bad luck, and not against a bad photo: count the photo as
//! failed.

use super::world::Worker;

pub fn all(photos: &[u32]) -> Vec<Result<u32, String>> {
    let mut worker = Worker::start();
    let mut outcomes = Vec::new();
    for photo in photos {
        let mut outcome = worker.process(*photo);
        for _ in 0..3 {
            if outcome.is_err() {
                worker = Worker::start();
                outcome = worker.process(*photo);
            }
        }
        if outcome.is_err() {
            worker = Worker::start();
        }
        outcomes.push(outcome);
    }
    outcomes
}
