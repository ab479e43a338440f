//! misconception: on one thread no two tasks run at the same time, but a race does not need that.
//! At each `.await` another task may run, and a value that was read before it may be out of date
//! after it. Read after the last `.await`.

use super::world::{Total, fetch};

pub async fn count(total: &Total) {
    let sum = total.get() + fetch().await;
    total.set(sum);
}
