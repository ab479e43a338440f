//! A worker process may die, and only the photo that killed it is lost.
//!
//! `Worker::start()` starts a process, and `worker.process(photo)` makes it process a photo. If the
//! worker dies of the photo, that is an error, and this worker can't process any other photo.
//! Return an outcome for each photo, in order. Do not try a photo again that has killed a worker:
//! it would kill the next one, too. To start a worker takes long, so start no more than are needed.
//! As it stands, all photos fail after the first one that kills the worker.

use super::world::Worker;

pub fn all(photos: &[u32]) -> Vec<Result<u32, String>> {
    let mut worker = Worker::start();
    photos.iter().map(|photo| worker.process(*photo)).collect()
}
