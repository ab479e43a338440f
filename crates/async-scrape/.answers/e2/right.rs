//! The runtime has other threads for calls that block; the task awaits their end.

use super::world::{spawn_blocking, write};

pub async fn save(page: &'static str) {
    spawn_blocking(move || write(page)).await.unwrap();
}
