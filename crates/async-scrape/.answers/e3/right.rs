//! Between the read and the write there is no `.await`, so no other task can come in between.

use super::world::{Total, fetch};

pub async fn count(total: &Total) {
    let bytes = fetch().await;
    total.set(total.get() + bytes);
}
