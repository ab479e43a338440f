//! misconception: it was written to `page` itself. Whenever it is dropped, or killed, half a page
//! stands there under the name of a whole one: write to another file, and rename that at the end.

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
