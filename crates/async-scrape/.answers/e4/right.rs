//! A destructor does what has to be done in any case. After the renaming there is no part that it
//! could remove.

use super::world::{Disk, on_drop};

pub async fn save(disk: &Disk, chunks: &[&str]) {
    let _guard = on_drop(|| disk.remove("page.part"));
    disk.create("page.part");
    for chunk in chunks {
        if disk.append("page.part", chunk).await.is_err() {
            return;
        }
    }
    disk.rename("page.part", "page");
}
