//! misconception: on one thread nothing runs at the same time, and a race does not need that. At
//! each `.await` another task may run, and what was read before it may be out of date after it.
//! Read after the last `.await`.

use super::world::{Total, fetch};

pub async fn count(total: &Total) {
    let sum = total.get() + fetch().await;
    total.set(sum);
}
