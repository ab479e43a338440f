//! Two tasks, one thread, and still an update gets lost.
//!
//! Each of two tasks calls `count`, on the same thread. It adds the bytes of a page to a total that
//! both share. `fetch().await` takes a while, and returns the number of bytes. In every order in
//! which the tasks can be run, the total must be right, and both must be able to fetch at the same
//! time. (`total.alone().await` takes a lock. A right answer does not need it.)

use super::world::{Total, fetch};

pub async fn count(total: &Total) {
    let before = total.get();
    let bytes = fetch().await;
    total.set(before + bytes);
}
