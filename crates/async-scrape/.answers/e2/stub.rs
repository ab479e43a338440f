//! A blocking call must run where it does not stop the other tasks.
//!
//! `write(page)` writes a file, and returns only when the disk is done. All tasks of this runtime
//! share one thread. Write the page so that other tasks run meanwhile, and return when the file is
//! written. tokio's `spawn` and `spawn_blocking` are in `super::world`, too. As it stands, all
//! other tasks stand still.

use super::world::write;

pub async fn save(page: &'static str) {
    write(page);
}
