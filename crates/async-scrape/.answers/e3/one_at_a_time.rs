//! misconception: the lock was held during the fetch. No update gets lost, but the pages are
//! fetched one after the other. Only the read and the write have to stay together, and without an
//! `.await` between them they do.

use super::world::{Total, fetch};

pub async fn count(total: &Total) {
    let _alone = total.alone().await;
    let before = total.get();
    let bytes = fetch().await;
    total.set(before + bytes);
}
