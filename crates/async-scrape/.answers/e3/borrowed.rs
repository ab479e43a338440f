//! misconception: the total was borrowed across an `.await`, and the other task wanted it
//! meanwhile. On one thread nobody can wait for it: a `RefCell` panics, and a `Mutex` of the
//! standard library would stop the thread for ever. Let go before you await.

use super::world::{Total, fetch};

pub async fn count(total: &Total) {
    let mut borrowed = total.bytes.borrow_mut();
    let bytes = fetch().await;
    *borrowed += bytes;
}
