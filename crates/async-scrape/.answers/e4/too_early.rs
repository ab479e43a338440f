//! misconception: the file was renamed to `page` before its last chunk was written, so `page` may
//! be half a page. Rename when no `.await` is left.

use super::world::{Disk, on_drop};

pub async fn save(disk: &Disk, chunks: &[&str]) {
    let _guard = on_drop(|| disk.remove("page.part"));
    disk.create("page.part");
    disk.rename("page.part", "page");
    for chunk in chunks {
        if disk.append("page", chunk).await.is_err() {
            return;
        }
    }
}
