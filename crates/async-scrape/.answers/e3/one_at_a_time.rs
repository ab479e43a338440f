//! misconception: the lock was held during the fetch. Nothing gets lost so, and the pages are
//! fetched one after the other, as if there were one task. Only what belongs together needs to be
//! kept together, and without an `.await` in it, it is.

use super::world::{Total, fetch};

pub async fn count(total: &Total) {
    let _alone = total.alone().await;
    let before = total.get();
    let bytes = fetch().await;
    total.set(before + bytes);
}
