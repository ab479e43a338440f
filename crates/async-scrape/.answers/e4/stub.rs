//! A future that is dropped must leave no half-written file behind.
//!
//! `save` writes a page, chunk by chunk. Its future may be dropped at any `.await`, and then the
//! code after that is never run. Whenever that happens, there must be no `page.part`, and `page`
//! must be whole or not there at all. `on_drop(f)` returns a guard that calls `f` when it is
//! dropped. As it stands, the part is removed only if a write fails.

use super::world::{Disk, on_drop};

pub async fn save(disk: &Disk, chunks: &[&str]) {
    let _not_used = on_drop(|| {});
    disk.create("page.part");
    for chunk in chunks {
        if disk.append("page.part", chunk).await.is_err() {
            disk.remove("page.part");
            return;
        }
    }
    disk.rename("page.part", "page");
}
