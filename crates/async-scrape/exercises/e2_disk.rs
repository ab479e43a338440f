//! A call that blocks has to go where it stops nobody else.
//!
//! `write(page)` writes a file, and returns only when the disk is done. All tasks of this runtime
//! share one thread. Write the page so that other tasks run meanwhile, and return when the file is
//! written. `spawn` and `spawn_blocking` are tokio's. As it stands, all other tasks stand still.

use super::world::write;

pub async fn save(page: &'static str) {
    write(page);
}
