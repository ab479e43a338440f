//! misconception: the chunks were written to `page` itself. If the future is dropped in between,
//! half a page has the name of a whole one: write to another file, and rename it at the end.

use super::world::{Disk, on_drop};

pub async fn save(disk: &Disk, chunks: &[&str]) {
    let _guard = on_drop(|| disk.remove("page.part"));
    disk.create("page");
    for chunk in chunks {
        if disk.append("page", chunk).await.is_err() {
            disk.remove("page");
            return;
        }
    }
}
