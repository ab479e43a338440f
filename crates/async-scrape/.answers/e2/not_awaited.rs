//! misconception: the call was started, and its end was not waited for: `save` returned before the
//! file was written. Await the handle.

use super::world::{spawn_blocking, write};

pub async fn save(page: &'static str) {
    spawn_blocking(move || write(page));
}
