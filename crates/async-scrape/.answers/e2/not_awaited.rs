//! misconception: the call was sent away, and nobody waited for its end: `save` returned before
//! there was a file. Await the handle.

use super::world::{spawn_blocking, write};

pub async fn save(page: &'static str) {
    spawn_blocking(move || write(page));
}
