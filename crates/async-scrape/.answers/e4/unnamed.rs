//! misconception: a guard that is bound to `_` is dropped in the same line, and did its work at
//! once. It has to live until the end of the function: give it a name, such as `_guard`.

use super::world::{Disk, on_drop};

pub async fn save(disk: &Disk, chunks: &[&str]) {
    disk.create("page.part");
    let _ = on_drop(|| disk.remove("page.part"));
    for chunk in chunks {
        if disk.append("page.part", chunk).await.is_err() {
            return;
        }
    }
    disk.rename("page.part", "page");
}
